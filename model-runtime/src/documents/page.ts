/**
 * What a page of a document is once it has been read: text in reading order, with the place of every word and block.
 *
 * Data only. Whoever reads a kind of file (pdf.ts, text-file.ts) makes these; whoever feeds the encoder or draws
 * highlights uses them. Offsets are UTF-16, into the page's own text.
 */

/** A rectangle on a page: PDF points (1/72 inch), origin at the top left of the page as it is shown (rotation applied), y downwards. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A word, or the part of one that stands on one line: `text.slice(start, end)` is printed at `box`. */
export interface Span {
  start: number;
  end: number;
  box: Box;
}

/** What a block is: running text, a title, one item of a list, or rows of cells (cells end with a tab, rows with a line feed). */
export type BlockKind = 'paragraph' | 'heading' | 'list' | 'table';

/** A stretch of the page's text that belongs together, and the rectangle around it. */
export interface Block {
  kind: BlockKind;
  start: number;
  end: number;
  box: Box;
}

/** One page as it goes into the encoder. `because` says why nothing could be read; it is there exactly when `read` is 'none'. */
export interface PageText {
  pageNumber: number;
  widthPt: number;
  heightPt: number;
  read: 'text' | 'none';
  because?: string;
  text: string;
  blocks: Block[];
  words: Span[];
}

/** A page on which nothing could be read, and the reason in words. */
export function unreadPage(page: { pageNumber: number; widthPt: number; heightPt: number }, because: string): PageText {
  const { pageNumber, widthPt, heightPt } = page;
  return { pageNumber, widthPt, heightPt, read: 'none', because, text: '', blocks: [], words: [] };
}

/** The smallest rectangle around all of them; an empty one at the origin where there are none. */
export function boxAround(boxes: readonly Box[]): Box {
  if (boxes.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.width);
    bottom = Math.max(bottom, box.y + box.height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** An open document of any kind. Pages are numbered from 1. */
export interface OpenDocument {
  /** Of the bytes that the pages are made of; the file at the path may have become another since. */
  sha256: string;
  pageCount: number;
  /** What the document calls itself, where it says so. */
  title: string | undefined;
  /** Every page in order, each as soon as it is parsed. Throws 'cancelled' once the signal is aborted. */
  pages(signal?: AbortSignal): AsyncGenerator<PageText>;
  /** A picture of the page as PNG bytes, `widthPx` wide. Documents that have no look of their own (plain text) lack it. */
  renderPng?: (pageNumber: number, widthPx: number) => Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What to open. The password is looked at only where the document wants one. */
export interface DocumentSource {
  path: string;
  password?: string;
}
