/** The name of the app and its sign: a right-hand page with one passage marked. */
import type { JSX } from 'react';
import styles from './wordmark.module.css';

/** `large` on the welcome page, otherwise small. */
export function Wordmark({ large = false }: { large?: boolean }): JSX.Element {
  const sizePx = large ? 44 : 24;
  return (
    <span className={styles['wordmark']} data-large={large ? '' : undefined}>
      <svg viewBox="0 0 32 32" width={sizePx} height={sizePx} aria-hidden="true">
        <rect width="32" height="32" rx="7" className={styles['cover']} />
        <path d="M9 6.5h10l5 5V25.5H9z" fill="#fff" />
        <path d="M19 6.5v5h5z" fill="#b9c3f5" />
        <rect x="11.5" y="14.4" width="9.5" height="3.6" fill="#ffd83d" />
        <rect x="11.5" y="20.4" width="7" height="1.8" rx=".9" fill="#9aa5d8" />
        <rect x="6" y="6.5" width="1.8" height="19" rx=".9" fill="#8f9df0" />
      </svg>
      <span>Recto</span>
    </span>
  );
}
