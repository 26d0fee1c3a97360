/**
 * The words of one line in the order in which they are read, with the spaces between them.
 *
 * Order: right-to-left words among left-to-right ones and the other way round (a simple form of the Unicode
 * bidirectional algorithm on whole words; within words the parser has put characters in logical order). Spaces: from
 * the gaps on the page, since a PDF need not hold any.
 */
import { directionOf, hasMirroredBrackets, isUnspaced, withBracketsTurned } from './script.ts';
import type { Word } from './words.ts';

/** A piece of text and what stands before it: nothing, a space, a tab or a line feed. */
export interface Piece {
  before: '' | ' ' | '\t' | '\n';
  text: string;
  word: Word;
}

/** Gaps narrower than this share of the font size lie within a word. */
const wordGap = 0.12;

/** The pieces of a line; the first has nothing before it. */
export function piecesOf(words: readonly Word[], rightToLeft: boolean): Piece[] {
  const ordered = inReadingOrder(words, rightToLeft);
  const pieces: Piece[] = [];
  for (const [index, word] of ordered.entries()) {
    const previous = ordered[index - 1];
    pieces.push({ before: previous && isApart(previous, word) ? ' ' : '', text: word.text, word });
  }
  return withoutLeaders(rightToLeft && hasMirroredBrackets(textOf(pieces)) ? pieces.map(turned) : pieces);
}

function turned(piece: Piece): Piece {
  return directionOf(piece.text) === 'ltr' ? piece : { ...piece, text: withBracketsTurned(piece.text) };
}

/** The text of pieces that follow one another. */
export function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.before + piece.text).join('');
}

function inReadingOrder(words: readonly Word[], rightToLeft: boolean): Word[] {
  const sorted = [...words].sort((one, other) => one.left - other.left || one.run - other.run || one.indexInRun - other.indexInRun);
  if (!sorted.some((word) => directionOf(word.text) === 'rtl')) return sorted;
  const base = rightToLeft ? 'rtl' : 'ltr';
  if (rightToLeft) sorted.reverse();
  const ordered: Word[] = [];
  for (let index = 0; index < sorted.length;) {
    const end = endOfOpposite(sorted, index, base);
    if (end > index) ordered.push(...sorted.slice(index, end).reverse());
    else ordered.push(...sorted.slice(index, index + 1));
    index = Math.max(end, index + 1);
  }
  return ordered;
}

/** Where the stretch of words against the base direction that begins at `start` ends; `start` where none begins. */
function endOfOpposite(words: readonly Word[], start: number, base: 'ltr' | 'rtl'): number {
  let end = start;
  for (let index = start; index < words.length; index += 1) {
    const direction = effectiveDirection(words[index], base, index > start);
    if (direction === base) break;
    if (direction !== undefined) end = index + 1;
  }
  return end;
}

/** Numbers between right-to-left words belong to them. */
function effectiveDirection(word: Word | undefined, base: 'ltr' | 'rtl', hasBegun: boolean): 'ltr' | 'rtl' | undefined {
  const direction = word ? directionOf(word.text) : undefined;
  const isNumber = word !== undefined && /^[\d.,:/%+-]+$/.test(word.text);
  return base === 'ltr' && hasBegun && isNumber ? undefined : direction;
}

function isApart(previous: Word, word: Word): boolean {
  if (previous.run === word.run) return true;
  const gap = previous.left <= word.left ? word.left - previous.right : previous.left - word.right;
  const size = Math.min(previous.size, word.size);
  if (isUnspaced(previous.text.at(-1)) && isUnspaced(word.text[0])) return gap > size * 0.6;
  return gap > size * wordGap || gap < -size * 0.6;
}

/** Dots that lead the eye to a page number become a tab. */
function withoutLeaders(pieces: readonly Piece[]): Piece[] {
  const kept: Piece[] = [];
  let dots: Piece[] = [];
  for (const piece of pieces) {
    if (/^[.·…]+$/.test(piece.text)) {
      dots.push(piece);
      continue;
    }
    const isLeader = kept.length > 0 && dots.reduce((sum, dot) => sum + dot.text.length, 0) >= 4;
    if (isLeader) kept.push({ ...piece, before: '\t' });
    else kept.push(...dots, piece);
    dots = [];
  }
  return [...kept, ...dots];
}
