/** The places that bear an answer out: the page and the words that stand there, each a way to it. */
import type { Citation } from 'model-runtime/contract';
import { type JSX, useState } from 'react';
import { countText } from '../../wording.ts';
import type { PlaceInDocument } from './answer-card.tsx';
import styles from './citations.module.css';

/** How many pages come with the words that stand there; the rest come with their number only. */
const QUOTED = 2;
/** How many pages are offered at first. */
const OFFERED = 10;

/** What is shown and reported. */
export interface CitationsProps {
  citations: readonly Citation[];
  showsDocuments: boolean;
  nameOf: (documentId: string) => string | null;
  onPlace: (place: PlaceInDocument) => void;
}

/** A list of places, or the plain word that there is none. */
export function Citations({ citations, showsDocuments, nameOf, onPlace }: CitationsProps): JSX.Element {
  const [showsAll, setShowsAll] = useState(false);
  const places = byPage(citations);
  if (citations.length === 0) {
    return <p className={styles['none']}>These words do not stand in the document as they are. Check before you rely on them.</p>;
  }
  return (
    <ul className={styles['list']} aria-label="Where it stands">
      {places.slice(0, showsAll ? undefined : OFFERED).map(({ citation, times }, index) => (
        <li key={`${citation.documentId}/${citation.pageNumber}`} className={index < QUOTED ? styles['whole'] : undefined}>
          <button
            type="button"
            className={styles['place']}
            title={`Show on page ${citation.pageNumber}`}
            onClick={() => onPlace({ citation, beside: citations })}
          >
            <span className={styles['page']}>Page {citation.pageNumber}</span>
            {showsDocuments ? <span className={styles['document']}>{nameOf(citation.documentId) ?? 'removed document'}</span> : null}
            {index < QUOTED ? <q className={styles['quote']}>{citation.quote}</q> : null}
            {times > 1 ? <span className={styles['times']}>{times} times</span> : null}
          </button>
        </li>
      ))}
      {showsAll || places.length <= OFFERED ? null : (
        <li>
          <button type="button" className={styles['more']} onClick={() => setShowsAll(true)}>
            and {countText(places.length - OFFERED, 'more page')}
          </button>
        </li>
      )}
    </ul>
  );
}

/** One place for each page, with all that is marked on it; `times`: in how many spots. */
function byPage(citations: readonly Citation[]): { citation: Citation; times: number }[] {
  const pages = Map.groupBy(citations, ({ documentId, pageNumber }) => `${documentId}/${pageNumber}`);
  return [...pages.values()].flatMap((onPage) =>
    onPage[0] === undefined ? [] : [{ citation: { ...onPage[0], boxes: onPage.flatMap(({ boxes }) => boxes) }, times: onPage.length }],
  );
}
