import { expect, test } from 'vitest';
import { isReadable } from './readable.ts';

test.each([
  ['Plain words, as people write them.', true],
  ['12', true],
  ['–', true],
  ['', true],
  ['a = b + c · d² − (e / f) ≤ 3 × 10⁵', true],
  ['Contents ........................................ 7', true],
  ['Total 118.00 4.50 −12 % £3', true],
  ['日本語の文章', true],
  ['\ue012\ue034\ue001\ue002 \ue044\ue055', false],
  ['\ufffd\ufffd\ufffd and \ufffd\ufffd\ufffd\ufffd', false],
  ['\u0001\u0002\u0003', false],
  ['7KLV\u0003LV\u0003D\u0003WHVW\u0003RI\u0003IRQWV', false],
  ['"7+%-', false],
])('%j: %s', (text, expected) => {
  expect(isReadable(text)).toBe(expected);
});
