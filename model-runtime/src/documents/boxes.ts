/**
 * Text that stands about in boxes, as in diagrams, forms and tables whose cells are centred: no shared baselines, no columns.
 *
 * Lines that stand close below one another make a box. Boxes are then read by cutting between them, level cuts before
 * upright ones; what stands side by side in a band, one box each, is a row of cells.
 */
import { rowsOf } from './rows.ts';
import type { Level } from './rows.ts';
import { segmentsOf } from './segments.ts';
import type { Word } from './words.ts';

/** Words of one box, and the room it takes. */
export interface TextBox {
  words: Word[];
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** What is read next: one box, or boxes side by side that make a row. */
export type BoxGroup = TextBox[];

/** Lines closer than this share of the font size belong to one box. */
const lineGap = 0.4;
const deepestCut = 16;

/** How many interlocking rows no row of cells would have. */
const mostRowsOfCells = 6;

/**
 * The part of a region, as levels from `start` up to the one returned, that holds text in boxes: from a level where many
 * rows interlock, with its neighbours as far as they stand close. Undefined where no level does.
 */
export function scatteredPart(levels: readonly Level[]): { start: number; end: number } | undefined {
  const first = levels.findIndex((level) => level.rows.length > mostRowsOfCells);
  if (first < 0) return undefined;
  let start = first;
  let end = levels.findLastIndex((level) => level.rows.length > mostRowsOfCells) + 1;
  while (start > 0 && areClose(levels[start - 1], levels[start])) start -= 1;
  while (end < levels.length && areClose(levels[end - 1], levels[end])) end += 1;
  return { start, end };
}

function areClose(upper: Level | undefined, lower: Level | undefined): boolean {
  return upper !== undefined && lower !== undefined && lower.top - upper.bottom < lower.size * 1.2;
}

/** The boxes of these words in the order in which they are read. */
export function boxGroupsOf(words: readonly Word[], rightToLeft: boolean): BoxGroup[] {
  return cut(boxesOf(words), rightToLeft, 0);
}

function boxesOf(words: readonly Word[]): TextBox[] {
  const boxes: TextBox[] = [];
  for (const row of rowsOf(words)) {
    for (const segment of segmentsOf(row)) {
      const line = spanOf(segment.words);
      const home = boxes.find((box) => continuesBox(box, line, row.size));
      if (home) Object.assign(home, spanOf([...home.words, ...segment.words]));
      else boxes.push(line);
    }
  }
  return boxes;
}

function spanOf(words: readonly Word[]): TextBox {
  return {
    words: [...words],
    left: Math.min(...words.map((word) => word.left)),
    right: Math.max(...words.map((word) => word.right)),
    top: Math.min(...words.map((word) => word.top)),
    bottom: Math.max(...words.map((word) => word.bottom)),
  };
}

function continuesBox(box: TextBox, line: TextBox, size: number): boolean {
  const gap = line.top - box.bottom;
  if (gap > size * lineGap || gap < -size * 0.5) return false;
  const last = box.words.at(-1);
  if (last && Math.abs(last.size - size) > size * 0.2) return false;
  const overlap = Math.min(box.right, line.right) - Math.max(box.left, line.left);
  return overlap > 0.5 * Math.min(box.right - box.left, line.right - line.left);
}

function cut(boxes: readonly TextBox[], rightToLeft: boolean, depth: number): BoxGroup[] {
  if (boxes.length <= 1 || depth > deepestCut) return boxes.map((box) => [box]);
  const bands = divide(boxes, 'top', 'bottom');
  if (bands.length > 1) return bands.flatMap((band) => cut(band, rightToLeft, depth + 1));
  const columns = divide(boxes, 'left', 'right');
  if (columns.length > 1) {
    if (rightToLeft) columns.reverse();
    if (columns.every((column) => column.length === 1)) return [columns.flat()];
    return columns.flatMap((column) => cut(column, rightToLeft, depth + 1));
  }
  return [...boxes].sort((one, other) => one.top - other.top || one.left - other.left).map((box) => [box]);
}

/** Parts of the boxes between which a straight line fits. A slight overlap is let pass. */
function divide(boxes: readonly TextBox[], from: 'top' | 'left', to: 'bottom' | 'right'): TextBox[][] {
  const sorted = [...boxes].sort((one, other) => one[from] - other[from]);
  const parts: TextBox[][] = [];
  let end = -Infinity;
  for (const box of sorted) {
    const part = parts.at(-1);
    if (part && box[from] < end - 1) part.push(box);
    else parts.push([box]);
    end = Math.max(end, box[to]);
  }
  return parts;
}
