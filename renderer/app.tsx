/**
 * The whole page: which panels stand where, and how what happens in one reaches the others.
 *
 * The features know nothing of one another; everything between them passes through here.
 */
import { Tooltip } from '@base-ui/react/tooltip';
import { type JSX, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { useAnnouncements } from './announcements.ts';
import { useAnswerPlaces } from './answer-places.ts';
import { AskPanel } from './features/ask/ask-panel.tsx';
import { EngineBanner } from './features/engine/engine-banner.tsx';
import { DropVeil } from './features/library/drop-veil.tsx';
import { LibraryPanel } from './features/library/library-panel.tsx';
import { Welcome } from './features/library/welcome.tsx';
import { AboutModel } from './features/model/about-model.tsx';
import { ReaderPanel } from './features/reader/reader-panel.tsx';
import { ThemeMenu } from './features/settings/theme-menu.tsx';
import type { Host } from './host.ts';
import { type PanelName, PanelTabs } from './panel-tabs.tsx';
import { useQuestionScope } from './question-scope.ts';
import { samples } from './samples.ts';
import { useShortcuts } from './shortcuts.ts';
import type { Stores } from './stores.ts';
import { LiveRegion } from './ui/live-region.tsx';
import { Toast } from './ui/toast.tsx';
import hidden from './ui/visually-hidden.module.css';
import styles from './app.module.css';

const UNDO_LASTS_MS = 6000;

/** The page. */
export function App({ host, stores }: { host: Host; stores: Stores }): JSX.Element {
  const { library, engine } = stores;
  const hasDocuments = useStore(library.state, (state) => state.documents.length > 0);
  const announcement = useAnnouncements(stores);
  const choose = useCallback(() => void host.chooseDocuments().then(library.add), [host, library]);
  const takeFiles = useCallback((files: File[]) => void host.acceptFiles(files).then(library.add), [host, library]);
  const openSample = useCallback(
    async (name: string) => {
      const sample = samples.find((known) => known.name === name);
      if (sample === undefined) return;
      library.add([{ ...(await host.acceptSample(sample)), questions: sample.questions }]);
    },
    [host, library],
  );
  const foot = (
    <>
      <AboutModel facts={stores.facts} />
      <ThemeMenu settings={stores.settings} className={styles['footButton']} />
    </>
  );
  return (
    <Tooltip.Provider>
      <div className={styles['app']}>
        <EngineBanner engine={engine} hasDocuments={hasDocuments} />
        {hasDocuments ? (
          <Panels stores={stores} onChoose={choose} foot={foot} />
        ) : (
          <Welcome
            samples={samples}
            kept={stores.kept}
            onChoose={choose}
            onSample={(name) => void openSample(name)}
            onOpen={({ path, name }) => library.add([{ path, name }])}
            foot={foot}
          />
        )}
        <UndoToast stores={stores} />
        <DropVeil onFiles={takeFiles} />
        <LiveRegion text={announcement} />
        <Shortcuts stores={stores} onOpen={choose} />
      </div>
    </Tooltip.Provider>
  );
}

/** The three panels, and in a narrow window the ways between them. */
function Panels({ stores, onChoose, foot }: { stores: Stores; onChoose: () => void; foot: ReactNode }): JSX.Element {
  const { library, conversation, pages } = stores;
  const { documents, selectedKey } = useStore(library.state);
  const [panel, setPanel] = useState<PanelName>('pages');
  const questionField = useRef<HTMLTextAreaElement>(null);
  const selected = documents.find((document) => document.key === selectedKey) ?? null;
  const places = useAnswerPlaces(stores, { documents, selected, onShown: () => setPanel('pages') });
  const scope = useQuestionScope(documents, selectedKey);

  useEffect(() => questionField.current?.focus(), []); // the question may be typed while the document is read
  useEffect(() => {
    document.title = selected === null ? 'Recto' : `${selected.name} – Recto`;
  }, [selected]);
  useShortcuts({
    onQuestion() {
      setPanel('ask');
      requestAnimationFrame(() => questionField.current?.focus());
    },
  });

  return (
    <div className={styles['panels']} data-panel={panel}>
      <header className={hidden['hidden']}>
        <h1>Recto</h1>
      </header>
      <LibraryPanel library={library} onChoose={onChoose} onSelected={() => setPanel('pages')} foot={foot} />
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
  );
}

function UndoToast({ stores: { library } }: { stores: Stores }): JSX.Element | null {
  const removed = useStore(library.state, (state) => state.removed);
  if (removed === null) return null;
  return (
    <Toast
      key={removed.key}
      message={`Removed ${removed.name}`}
      action="Undo"
      lastsMs={UNDO_LASTS_MS}
      onAction={library.undoRemove}
      onGone={library.forgetRemoved}
    />
  );
}

function Shortcuts({ stores: { conversation }, onOpen }: { stores: Stores; onOpen: () => void }): null {
  useShortcuts({ onOpen, onStop: conversation.stop });
  return null;
}
