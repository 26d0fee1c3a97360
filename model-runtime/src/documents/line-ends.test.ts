import { expect, test } from 'vitest';
import { setLine } from '../../test/pdf/set-words.ts';
import { joinLines } from './line-ends.ts';
import { piecesOf, textOf } from './line.ts';

function join(...lines: string[]): string {
  return textOf(joinLines(lines.map((text, index) => piecesOf(setLine(text, { left: 0, baseline: index * 12 }), false))));
}

test.each([
  ['the docu-', 'ment', 'the document'],
  ['a well-', 'known man', 'a well-known man'],
  ['no high-', 'er than that', 'no higher than that'],
  ['a state-of-the-', 'art boat', 'a state-of-the-art boat'],
  ['pages 12-', '14 only', 'pages 12-14 only'],
  ['Anglo-', 'Norwegian', 'Anglo-Norwegian'],
  ['a soft\u00ad', 'Hyphen', 'a softHyphen'],
  ['in\u00adside soft', 'hyphens', 'inside soft hyphens'],
  ['a dash -', 'stays', 'a dash - stays'],
  ['日本', '語', '日本語'],
  ['first', 'second', 'first second'],
])('%s | %s', (first, second, joined) => {
  expect(join(first, second)).toBe(joined);
});
