/**
 * A stretch of glyphs as a PDF page shows them, before anyone has asked in which order they are read.
 *
 * Data only: what pdf-thread.ts hands over for a page. Coordinates are PDF points on the page as it is shown
 * (rotation applied), origin at the top left, y downwards.
 */

/** The font name of text that lies in form fields. */
export const formFieldFont = 'form-field';

/** Glyphs that one operator (or several that touch) put on the page in one font, size and direction. */
export interface TextRun {
  /** In logical order, also for right-to-left scripts. Not normalised. */
  text: string;
  /** Where the baseline starts; for vertical writing the middle of the top edge. */
  x: number;
  y: number;
  /** The direction in which the text runs: degrees clockwise, 0 = left to right, 90 = downwards. */
  angle: number;
  /** Along the direction of the text. */
  length: number;
  /** Font size in points on the page, across the direction of the text. */
  size: number;
  /** An opaque name: equal for equal fonts within a document. */
  font: string;
  isRightToLeft: boolean;
  isVertical: boolean;
}

/** All runs of one page, in the order of its content stream, form fields last. */
export interface PageRuns {
  pageNumber: number;
  widthPt: number;
  heightPt: number;
  runs: TextRun[];
}
