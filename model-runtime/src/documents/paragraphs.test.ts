import { describe, expect, test } from 'vitest';
import { setCells, setLine, setLines } from '../../test/pdf/set-words.ts';
import { textOf } from './line.ts';
import { blocksOf } from './paragraphs.ts';
import type { Word } from './words.ts';

const look = { bodySize: 10, bodyFont: 'body', readsRightToLeft: false };

function read(words: readonly Word[]): string[] {
  return blocksOf(words, look).map(({ kind, pieces }) => `${kind}: ${textOf(pieces)}`);
}

describe('running text', () => {
  test('lines become one line; headings, items and indented lines begin anew', () => {
    const words = [
      ...setLine('Sailings', { left: 60, baseline: 80, size: 14, font: 'bold' }),
      ...setLines(['The boats ran all through the winter with-', 'out a single day lost, and no one'], { left: 60, baseline: 100 }),
      ...setLines(['was late for school.'], { left: 60, baseline: 124 }),
      ...setLines(['The indented line begins another one, as', 'it does in many a book that is older than'], {
        left: 75,
        baseline: 136,
      }).map((word) => (word.baseline > 140 ? { ...word, left: word.left - 15, right: word.right - 15 } : word)),
      ...setLines(['• first item', '• second item'], { left: 60, baseline: 175 }),
    ];
    expect(read(words)).toEqual([
      'heading: Sailings',
      'paragraph: The boats ran all through the winter without a single day lost, and no one was late for school.',
      'paragraph: The indented line begins another one, as it does in many a book that is older than',
      'list: • first item',
      'list: • second item',
    ]);
  });
});

describe('tables', () => {
  test('P2: row by row, and a wrapped cell stays in its row', () => {
    const words = [
      ...setCells(
        [
          ['What', 60],
          ['Amount', 300],
        ],
        { baseline: 100 },
      ),
      ...setCells(
        [
          ['Counter in oiled ash with a hatch', 60],
          ['£2,380.00', 300],
        ],
        { baseline: 122 },
      ),
      ...setCells([['and a rounded end', 60]], { baseline: 135 }),
      ...setCells(
        [
          ['Wall bench', 60],
          ['£1,166.00', 300],
        ],
        { baseline: 157 },
      ),
      ...setCells(
        [
          ['Brass hinges for the hatch, and', 60],
          ['£47.20', 300],
        ],
        { baseline: 179 },
      ),
      ...setCells([['the screws', 60]], { baseline: 192 }),
    ];
    expect(read(words)).toEqual([
      'table: What\tAmount\nCounter in oiled ash with a hatch and a rounded end\t£2,380.00\nWall bench\t£1,166.00\nBrass hinges for the hatch, and the screws\t£47.20',
    ]);
  });

  test('cells centred beside a cell of two lines are of its row', () => {
    const words = [
      ...setCells(
        [
          ['Route', 60],
          ['Passengers', 200],
          ['Cars', 320],
        ],
        { baseline: 100 },
      ),
      ...setCells([['Portmallin to', 60]], { baseline: 124 }),
      ...setCells(
        [
          ['49,115', 200],
          ['6,245', 320],
        ],
        { baseline: 130 },
      ),
      ...setCells([['Ness of Torr', 60]], { baseline: 136 }),
      ...setCells(
        [
          ['All', 60],
          ['206,415', 200],
          ['31,905', 320],
        ],
        { baseline: 160 },
      ),
    ];
    expect(read(words)).toEqual(['table: Route\tPassengers\tCars\nPortmallin to Ness of Torr\t49,115\t6,245\nAll\t206,415\t31,905']);
  });

  test('rows set close together stay apart, with an empty cell or without', () => {
    const words = [
      ...setCells(
        [
          ['Net', 60],
          ['£5,595', 200],
        ],
        { baseline: 100 },
      ),
      ...setCells(
        [
          ['VAT', 60],
          ['£1,119', 200],
        ],
        { baseline: 112 },
      ),
      ...setCells([['£6,714', 200]], { baseline: 124 }),
    ];
    expect(read(words)).toEqual(['table: Net\t£5,595\nVAT\t£1,119\n£6,714']);
  });

  test('a label and its value, set apart on one line', () => {
    expect(
      read(
        setCells(
          [
            ['Invoice number', 60],
            ['2026-0418', 200],
          ],
          { baseline: 100 },
        ),
      ),
    ).toEqual(['table: Invoice number\t2026-0418']);
  });

  test('a line of justified prose is no row of cells', () => {
    const words = setLine('wide spaces are usual in a narrow column', { left: 60, baseline: 100, gap: 9 });
    expect(read(words)).toEqual(['paragraph: wide spaces are usual in a narrow column']);
  });

  test('dots that lead to a page number become a tab', () => {
    expect(read(setLine('The traffic ........ 12', { left: 60, baseline: 100 }))).toEqual(['paragraph: The traffic\t12']);
  });
});
