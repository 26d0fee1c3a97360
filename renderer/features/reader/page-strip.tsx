/**
 * The whole document as a strip of pages, like the edge of a book: which pages are in, which could not be read, where
 * one is, where marked passages lie; and a way to any page.
 *
 * A native range input lies invisibly over the drawing: one stop for the keyboard, a value in words for screen readers,
 * dragging for free, however many pages there are.
 */
import { type CSSProperties, type JSX, type PointerEvent, useState } from 'react';
import type { PageStanding } from '../../open-document.ts';
import { standingText } from './standing-text.ts';
import styles from './page-strip.module.css';

/** What the strip shows and reports. */
export interface PageStripProps {
  standings: readonly PageStanding[];
  currentPage: number;
  markedPages: ReadonlySet<number>;
  onPage: (pageNumber: number) => void;
}

/** The strip. */
export function PageStrip({ standings, currentPage, markedPages, onPage }: PageStripProps): JSX.Element {
  const [pointedAt, setPointedAt] = useState<number | null>(null);
  const pageCount = standings.length;
  const told = standings[(pointedAt ?? currentPage) - 1];

  function point(event: PointerEvent<HTMLInputElement>): void {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    setPointedAt(Math.min(pageCount, Math.max(1, Math.ceil(((event.clientX - left) / width) * pageCount))));
  }

  return (
    <div className={styles['strip']}>
      <div className={styles['pages']} style={{ '--page-count': pageCount } as CSSProperties} data-density={density(pageCount)}>
        {standings.map(({ pageNumber, read }) => (
          <span
            key={pageNumber}
            className={styles['page']}
            data-read={read}
            data-current={pageNumber === currentPage ? '' : undefined}
            data-marked={markedPages.has(pageNumber) ? '' : undefined}
          />
        ))}
        <input
          type="range"
          className={styles['range']}
          min={1}
          max={pageCount}
          value={currentPage}
          aria-label="Page"
          aria-valuetext={`Page ${currentPage} of ${pageCount}`}
          onChange={(event) => onPage(event.target.valueAsNumber)}
          onPointerMove={point}
          onPointerLeave={() => setPointedAt(null)}
        />
      </div>
      <span className={styles['told']}>{told === undefined ? '' : `${told.pageNumber} / ${pageCount}`}</span>
      <span className={styles['standing']}>{told === undefined || pointedAt === null ? '' : standingText(told)}</span>
    </div>
  );
}

function density(pageCount: number): 'few' | 'many' | 'masses' {
  if (pageCount <= 40) return 'few';
  return pageCount <= 150 ? 'many' : 'masses';
}
