/**
 * A document cut into windows for book mode: whole pages, with the document's title before them, so that each can be
 * understood alone. A page too long for a window is cut.
 *
 * Where a window ends depends on nothing but the pages in it and the next one. A window ends where the next page no longer
 * fits; and once it is half full, before a page whose own tokens say so, which one in four does. So windows fall into step
 * again soon after a page that was added, taken out, moved or written anew, and those further on are the same as before
 * (decision record 0010).
 */
import { invariant } from '../errors.ts';

/** Of the room of a window: with less in it, it goes on for as long as pages fit. */
const leastFilled = 1 / 2;
/** One page in so many begins a window if it may. */
const pagesToAStart = 4;

/** The parts of every window. */
export interface WindowFrame {
  /** Tokens of a window, its frame included. */
  limitTokens: number;
  /** What stands before the pages. */
  opening: readonly number[];
  closing: readonly number[];
}

/** Cuts as pages come. */
export class WindowCutter {
  readonly #frame: WindowFrame;
  /** Tokens of pages in a window. */
  readonly #room: number;
  #ids: number[] = [];

  constructor(frame: WindowFrame) {
    this.#frame = frame;
    this.#room = frame.limitTokens - frame.opening.length - frame.closing.length;
    invariant(this.#room > 0, `windows of ${frame.limitTokens} tokens have room beside their frame`);
  }

  /** Takes a page; returns the token ids of the windows that are complete now. */
  add(ids: readonly number[]): number[][] {
    const done: number[][] = [];
    const isFull = this.#ids.length + ids.length > this.#room;
    const mayEnd = this.#ids.length >= this.#room * leastFilled;
    if (isFull || (mayEnd && beginsWindow(ids))) done.push(...this.end());
    let rest = ids;
    while (rest.length > 0) {
      const taken = rest.slice(0, this.#room - this.#ids.length);
      this.#ids.push(...taken);
      rest = rest.slice(taken.length);
      if (rest.length > 0) done.push(...this.end());
    }
    return done;
  }

  /** The window that is not full yet, if any page is in it. */
  end(): number[][] {
    if (this.#ids.length === 0) return [];
    const { opening, closing } = this.#frame;
    const window = [...opening, ...this.#ids, ...closing];
    this.#ids = [];
    return [window];
  }
}

/** Says the same of the same page wherever it stands: FNV-1a over its token ids. */
function beginsWindow(ids: readonly number[]): boolean {
  const hash = ids.reduce((mixed, id) => Math.imul(mixed ^ id, 0x01000193), 0x811c9dc5);
  return ids.length > 0 && (hash >>> 8) % pagesToAStart === 0; // its low bits alone mix badly
}
