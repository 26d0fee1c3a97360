/**
 * The parts of a row that wide gaps set apart: cells, labels and their values, columns that nobody has cut yet.
 */
import { beginsWithMarker } from './markers.ts';
import type { Row } from './rows.ts';
import type { Word } from './words.ts';

/** Words that stand together in a row, apart from the others in it. */
export interface Segment {
  words: Word[];
  left: number;
  right: number;
}

/** A gap at least this many times the font size sets two cells apart. */
const cellGap = 1.1;
/** However wide the gaps of a row are: one this wide is no word space. */
const widestWordSpace = 0.8;

/** The segments of a row, left to right. In a line of justified prose every gap may be wide: those are not apart. */
export function segmentsOf(row: Row): Segment[] {
  const gaps = gapsOf(row);
  const usual = Math.min(usualGap(gaps, row.size), row.size * widestWordSpace);
  const segments: Segment[] = [];
  for (const [index, word] of row.words.entries()) {
    const gap = gaps[index] ?? 0;
    const segment = segments.at(-1);
    const isMarked = index === 1 && beginsWithMarker(row) && gap < row.size * 5;
    if (segment && (isMarked || gap < Math.max(row.size * cellGap, usual * 2.2))) {
      segment.words.push(word);
      segment.right = Math.max(segment.right, word.right);
    } else segments.push({ words: [word], left: word.left, right: word.right });
  }
  return segments;
}

function gapsOf(row: Row): number[] {
  let end = -Infinity;
  return row.words.map((word, index) => {
    const gap = index === 0 ? 0 : word.left - end;
    end = Math.max(end, word.right);
    return gap;
  });
}

/** The gap between words that this row's justification makes usual: the middle one of several. */
function usualGap(gaps: readonly number[], size: number): number {
  const apart = gaps.slice(1).filter((gap) => gap > size * 0.1);
  if (apart.length < 4) return 0;
  return [...apart].sort((one, other) => one - other)[Math.floor(apart.length / 2)] ?? 0;
}
