import { expect, test } from 'vitest';
import { setLine } from '../../test/pdf/set-words.ts';
import { piecesOf, textOf } from './line.ts';

/** The line as it is seen from left to right. */
function read(seen: string, rightToLeft: boolean): string {
  return textOf(piecesOf(setLine(seen, { left: 60, baseline: 100 }), rightToLeft));
}

test('P4: right to left, with numbers and foreign words the way they are read', () => {
  expect(read('באמצע, Big English והמילה 1234 המספר', true)).toBe('המספר 1234 והמילה Big English באמצע,');
});

test('P4: a right-to-left quotation within left-to-right text', () => {
  expect(read('he said עולם שלום to us', false)).toBe('he said שלום עולם to us');
});

test('P4: brackets named for their looks are turned round', () => {
  expect(read('המילים של הסדר( )את לבדוק', true)).toBe('לבדוק (את הסדר) של המילים');
});

test('runs that touch are one word', () => {
  const [first, second] = setLine('foot notes', { left: 60, baseline: 100, gap: 0.5 });
  expect(
    textOf(
      piecesOf(
        [first, second].flatMap((word) => word ?? []),
        false,
      ),
    ),
  ).toBe('footnotes');
});
