/** Takes files dropped anywhere in the window, and says so while they are dragged over it. */
import { FileDown } from 'lucide-react';
import { type JSX, useEffect, useState } from 'react';
import styles from './drop-veil.module.css';

/** Listens on the window; shows itself only while files are dragged over it. */
export function DropVeil({ onFiles }: { onFiles: (files: File[]) => void }): JSX.Element | null {
  const [isOver, setIsOver] = useState(false);

  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    window.addEventListener(
      'dragover',
      (event) => {
        event.preventDefault(); // without it the browser would open the file instead
        if (event.dataTransfer === null) return;
        const hasFiles = event.dataTransfer.types.includes('Files');
        event.dataTransfer.dropEffect = hasFiles ? 'copy' : 'none';
        setIsOver(hasFiles);
      },
      { signal },
    );
    window.addEventListener('dragleave', (event) => event.relatedTarget === null && setIsOver(false), { signal });
    window.addEventListener(
      'drop',
      (event) => {
        event.preventDefault();
        setIsOver(false);
        const files = [...(event.dataTransfer?.files ?? [])];
        if (files.length > 0) onFiles(files);
      },
      { signal },
    );
    return () => listening.abort();
  }, [onFiles]);

  if (!isOver) return null;
  return (
    <div className={styles['veil']} aria-hidden="true">
      <div className={styles['card']}>
        <FileDown size={34} strokeWidth={1.5} />
        Drop to read
      </div>
    </div>
  );
}
