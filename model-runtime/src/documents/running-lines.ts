/**
 * Headers and footers: lines at the edge of a page that come back at the same place on other pages.
 *
 * Kept where first met, dropped wherever they come again. A page number counts as the same line when it goes up with
 * the page. Works on a stream: it remembers the edges of the pages that it has seen and looks a few pages ahead.
 */
import { rowsOf } from './rows.ts';
import { segmentsOf } from './segments.ts';
import type { DirectedWords, Word } from './words.ts';

/** A line at the edge of a page. */
interface EdgeLine {
  pageNumber: number;
  words: Word[];
  /** The text with numbers taken out, and the numbers. */
  pattern: string;
  numbers: number[];
  left: number;
  right: number;
  baseline: number;
  size: number;
}

/** What to do with the running lines of a page: leave out, or keep as blocks of their own. */
export interface RunningWords {
  repeated: Set<Word>;
  first: Set<Word>;
}

/** How many rows at the top and at the bottom of a page may be running lines. */
const edgeRows = 3;
/** How far into the page, as a share of its height, they may stand. */
const edgeShare = 0.15;
const rememberedPages = 8;

/** Finds the running lines of a document whose pages come in order. */
export class RunningLines {
  #seen: EdgeLine[] = [];

  /** The running lines of `page`. `ahead` are some of the pages that follow it. */
  take(
    page: { pageNumber: number; directions: readonly DirectedWords[] },
    ahead: readonly { pageNumber: number; directions: readonly DirectedWords[] }[],
  ): RunningWords {
    const lines = edgeLinesOf(page.pageNumber, page.directions[0]);
    const later = ahead.flatMap((other) => edgeLinesOf(other.pageNumber, other.directions[0]));
    const repeated = new Set<Word>();
    const first = new Set<Word>();
    for (const line of lines) {
      const isRepeated = this.#seen.some((other) => isSameLine(other, line));
      const isRunning = isRepeated || later.some((other) => isSameLine(other, line));
      for (const word of line.words) if (isRunning) (isRepeated ? repeated : first).add(word);
    }
    this.#seen = [...this.#seen.filter((line) => line.pageNumber > page.pageNumber - rememberedPages), ...lines];
    const wordCount = page.directions.reduce((sum, { words }) => sum + words.length, 0);
    return repeated.size === wordCount ? { repeated: new Set(), first: new Set() } : { repeated, first };
  }
}

function edgeLinesOf(pageNumber: number, direction: DirectedWords | undefined): EdgeLine[] {
  if (!direction) return [];
  const { frame, words } = direction;
  const rows = rowsOf(words.filter((word) => word.baseline < frame.height * edgeShare || word.baseline > frame.height * (1 - edgeShare)));
  const upper = rows.filter((row) => row.baseline < frame.height / 2).slice(0, edgeRows);
  const lower = rows.filter((row) => row.baseline >= frame.height / 2).slice(-edgeRows);
  return [...upper, ...lower].flatMap((row) =>
    segmentsOf(row).map((segment) => {
      const text = segment.words.map((word) => word.text).join(' ');
      const { pattern, numbers } = patternOf(text);
      return {
        pageNumber,
        words: segment.words,
        pattern,
        numbers,
        left: segment.left,
        right: segment.right,
        baseline: row.baseline,
        size: row.size,
      };
    }),
  );
}

function patternOf(text: string): { pattern: string; numbers: number[] } {
  const roman = /^[\s–—-]*([ivxl]{1,7})[\s–—-]*$/.exec(text)?.[1];
  if (roman) return { pattern: text.replace(roman, '#'), numbers: [romanValue(roman)] };
  const numbers: number[] = [];
  const pattern = text.replace(/\d+/g, (digits) => {
    numbers.push(Number(digits));
    return '#';
  });
  return { pattern, numbers };
}

function romanValue(roman: string): number {
  const values: Record<string, number> = { i: 1, v: 5, x: 10, l: 50 };
  return [...roman].reduce((sum, letter, index) => {
    const value = values[letter] ?? 0;
    return sum + (value < (values[roman[index + 1] ?? ''] ?? 0) ? -value : value);
  }, 0);
}

function isSameLine(one: EdgeLine, other: EdgeLine): boolean {
  if (one.pattern !== other.pattern || Math.abs(one.baseline - other.baseline) > 3 || Math.abs(one.size - other.size) > 0.6) return false;
  const isAtSamePlace = Math.abs(one.left - other.left) < 12 || Math.abs(one.right - other.right) < 12;
  const isMirrored = one.numbers.length > 0 && !/\p{L}{4}/u.test(one.pattern);
  if (!isAtSamePlace && !isMirrored) return false;
  const pages = other.pageNumber - one.pageNumber;
  const differing = one.numbers.filter((number, index) => number !== other.numbers[index]);
  if (differing.length === 0) return !/^[#\s]*$/.test(one.pattern);
  return differing.every((number) => other.numbers[one.numbers.indexOf(number)] === number + pages);
}
