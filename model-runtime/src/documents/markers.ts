/**
 * Bullets, numbers and letters that mark an item, a heading or a footnote: they stay with the text they stand before,
 * however wide the gap.
 */
import type { Row } from './rows.ts';

const marker = /^(?:[•▪▫◦‣·●○■□➢❖✓–—*†‡§-]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\d+(?:\.\d+)+\.?|[A-Z][.)]|[a-z]|\[\d+\])$/;

/** Whether a word by itself marks what follows it. */
export function isMarker(word: string): boolean {
  return marker.test(word);
}

/** Whether a row begins with a bullet or a number that marks a list item. */
export function beginsWithMarker(row: Row): boolean {
  const first = row.words[0];
  return first !== undefined && row.words.length > 1 && first.text.length > 0 && !/^[a-z]$/.test(first.text) && isMarker(first.text);
}
