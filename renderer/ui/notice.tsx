/** Something that went wrong, in words: what happened, what can be done, the technical message for those who look for it. */
import { TriangleAlert } from 'lucide-react';
import type { JSX, ReactNode } from 'react';
import styles from './notice.module.css';

/** What a notice says and offers. */
export interface NoticeProps {
  title: string;
  advice: string;
  /** The technical message, folded away under "Details". */
  details?: string | undefined;
  /** Buttons. */
  children?: ReactNode;
}

/** A notice in place; it is read out when it appears. */
export function Notice({ title, advice, details, children }: NoticeProps): JSX.Element {
  return (
    <div role="alert" className={styles['notice']}>
      <TriangleAlert size={18} aria-hidden="true" className={styles['sign']} />
      <div className={styles['body']}>
        <p className={styles['title']}>{title}</p>
        <p className={styles['advice']}>{advice}</p>
        {details === undefined ? null : (
          <details className={styles['details']}>
            <summary>Details</summary>
            <code>{details}</code>
          </details>
        )}
        {children === undefined || children === null ? null : <div className={styles['actions']}>{children}</div>}
      </div>
    </div>
  );
}
