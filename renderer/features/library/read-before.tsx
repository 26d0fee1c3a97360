/** The documents that were read before and answer at once: to be opened again, or forgotten. */
import { FileText, X } from 'lucide-react';
import { type JSX, useEffect, useRef } from 'react';
import type { KeptDocument } from 'model-runtime/contract';
import { useStore } from 'zustand';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { countText, sizeText } from '../../wording.ts';
import type { KeptDocuments } from './kept-store.ts';
import styles from './read-before.module.css';

/** What the list shows and reports. */
export interface ReadBeforeProps {
  kept: KeptDocuments;
  onOpen: (document: { path: string; name: string }) => void;
}

/** The list; nothing where nothing is kept. */
export function ReadBefore({ kept, onOpen }: ReadBeforeProps): JSX.Element | null {
  const { documents, sizeBytes } = useStore(kept.state);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => void kept.load(), [kept]);
  if (documents === null || documents.length === 0) return null;

  async function forget(gone: readonly KeptDocument[]): Promise<void> {
    await kept.forget(gone.map(({ keptId }) => keptId));
    list.current?.querySelector('button')?.focus(); // the button that had the focus is gone
  }

  return (
    <section className={styles['section']} aria-labelledby="read-before">
      <header className={styles['header']}>
        <h2 id="read-before">Read before</h2>
        <span className={styles['size']}>{sizeText(sizeBytes)} kept for quick answers</span>
        {documents.length > 1 ? (
          <Button look="quiet" className={styles['all']} onClick={() => void forget(documents)}>
            Forget all
          </Button>
        ) : null}
      </header>
      <ul ref={list} className={styles['list']}>
        {documents.map((document) => (
          <li key={document.keptId} className={styles['row']}>
            <button type="button" className={styles['open']} disabled={!document.isThere} onClick={() => onOpen(document)}>
              <FileText size={16} aria-hidden="true" className={styles['sign']} />
              <span className={styles['name']} title={document.path}>
                {document.name}
              </span>
              <span className={styles['facts']}>{factsText(document)}</span>
            </button>
            <IconButton label={`Forget ${document.name}`} onClick={() => void forget([document])}>
              <X size={16} />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What a document costs and whether it can be opened from here. */
function factsText({ pageCount, sizeBytes, isComplete, isThere }: KeptDocument): string {
  const facts = [countText(pageCount, 'page'), sizeText(sizeBytes)];
  if (!isComplete) facts.push('not finished');
  if (!isThere) facts.push('its file is gone');
  return facts.join(' · ');
}
