/** Where in the documents the reader is asked to look. */
import type { PageBox } from 'model-runtime/contract';

/** A place on a page that is to be shown. `boxes` may be empty: then it is the page as a whole. */
export interface Passage {
  documentId: string;
  pageNumber: number;
  boxes: readonly PageBox[];
}

/** A wish to see a passage. A new object is a new wish, even for the same place. */
export interface Jump {
  passage: Passage;
}
