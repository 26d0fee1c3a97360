/** A bar that fills, with its value for screen readers. */
import type { JSX } from 'react';
import styles from './progress-bar.module.css';

/** `fraction` 0 to 1, null while not known; `label`: of what; `valueText`: the same in words. */
export function ProgressBar({ fraction, label, valueText }: { fraction: number | null; label: string; valueText: string }): JSX.Element {
  return (
    <progress
      className={styles['bar']}
      aria-label={label}
      aria-valuetext={valueText}
      max={1}
      {...(fraction === null ? {} : { value: fraction })}
    />
  );
}
