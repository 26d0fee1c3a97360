/** The places that bear an answer out: the page and the words that stand there, each a way to it. */
import type { Citation } from 'model-runtime/contract';
import { type JSX, useState } from 'react';
import { countText } from '../../wording.ts';
import type { PlaceInDocument } from './answer-card.tsx';
import styles from './citations.module.css';

/** How many places are spelled out; the rest are page chips only. */
const QUOTED = 2;
/** How many places are offered at first. */
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
  if (citations.length === 0) {
    return <p className={styles['none']}>These words do not stand in the document as they are. Check before you rely on them.</p>;
  }
  return (
    <ul className={styles['list']} aria-label="Where it stands">
      {citations.slice(0, showsAll ? undefined : OFFERED).map((citation, index) => (
        <li key={`${citation.documentId}/${citation.pageNumber}/${index}`} className={index < QUOTED ? styles['whole'] : undefined}>
          <button
            type="button"
            className={styles['place']}
            title={`Show on page ${citation.pageNumber}`}
            onClick={() => onPlace({ citation, beside: citations })}
          >
            <span className={styles['page']}>Page {citation.pageNumber}</span>
            {showsDocuments ? <span className={styles['document']}>{nameOf(citation.documentId) ?? 'removed document'}</span> : null}
            {index < QUOTED ? <q className={styles['quote']}>{citation.quote}</q> : null}
          </button>
        </li>
      ))}
      {showsAll || citations.length <= OFFERED ? null : (
        <li>
          <button type="button" className={styles['more']} onClick={() => setShowsAll(true)}>
            and {countText(citations.length - OFFERED, 'more place')}
          </button>
        </li>
      )}
    </ul>
  );
}
