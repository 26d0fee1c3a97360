/**
 * A document cut into windows for book mode: whole pages, as many as fit, each window with the document's title and the
 * number of its first page before them, so that it can be understood alone. A page too long for a window is cut.
 *
 * A window ends where the next page no longer fits and never depends on what comes later: pages that are added at the end
 * change the last window only.
 */
import { invariant } from '../errors.ts';

/** What the encoder reads at once in book mode. */
export interface DocumentWindow {
  ids: readonly number[];
  firstPage: number;
}

/** The parts of every window. */
export interface WindowFrame {
  /** Tokens of a window, its frame included. */
  limitTokens: number;
  opening: readonly number[];
  closing: readonly number[];
  /** What stands before the pages of a window that begins on this page. */
  heading: (firstPage: number) => readonly number[];
}

/** Cuts as pages come. */
export class WindowCutter {
  readonly #frame: WindowFrame;
  #ids: number[] = [];
  #firstPage = 1;

  constructor(frame: WindowFrame) {
    this.#frame = frame;
  }

  /** Takes a page; returns the windows that are complete now. */
  add(pageNumber: number, ids: readonly number[]): DocumentWindow[] {
    const done: DocumentWindow[] = [];
    if (this.#ids.length > 0 && this.#ids.length + ids.length > this.#room()) done.push(...this.end());
    let rest = ids;
    while (rest.length > 0) {
      if (this.#ids.length === 0) this.#firstPage = pageNumber;
      const taken = rest.slice(0, this.#room() - this.#ids.length);
      this.#ids.push(...taken);
      rest = rest.slice(taken.length);
      if (rest.length > 0) done.push(...this.end());
    }
    return done;
  }

  /** The window that is not full yet, if any page is in it. */
  end(): DocumentWindow[] {
    if (this.#ids.length === 0) return [];
    const { opening, closing, heading } = this.#frame;
    const ids = [...opening, ...heading(this.#firstPage), ...this.#ids, ...closing];
    const window = { ids, firstPage: this.#firstPage };
    this.#ids = [];
    return [window];
  }

  /** Tokens of pages that fit into the present window. */
  #room(): number {
    const { limitTokens, opening, closing, heading } = this.#frame;
    const room = limitTokens - opening.length - closing.length - heading(this.#firstPage).length;
    invariant(room > 0, `windows of ${limitTokens} tokens have room beside their frame`);
    return room;
  }
}
