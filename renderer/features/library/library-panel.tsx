/** The documents of this session, one row each, and the way to add more. */
import { Plus } from 'lucide-react';
import { type JSX, type ReactNode, useRef } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../ui/button.tsx';
import { Wordmark } from '../../ui/wordmark.tsx';
import { DocumentRow } from './document-row.tsx';
import type { Library } from './library-store.ts';
import styles from './library-panel.module.css';

/** What the panel needs: the library, the way to choose more documents, what stands at its foot. */
export interface LibraryPanelProps {
  library: Library;
  onChoose: () => void;
  onSelected: () => void;
  foot: ReactNode;
}

/** The library as a list. */
export function LibraryPanel({ library, onChoose, onSelected, foot }: LibraryPanelProps): JSX.Element {
  const { documents, selectedKey } = useStore(library.state);
  const list = useRef<HTMLUListElement>(null);
  return (
    <section aria-label="Library" className={styles['panel']}>
      <header className={styles['header']}>
        <Wordmark />
      </header>
      <Button onClick={onChoose} title="Ctrl+O" className={styles['choose']}>
        <Plus size={16} aria-hidden="true" /> Choose PDFs…
      </Button>
      <ul ref={list} className={styles['list']} aria-label="Documents">
        {documents.map((document) => (
          <DocumentRow
            key={document.key}
            document={document}
            isSelected={document.key === selectedKey}
            onSelect={() => {
              library.select(document.key);
              onSelected();
            }}
            onStop={() => library.stop(document.key)}
            onRetry={() => library.retry(document.key)}
            onRemove={() => {
              library.remove(document.key);
              // the button that had the focus is gone: it goes to the document shown now, not to the top of the page
              requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[aria-current]')?.focus());
            }}
          />
        ))}
      </ul>
      <footer className={styles['foot']}>{foot}</footer>
    </section>
  );
}
