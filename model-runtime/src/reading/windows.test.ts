import { describe, expect, it } from 'vitest';
import { WindowCutter } from './windows.ts';
import type { DocumentWindow } from './windows.ts';

/** Windows of 12 tokens: 1 of opening, 1 of closing, 2 of heading, 8 of pages. */
const newCutter = (): WindowCutter =>
  new WindowCutter({ limitTokens: 12, opening: [1], closing: [9], heading: (firstPage) => [0, 1000 + firstPage] });

/** Page p of n tokens holds p*100, p*100 + 1, … */
const page = (pageNumber: number, tokens: number): number[] => Array.from({ length: tokens }, (_, index) => pageNumber * 100 + index);

function cut(pages: readonly number[]): DocumentWindow[] {
  const cutter = newCutter();
  return [...pages.flatMap((tokens, index) => cutter.add(index + 1, page(index + 1, tokens))), ...cutter.end()];
}

const contentOf = ({ ids }: DocumentWindow): number[] => ids.slice(3, -1);

describe('WindowCutter', () => {
  it('R7: whole pages, as many as fit, within the limit, each window with its frame and first page', () => {
    const windows = cut([3, 4, 2, 0, 6, 8, 1]);
    expect(windows.map(({ firstPage }) => firstPage)).toEqual([1, 3, 6, 7]);
    expect(windows.flatMap(contentOf)).toEqual([3, 4, 2, 0, 6, 8, 1].flatMap((tokens, index) => page(index + 1, tokens)));
    for (const { ids, firstPage } of windows) {
      expect(ids.length).toBeLessThanOrEqual(12);
      expect([ids[0], ids[2], ids.at(-1)]).toEqual([1, 1000 + firstPage, 9]);
    }
  });

  it('R7: a page too long for a window is cut, and nothing is lost', () => {
    const windows = cut([2, 19, 3]);
    expect(windows.map(({ firstPage, ids }) => [firstPage, ids.length])).toEqual([
      [1, 6],
      [2, 12],
      [2, 12],
      [2, 10],
    ]);
    expect(windows.flatMap(contentOf)).toEqual([...page(1, 2), ...page(2, 19), ...page(3, 3)]);
  });

  it('R7: pages added at the end change the last window only', () => {
    const [short, long] = [cut([5, 5, 5]), cut([5, 5, 5, 2, 7, 7])];
    expect(long.slice(0, 2)).toEqual(short.slice(0, 2));
    expect(long).toHaveLength(5);
  });

  it('a document without a page with text has no windows', () => {
    expect(cut([0, 0])).toEqual([]);
  });
});
