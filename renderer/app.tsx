/**
 * The whole page: which panels stand where, and how what happens in one reaches the others.
 *
 * The features know nothing of one another; everything between them passes through here.
 */
import { Tooltip } from '@base-ui/react/tooltip';
import type { Citation } from 'model-runtime/contract';
import { type JSX, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useAnnouncements } from './announcements.ts';
import type { PlaceInDocument } from './features/ask/answer-card.tsx';
import { AskPanel, type AskableDocument } from './features/ask/ask-panel.tsx';
import { EngineBanner } from './features/engine/engine-banner.tsx';
import { DropVeil } from './features/library/drop-veil.tsx';
import { LibraryPanel } from './features/library/library-panel.tsx';
import { Welcome } from './features/library/welcome.tsx';
import { AboutModel } from './features/model/about-model.tsx';
import type { Jump, Passage } from './features/reader/passage.ts';
import { ReaderPanel } from './features/reader/reader-panel.tsx';
import { ThemeMenu } from './features/settings/theme-menu.tsx';
import type { Host } from './host.ts';
import type { OpenDocument } from './open-document.ts';
import { type PanelName, PanelTabs } from './panel-tabs.tsx';
import { useShortcuts } from './shortcuts.ts';
import type { Stores } from './stores.ts';
import { LiveRegion } from './ui/live-region.tsx';
import { Toast } from './ui/toast.tsx';
import styles from './app.module.css';

const UNDO_LASTS_MS = 6000;

/** The page. */
export function App({ host, stores }: { host: Host; stores: Stores }): JSX.Element {
  const { library, conversation, pages, engine } = stores;
  const { documents, selectedKey, removed } = useStore(library.state);
  const [panel, setPanel] = useState<PanelName>('pages');
  const questionField = useRef<HTMLTextAreaElement>(null);
  const selected = documents.find((document) => document.key === selectedKey) ?? null;
  const places = usePlaces(stores, documents, selected, setPanel);
  const scope = useScope(documents, selectedKey);
  const announcement = useAnnouncements(stores);

  const choose = useCallback(() => void host.chooseDocuments().then(library.add), [host, library]);
  const takeFiles = useCallback((files: File[]) => void host.acceptFiles(files).then(library.add), [host, library]);
  const focusQuestion = useCallback(() => {
    setPanel('ask');
    requestAnimationFrame(() => questionField.current?.focus());
  }, []);
  useShortcuts({ onOpen: choose, onQuestion: focusQuestion, onStop: conversation.stop });

  const foot = (
    <>
      <AboutModel facts={stores.facts} />
      <ThemeMenu settings={stores.settings} className={styles['footButton']} />
    </>
  );
  return (
    <Tooltip.Provider>
      <div className={styles['app']}>
        <EngineBanner engine={engine} hasDocuments={documents.length > 0} />
        {documents.length === 0 ? (
          <Welcome onChoose={choose} foot={foot} />
        ) : (
          <div className={styles['panels']} data-panel={panel}>
            <LibraryPanel library={library} onChoose={choose} onSelected={() => setPanel('pages')} foot={foot} />
            <ReaderPanel
              document={selected}
              pages={pages}
              marks={places.marks}
              jump={places.jump}
              onJump={places.lookAt}
              onStop={library.stop}
              onRetry={library.retry}
              onUnlock={library.unlock}
              onRemove={library.remove}
            />
            <AskPanel
              conversation={conversation}
              documents={scope.askable}
              questionField={questionField}
              onInclude={scope.include}
              onPlace={places.show}
              nameOf={(documentId) => documents.find((document) => document.documentId === documentId)?.name ?? null}
            />
            <PanelTabs panel={panel} onPanel={setPanel} />
          </div>
        )}
        {removed === null ? null : (
          <Toast
            key={removed.key}
            message={`Removed ${removed.name}`}
            action="Undo"
            lastsMs={UNDO_LASTS_MS}
            onAction={library.undoRemove}
            onGone={library.forgetRemoved}
          />
        )}
        <DropVeil onFiles={takeFiles} />
        <LiveRegion text={announcement} />
      </div>
    </Tooltip.Provider>
  );
}

interface Places {
  marks: readonly Passage[];
  jump: Jump | null;
  lookAt: (passage: Passage) => void;
  show: (place: PlaceInDocument) => void;
}

/** What is marked on the pages and where the reader looks. A new answer shows its first place by itself, where its document is on the screen. */
function usePlaces(
  { conversation, library }: Stores,
  documents: readonly OpenDocument[],
  selected: OpenDocument | null,
  setPanel: (panel: PanelName) => void,
): Places {
  const [marks, setMarks] = useState<readonly Citation[]>([]);
  const [jump, setJump] = useState<Jump | null>(null);
  const { exchanges } = useStore(conversation.state);
  const last = exchanges.at(-1);
  const answer = last?.state.kind === 'answered' ? last.state.answer : null;
  const shownId = selected?.documentId ?? null;

  useEffect(() => {
    setMarks(answer?.citations ?? []);
    const first = answer?.citations[0];
    if (first !== undefined && first.documentId === shownId) setJump({ passage: first });
    // a new answer shows its place once; choosing another document later does not
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [answer]);

  return {
    marks,
    jump,
    lookAt: (passage) => setJump({ passage }),
    show({ citation, beside }) {
      const target = documents.find((document) => document.documentId === citation.documentId);
      if (target === undefined) return;
      setMarks(beside);
      library.select(target.key);
      setPanel('pages');
      setJump({ passage: citation });
    },
  };
}

interface Scope {
  askable: readonly AskableDocument[];
  include: (key: string, isIncluded: boolean) => void;
}

/** Which documents the next question is about: the one on the screen, until others are chosen beside it. */
function useScope(documents: readonly OpenDocument[], selectedKey: string | null): Scope {
  const [beside, setBeside] = useState<ReadonlySet<string>>(new Set());
  const [left, setLeft] = useState<string | null>(null);
  const askable = useMemo(
    () =>
      documents
        .filter(({ state }) => state.kind === 'ready' || state.kind === 'reading' || state.kind === 'waiting')
        .map(({ key, name, state }) => ({
          key,
          name,
          isReady: state.kind === 'ready',
          isIncluded: beside.has(key) || (key === selectedKey && key !== left),
        })),
    [documents, selectedKey, beside, left],
  );
  return {
    askable,
    include(key, isIncluded) {
      if (key === selectedKey) setLeft(isIncluded ? null : key);
      setBeside((chosen) => (isIncluded ? new Set(chosen).add(key) : new Set([...chosen].filter((other) => other !== key))));
    },
  };
}
