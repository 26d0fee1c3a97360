/** The chosen document: how its reading goes, and its pages. */
import { type JSX, useState } from 'react';
import { failureText } from '../../failure-text.ts';
import { type OpenDocument, pageStandings } from '../../open-document.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import type { Pages } from './page-store.ts';
import { PageScroll } from './page-scroll.tsx';
import type { Jump, Passage } from './passage.ts';
import { ReaderHeader, type ReaderView } from './reader-header.tsx';
import { ReadingReport } from './reading-report.tsx';
import { UnlockForm } from './unlock-form.tsx';
import styles from './reader-panel.module.css';

/** What the reader shows and reports. */
export interface ReaderPanelProps {
  document: OpenDocument | null;
  pages: Pages;
  /** Passages to mark. */
  marks: readonly Passage[];
  /** Where to look now. */
  jump: Jump | null;
  onJump: (passage: Passage) => void;
  onStop: (key: string) => void;
  onRetry: (key: string) => void;
  onUnlock: (key: string, password: string) => void;
  onRemove: (key: string) => void;
}

/** The middle of the page. */
export function ReaderPanel(props: ReaderPanelProps): JSX.Element {
  const { document } = props;
  const [view, setView] = useState<ReaderView>({ shows: 'pictures', zoom: 1 });
  const [offsets] = useState(() => new Map<string, number>());
  return (
    <main aria-label="Pages" className={styles['panel']}>
      {document === null ? (
        <p className={styles['nothing']}>Choose a document on the left.</p>
      ) : (
        <Reader {...props} document={document} key={document.key} view={view} onView={setView} offsets={offsets} />
      )}
    </main>
  );
}

interface ReaderProps extends ReaderPanelProps {
  document: OpenDocument;
  view: ReaderView;
  onView: (view: ReaderView) => void;
  /** How far each document was scrolled when it was last left, by its id. */
  offsets: Map<string, number>;
}

function Reader(props: ReaderProps): JSX.Element {
  const { document, pages, marks, jump, view, offsets, onJump, onStop, onRetry, onUnlock, onRemove } = props;
  const { key, documentId, state } = document;
  const standings = pageStandings(document);
  const marksHere = marks.filter((mark) => mark.documentId === documentId);
  const canShowPages = documentId !== null && standings.length > 0 && state.kind !== 'locked' && state.kind !== 'failed';

  return (
    <>
      <ReaderHeader document={document} view={view} onView={canShowPages ? props.onView : null} />
      {state.kind === 'reading' || state.kind === 'ready' || state.kind === 'waiting' || state.kind === 'stopped' ? (
        <ReadingReport document={document} standings={standings} onStop={() => onStop(key)} onRetry={() => onRetry(key)} onJump={onJump} />
      ) : null}
      {state.kind === 'locked' ? (
        <UnlockForm
          name={document.name}
          password={state.password}
          onUnlock={(password) => onUnlock(key, password)}
          onRemove={() => onRemove(key)}
        />
      ) : null}
      {state.kind === 'failed' ? <Refusal document={document} onRetry={() => onRetry(key)} onRemove={() => onRemove(key)} /> : null}
      {canShowPages ? (
        <PageScroll
          documentId={documentId}
          standings={standings}
          pages={pages}
          view={view}
          marks={marksHere}
          jump={jump}
          offsets={offsets}
          onJump={onJump}
        />
      ) : null}
    </>
  );
}

function Refusal({
  document,
  onRetry,
  onRemove,
}: {
  document: OpenDocument;
  onRetry: () => void;
  onRemove: () => void;
}): JSX.Element | null {
  if (document.state.kind !== 'failed') return null;
  const { failure } = document.state;
  const { title, advice, mayRetry } = failureText(failure);
  return (
    <div className={styles['centre']}>
      <div className={styles['refusal']}>
        <Notice title={title} advice={advice} details={`${failure.code}: ${failure.message}`}>
          {mayRetry ? <Button onClick={onRetry}>Try again</Button> : null}
          <Button onClick={onRemove}>Remove from the list</Button>
        </Notice>
      </div>
    </div>
  );
}
