/**
 * One document as the page knows it, from the moment it is handed over until it is removed.
 *
 * Made and kept by features/library; shown by the other features, which see it through props alone.
 */
import type { DocumentSummary, PageRead, ReadAs, ReadingProgress, RuntimeFailure } from 'model-runtime/contract';

/** How far a document has come. */
export type ReadingState =
  | { kind: 'waiting' }
  /** `notKept`: why it would begin anew if it were interrupted now. */
  | { kind: 'reading'; progress: ReadingProgress | null; notKept?: RuntimeFailure }
  | { kind: 'ready'; summary: DocumentSummary }
  | { kind: 'locked'; password: 'missing' | 'wrong' }
  /** The person stopped the reading. */
  | { kind: 'stopped' }
  | { kind: 'failed'; failure: RuntimeFailure };

/** A document in the page's library. */
export interface OpenDocument {
  /** The page's own name for it; stays the same when the runtime is started anew. */
  key: string;
  path: string;
  name: string;
  /** Questions it is known to answer; none for documents that did not come with Recto. */
  questions: readonly string[];
  /** The runtime's name for it: null until it has been opened; from then on its pages can be shown. */
  documentId: string | null;
  pageCount: number | null;
  /** The pages parsed so far, by page number. */
  pages: ReadonlyMap<number, PageRead>;
  state: ReadingState;
}

/** What is known of one page: how it was read, 'none' with the reason, or 'pending' while it is still to come. */
export interface PageStanding {
  pageNumber: number;
  read: ReadAs | 'pending';
  because: string | null;
  tokens: number | null;
}

/** How every page of a document stands, in order. Empty until the number of pages is known. */
export function pageStandings(document: OpenDocument): PageStanding[] {
  const summary = document.state.kind === 'ready' ? document.state.summary : null;
  const readAs = new Map<number, PageStanding['read']>();
  const reasons = new Map(summary?.unread.map(({ pageNumber, because }) => [pageNumber, because]));
  if (summary !== null) {
    for (const kind of ['text', 'recognised', 'seen'] as const) for (const pageNumber of summary.read[kind]) readAs.set(pageNumber, kind);
    for (const { pageNumber } of summary.unread) readAs.set(pageNumber, 'none');
  }
  return Array.from({ length: document.pageCount ?? 0 }, (_, pageIndex) => {
    const pageNumber = pageIndex + 1;
    const parsed = document.pages.get(pageNumber);
    return {
      pageNumber,
      read: readAs.get(pageNumber) ?? parsed?.read ?? 'pending',
      because: reasons.get(pageNumber) ?? parsed?.because ?? null,
      tokens: parsed?.tokens ?? null,
    };
  });
}
