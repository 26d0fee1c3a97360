/**
 * Finds the tables among the rows of a region.
 *
 * A table here is anything set in cells, ruled or not: figures under headings, and also a label with its value set
 * apart by a wide gap. Rules drawn on the page are not looked at: where words stand is enough. What goes into which
 * cell: cells.ts.
 */
import { columnStrips } from './cells.ts';
import { beginsWithMarker } from './markers.ts';
import type { Level } from './rows.ts';
import { segmentsOf } from './segments.ts';

/** So many lines of wrapped text may stand between two rows of cells. */
const mostSingleLines = 3;

/** Where the levels from `start` on are a table: the level after its last one; `start` where they are none. */
export function endOfTable(levels: readonly Level[], start: number): number {
  let end = start;
  for (const [offset, level] of levels.slice(start).entries()) {
    const index = start + offset;
    if (index > start && areFarApart(levels[index - 1], level)) break;
    if (isSplit(level)) end = index + 1;
    else if (end === start || !couldContinue(levels.slice(start, end), level) || index - end >= mostSingleLines) break;
  }
  if (!isTable(levels.slice(start, end))) return start;
  while (end < levels.length && isTail(levels.slice(start, end), levels[end])) end += 1;
  return end;
}

/** Whether the level after a table is the rest of its last row: text in a later column, or closer than the table's rows are. */
function isTail(table: readonly Level[], level: Level | undefined): boolean {
  const last = table.at(-1);
  const [firstStrip] = columnStrips(table);
  if (!level || !last || !firstStrip || isSplit(level) || !couldContinue(table, level)) return false;
  if (level.rows.every((row) => row.left >= firstStrip.left - 1)) return true;
  const gaps = table
    .slice(1)
    .map((one, index) => one.top - (table[index]?.bottom ?? one.top))
    .sort((one, other) => one - other);
  return level.top - last.bottom < (gaps[Math.floor(gaps.length / 2)] ?? 0) * 0.7;
}

function areFarApart(upper: Level | undefined, lower: Level): boolean {
  return upper !== undefined && lower.top - upper.bottom > Math.max(upper.size, lower.size) * 2.2;
}

/** Whether a level holds text in several places side by side. */
function isSplit({ rows }: Level): boolean {
  if (rows.some((row) => segmentsOf(row).length > 1)) return true;
  return rows.some((row) => rows.some((other) => other.left > row.right));
}

/** Whether a level in one piece could be the wrapped text of one cell of the table above it. */
function couldContinue(table: readonly Level[], level: Level): boolean {
  const last = table.at(-1);
  const [row] = level.rows;
  if (!last || !row || level.rows.length > 1) return false;
  if (level.top - last.bottom > row.size * 0.9 || beginsWithMarker(row)) return false;
  const strips = columnStrips(table);
  const firstStrip = strips[0];
  if (!firstStrip || strips.some((strip) => row.left < strip.left - 1 && row.right > strip.right + 1)) return false;
  // In the first column: only where the text is short enough to be a cell.
  return row.left >= firstStrip.left - 1 || (row.right <= firstStrip.left + 1 && row.words.length <= 6);
}

/** Two rows of cells are a table; one is only where its gap is wide. */
function isTable(levels: readonly Level[]): boolean {
  const split = levels.filter(isSplit);
  const [only] = split;
  if (split.length !== 1 || !only) return split.length > 1;
  return columnStrips(split).some((strip) => strip.right - strip.left > only.size * 1.8);
}
