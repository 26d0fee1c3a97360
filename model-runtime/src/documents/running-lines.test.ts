import { expect, test } from 'vitest';
import { setLine } from '../../test/pdf/set-words.ts';
import { RunningLines } from './running-lines.ts';
import type { Word } from './words.ts';

const frame = { angle: 0 as const, width: 595, height: 842 };

/** What is kept of each page, given the lines at its head and its foot. */
function kept(pages: readonly { head: string; foot: string }[]): string[] {
  const running = new RunningLines();
  const set = pages.map(({ head, foot }, index) => ({
    pageNumber: index + 1,
    directions: [
      {
        frame,
        words: [
          ...setLine(head, { left: 60, baseline: 40 }),
          ...setLine(`Body ${index + 1}`, { left: 60, baseline: 400 }),
          ...setLine(foot, { left: 280, baseline: 810 }),
        ],
      },
    ],
  }));
  return set.map((page, index) => {
    const { repeated } = running.take(page, set.slice(index + 1, index + 4));
    const words: Word[] = page.directions.flatMap((direction) => direction.words);
    return words
      .filter((word) => !repeated.has(word))
      .map((word) => word.text)
      .join(' ');
  });
}

test('P3: a title and a page number are kept once', () => {
  expect(kept([1, 2, 3].map((page) => ({ head: 'The report', foot: `Page ${page} of 3` })))).toEqual([
    'The report Body 1 Page 1 of 3',
    'Body 2',
    'Body 3',
  ]);
});

test('left and right pages may differ', () => {
  const heads = ['The book', 'A chapter', 'The book', 'A chapter'];
  expect(kept(heads.map((head, index) => ({ head, foot: `${index + 7}` })))).toEqual([
    'The book Body 1 7',
    'A chapter Body 2',
    'Body 3',
    'Body 4',
  ]);
});

test('figures that do not count pages are no page numbers', () => {
  const totals = ['118', '291', '38'];
  expect(kept(totals.map((foot) => ({ head: `Total for ${foot}`, foot })))).toEqual(
    totals.map((foot, index) => `Total for ${foot} Body ${index + 1} ${foot}`),
  );
});
