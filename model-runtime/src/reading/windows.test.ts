import { describe, expect, it } from 'vitest';
import { WindowCutter } from './windows.ts';

/** Windows of 12 tokens: 3 of opening, 1 of closing, 8 of pages. */
const opening = [1, 0, 7];
const closing = [9];

/** A page of n tokens that no other page has. */
const page = (seed: number, tokens: number): number[] => Array.from({ length: tokens }, (_, index) => 1000 + seed * 100 + index);

function cut(pages: readonly (readonly number[])[], limitTokens = 12): number[][] {
  const cutter = new WindowCutter({ limitTokens, opening, closing });
  return [...pages.flatMap((ids) => cutter.add(ids)), ...cutter.end()];
}

const contentOf = (window: readonly number[]): number[] => window.slice(opening.length, -closing.length);

/** 200 pages of 3 to 20 tokens, the same every time. */
const book = Array.from({ length: 200 }, (_, index) => page(index, 3 + ((index * 37) % 18)));

/** How many windows of the changed book are not windows of the book. */
function changedWindows(pages: readonly (readonly number[])[]): number {
  const known = new Set(cut(book, 104).map((ids) => ids.join()));
  return cut(pages, 104).filter((ids) => !known.has(ids.join())).length;
}

describe('WindowCutter', () => {
  it('R7: whole pages, within the limit, each window with its frame, none ended before it is half full without need', () => {
    const windows = cut(book, 104);
    expect(windows.flatMap(contentOf)).toEqual(book.flat());
    const starts = new Set(book.map(([first]) => first));
    for (const window of windows.slice(0, -1)) expect(contentOf(window).length).toBeGreaterThanOrEqual(50);
    for (const window of windows) {
      expect(window.length).toBeLessThanOrEqual(104);
      expect([...window.slice(0, 3), window.at(-1)]).toEqual([...opening, ...closing]);
      expect(starts).toContain(window[3]);
    }
  });

  it('R7: a page too long for a window is cut, and nothing is lost', () => {
    const pages = [page(1, 2), page(2, 19), page(3, 3)];
    const windows = cut(pages);
    expect(windows.map((ids) => ids.length)).toEqual([6, 12, 12, 10]);
    expect(windows.flatMap(contentOf)).toEqual(pages.flat());
  });

  it('R7: pages added at the end change the last window only', () => {
    const [short, long] = [cut(book.slice(0, 150), 104), cut(book, 104)];
    expect(long.slice(0, short.length - 1)).toEqual(short.slice(0, -1));
  });

  it('R7: a page taken out, put in, moved or written anew changes the windows around it', () => {
    const windows = cut(book, 104).length;
    expect(windows).toBeGreaterThan(20);
    const changes = Array.from({ length: 40 }, (_, step) => 4 + step * 4).flatMap((at) => [
      changedWindows(book.toSpliced(at, 1)),
      changedWindows(book.toSpliced(at, 0, page(500, 11))),
      changedWindows(book.with(at, page(501, 5))),
    ]);
    const mean = changes.reduce((sum, count) => sum + count, 0) / changes.length;
    expect(mean).toBeLessThan(3);
    const moved = [...book.slice(100), ...book.slice(0, 100)]; // the second half before the first
    expect(changedWindows(moved)).toBeLessThan(windows / 3);
  });

  it('a document without a page with text has no windows', () => {
    expect(cut([[], []])).toEqual([]);
  });
});
