/** How the reading goes while it goes on, and what came of it: pages, tokens, time, pages that could not be read. */
import type { ReadingProgress } from 'model-runtime/contract';
import type { JSX } from 'react';
import { failureText } from '../../failure-text.ts';
import type { OpenDocument, PageStanding } from '../../open-document.ts';
import { Button } from '../../ui/button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { countText, durationText, numberText, pageRunText, pageRuns, timeLeftText } from '../../wording.ts';
import type { Passage } from './passage.ts';
import styles from './reading-report.module.css';

/** What the report shows and reports. */
export interface ReadingReportProps {
  document: OpenDocument;
  standings: readonly PageStanding[];
  onStop: () => void;
  onRetry: () => void;
  onJump: (passage: Passage) => void;
}

/** One or two lines under the header. */
export function ReadingReport({ document, standings, onStop, onRetry, onJump }: ReadingReportProps): JSX.Element {
  const { state } = document;
  const toPage = (pageNumber: number): void => {
    if (document.documentId !== null) onJump({ documentId: document.documentId, pageNumber, boxes: [] });
  };
  return (
    <div className={styles['report']}>
      {state.kind === 'reading' ? <Reading name={document.name} progress={state.progress} onStop={onStop} /> : null}
      {state.kind === 'waiting' ? <Line text="Waits until the document before it has been read." action="Stop" onAction={onStop} /> : null}
      {state.kind === 'stopped' ? (
        <Line text="You stopped the reading. It cannot be asked yet." action="Read it" onAction={onRetry} />
      ) : null}
      {state.kind === 'ready' ? (
        <p className={styles['line']}>
          <span>
            {countText(state.summary.pageCount, 'page')} · {numberText(state.summary.tokens)} tokens
          </span>
          <span className={styles['quiet']}>
            {state.summary.cached ? 'kept from before' : `read in ${durationText(state.summary.elapsedMs)}`}
            {state.summary.mode === 'book' ? (
              <span title="It is longer than the model takes at once, so each part was read by itself. Answers draw on all of them.">
                {', in parts'}
              </span>
            ) : null}
          </span>
        </p>
      ) : null}
      {state.kind === 'reading' && state.notKept !== undefined ? (
        <p className={styles['notKept']}>
          It cannot be kept on the way: {failureText(state.notKept).title} If it is interrupted, it is read from the beginning.
        </p>
      ) : null}
      {state.kind === 'ready' && state.summary.storeFailure !== null ? (
        <p className={styles['notKept']}>
          It could not be kept for next time: {failureText(state.summary.storeFailure).title} It can be asked all the same.
        </p>
      ) : null}
      <Unread standings={standings} onPage={toPage} />
    </div>
  );
}

function Reading({ name, progress, onStop }: { name: string; progress: ReadingProgress | null; onStop: () => void }): JSX.Element {
  const text = progress === null ? 'Opening…' : progressText(progress);
  return (
    <div className={styles['reading']}>
      <p className={styles['line']}>
        <span className={styles['words']}>
          <span>{text}</span>
          <span className={styles['timeLeft']}>
            {progress === null || progress.secondsLeft === null ? '' : timeLeftText(progress.secondsLeft)}
          </span>
        </span>
        <Button look="plain" className={styles['button']} onClick={onStop} aria-label={`Stop reading ${name}`}>
          Stop
        </Button>
      </p>
      <ProgressBar fraction={progress?.fraction ?? null} label={`Reading ${name}`} valueText={text} />
    </div>
  );
}

function progressText({ pagesRead, pageCount, tokens, fraction }: ReadingProgress): string {
  return `Reading · ${numberText(pagesRead)} of ${countText(pageCount, 'page')} · ${numberText(tokens)} tokens · ${Math.floor(100 * fraction)}%`;
}

function Line({ text, action, onAction }: { text: string; action: string; onAction: () => void }): JSX.Element {
  return (
    <p className={styles['line']}>
      <span>{text}</span>
      <Button look="plain" className={styles['button']} onClick={onAction}>
        {action}
      </Button>
    </p>
  );
}

/** Pages that did not go in, by reason, each a way to it. */
function Unread({ standings, onPage }: { standings: readonly PageStanding[]; onPage: (pageNumber: number) => void }): JSX.Element | null {
  const unread = standings.filter(({ read }) => read === 'none');
  if (unread.length === 0) return null;
  const reasons = Map.groupBy(unread, ({ because }) => because ?? 'nothing readable');
  return (
    <details className={styles['unread']}>
      <summary>{unread.length === standings.length ? 'No page' : countText(unread.length, 'page')} could not be read</summary>
      <ul>
        {[...reasons].map(([because, pages]) => (
          <li key={because} className={styles['reason']}>
            <span>{because}: page</span>
            {pageRuns(pages.map(({ pageNumber }) => pageNumber)).map((run) => (
              <Button key={run.from} look="quiet" className={styles['show']} onClick={() => onPage(run.from)}>
                {pageRunText(run)}
              </Button>
            ))}
          </li>
        ))}
      </ul>
    </details>
  );
}
