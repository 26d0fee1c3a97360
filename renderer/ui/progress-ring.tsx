/** A ring that fills: how far something has got, as a picture beside words that say the same. */
import type { JSX } from 'react';
import styles from './progress-ring.module.css';

const RADIUS = 9;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;

/** `fraction` 0 to 1; null while it is not known, which turns. */
export function ProgressRing({ fraction }: { fraction: number | null }): JSX.Element {
  const shown = fraction ?? 0.25;
  return (
    <svg
      className={styles['ring']}
      data-unknown={fraction === null ? '' : undefined}
      viewBox="0 0 24 24"
      width="22"
      height="22"
      aria-hidden="true"
    >
      <circle className={styles['track']} cx="12" cy="12" r={RADIUS} />
      <circle
        className={styles['fill']}
        cx="12"
        cy="12"
        r={RADIUS}
        strokeDasharray={CIRCUMFERENCE}
        strokeDashoffset={CIRCUMFERENCE * (1 - shown)}
      />
    </svg>
  );
}
