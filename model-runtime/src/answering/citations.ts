/**
 * Where an answer's own words stand in a document. This is the plainest evidence there is; an answer in other words
 * has none of this kind.
 */
import type { Citation } from '../contract.ts';
import type { PageText } from '../documents/page.ts';

/** More places than this say nothing about where the answer came from. */
const mostPlaces = 3;

/** The places of the answer's words in the pages, whitespace aside; none for an answer of a single character. */
export function citationsOf(answer: string, documentId: string, pages: readonly PageText[]): Citation[] {
  const words = answer
    .trim()
    .replace(/[.,;:!?]+$/, '')
    .split(/\s+/);
  if (words.join('').length < 2) return [];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${words.map((word) => RegExp.escape(word)).join('\\s+')}(?![\\p{L}\\p{N}])`, 'gu');
  const citations: Citation[] = [];
  for (const page of pages) {
    for (const match of page.text.matchAll(pattern)) {
      const [start, end] = [match.index, match.index + match[0].length];
      const boxes = page.words.filter((word) => word.start < end && word.end > start).map((word) => word.box);
      citations.push({ documentId, pageNumber: page.pageNumber, quote: match[0], boxes, support: 'verbatim' });
      if (citations.length === mostPlaces) return citations;
    }
  }
  return citations;
}
