/** A bar that fills, with its value for screen readers. */
import type { JSX } from 'react';
import styles from './progress-bar.module.css';

/** `fraction` 0 to 1, null while not known; `label`: of what; `valueText`: the same in words. */
export function ProgressBar(props: { fraction: number | null; label: string; valueText: string }): JSX.Element {
  const percent = props.fraction === null ? null : Math.round(100 * props.fraction);
  return (
    <div
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent ?? undefined}
      aria-valuetext={props.valueText}
      className={styles['bar']}
      data-unknown={percent === null ? '' : undefined}
    >
      <div className={styles['fill']} style={{ transform: `scaleX(${props.fraction ?? 1})` }} />
    </div>
  );
}
