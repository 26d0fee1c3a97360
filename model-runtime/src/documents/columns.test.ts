import { expect, test } from 'vitest';
import { setCells, setLine, setLines } from '../../test/pdf/set-words.ts';
import { regionsOf } from './columns.ts';
import { rowsOf } from './rows.ts';
import type { Word } from './words.ts';

const prose = [
  'The boats ran all through the winter and',
  'nobody was late for school, which is more',
  'than can be said of the year before it. We',
  'thank the crews and also the coal merchant',
  'who kept the stove in the waiting room lit.',
];
const moreProse = prose.map((text) => text.replace('the', 'that').replace('and', 'or'));

function textOf(region: readonly Word[]): string {
  return rowsOf(region)
    .map((row) => row.words.map((word) => word.text).join(' '))
    .join(' / ');
}

test('P2: two columns are read one after the other, also where their lines stand level', () => {
  const words = [...setLines(moreProse, { left: 320, baseline: 100 }), ...setLines(prose, { left: 60, baseline: 100 })];
  expect(regionsOf(words).map(textOf)).toEqual([prose.join(' / '), moreProse.join(' / ')]);
});

test('P2: a heading over both columns and a paragraph under them are read first and last', () => {
  const title = 'A heading that goes over both of the columns on this page of ours';
  const last = 'And a last paragraph below them that goes over the whole width of the page again.';
  const words = [
    ...setLine(title, { left: 60, baseline: 70, size: 14 }),
    ...setLines(prose, { left: 60, baseline: 100 }),
    ...setLines(moreProse, { left: 320, baseline: 106 }),
    ...setLine(last, { left: 60, baseline: 190 }),
  ];
  expect(regionsOf(words).map(textOf)).toEqual([title, prose.join(' / '), moreProse.join(' / '), last]);
});

test('P2: a table is not cut into columns', () => {
  const rows = [
    ['Counter', '1', '£2,380.00'],
    ['Bench', '5.5', '£212.00'],
    ['Table top', '6', '£94.50'],
    ['Hinges', '2', '£23.60'],
    ['Fitting', '26', '£41.00'],
  ];
  const words = rows.flatMap(([what = '', count = '', price = ''], index) =>
    setCells(
      [
        [what, 60],
        [count, 250],
        [price, 350],
      ],
      { baseline: 100 + index * 18 },
    ),
  );
  expect(regionsOf(words)).toHaveLength(1);
});

test('bullets stay with their items', () => {
  const words = prose.flatMap((text, index) =>
    setCells(
      [
        ['•', 60],
        [text, 78],
      ],
      { baseline: 100 + index * 14 },
    ),
  );
  expect(regionsOf(words)).toHaveLength(1);
});

test('P4: where the text runs from right to left, the right column comes first', () => {
  const hebrew = [
    'שלום לכולם וברוכים הבאים אל הנמל',
    'הסירות יוצאות בכל יום בשעה שש',
    'ומי שמאחר נשאר על החוף עד הערב',
    'בלי קפה ובלי עיתון',
  ];
  const words = [...setLines(hebrew, { left: 320, baseline: 100 }), ...setLines([...hebrew].reverse(), { left: 60, baseline: 100 })];
  expect(regionsOf(words).map((region) => Math.min(...region.map((word) => word.left)))).toEqual([320, 60]);
});
