/** Words that are read out and not shown: for what happens where nobody is looking. */
import type { JSX } from 'react';
import hidden from './visually-hidden.module.css';

/** Reads `text` out, politely, each time it changes. */
export function LiveRegion({ text }: { text: string }): JSX.Element {
  return (
    <output aria-live="polite" className={hidden['hidden']}>
      {text}
    </output>
  );
}
