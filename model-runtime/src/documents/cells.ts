/**
 * The cells of a table: which words are in which column and row, and the text that comes of it.
 *
 * Cells of a row are joined by a tab, rows by a line feed; a cell whose text wraps keeps its lines in its row, joined as
 * the lines of a paragraph are.
 */
import { joinLines } from './line-ends.ts';
import { piecesOf } from './line.ts';
import type { Piece } from './line.ts';
import type { Level, Row } from './rows.ts';
import { segmentsOf } from './segments.ts';
import type { Segment } from './segments.ts';
import type { Word } from './words.ts';

/** An empty upright strip between two columns. */
interface Strip {
  left: number;
  right: number;
}

/** The lines of every filled cell of a row, by column. */
type CellLines = Map<number, Word[][]>;

/** One level of a table: its cells, and how far it is below the one before, in font sizes. */
interface TableLine {
  cells: CellLines;
  gap: number;
}

/** The pieces of a table, with a tab before every cell but a row's first and a line feed before every row but the first. */
export function tablePieces(levels: readonly Level[], rightToLeft: boolean): Piece[] {
  const strips = columnStrips(levels);
  const lines = levels.map((level, index) => ({
    cells: cellsOf(level, strips),
    gap: (level.top - (levels[index - 1]?.bottom ?? level.top)) / level.size,
  }));
  const cellRows = mergeWrapped(lines).map((cells) =>
    [...cells]
      .sort(([one], [other]) => (rightToLeft ? other - one : one - other))
      .map(([, cell]) => joinLines(cell.map((words) => piecesOf(words, rightToLeft)))),
  );
  return joinCells(cellRows);
}

/** The pieces of cells, by row, with tabs and line feeds between them. */
export function joinCells(cellRows: readonly (readonly Piece[][])[]): Piece[] {
  return cellRows.flatMap((cells, rowIndex) =>
    cells.flatMap((cell, cellIndex) =>
      cell.map((piece, index): Piece => {
        if (index > 0) return piece;
        if (cellIndex > 0) return { ...piece, before: '\t' };
        return { ...piece, before: rowIndex === 0 ? '' : '\n' };
      }),
    ),
  );
}

/** The strips between the columns of a table: gaps that its rows share, each as narrow as the narrowest of them. */
export function columnStrips(levels: readonly Level[]): Strip[] {
  const gaps = levels.flatMap(({ rows }) => gapsBetween(rows.flatMap(segmentsOf)));
  const strips: Strip[] = [];
  for (const gap of gaps.sort((one, other) => one.right - one.left - (other.right - other.left))) {
    const strip = strips.find((known) => Math.min(known.right, gap.right) - Math.max(known.left, gap.left) > 0.5);
    if (strip) {
      strip.left = Math.max(strip.left, gap.left);
      strip.right = Math.min(strip.right, gap.right);
    } else strips.push({ ...gap });
  }
  return strips.sort((one, other) => one.left - other.left);
}

/** The gaps between segments of one level; those of its rows that stand above one another count as one. */
function gapsBetween(segments: readonly Segment[]): Strip[] {
  const gaps: Strip[] = [];
  let end = -Infinity;
  for (const segment of [...segments].sort((one, other) => one.left - other.left)) {
    if (segment.left > end && end > -Infinity) gaps.push({ left: end, right: segment.left });
    end = Math.max(end, segment.right);
  }
  return gaps;
}

function cellsOf(level: Level, strips: readonly Strip[]): CellLines {
  const cells: CellLines = new Map();
  for (const row of level.rows) {
    for (const [column, words] of cellsOfRow(row, strips)) cells.set(column, [...(cells.get(column) ?? []), words]);
  }
  return cells;
}

/** The words of a row by column. A word that crosses a strip joins what stands on both sides of it. */
function cellsOfRow(row: Row, strips: readonly Strip[]): Map<number, Word[]> {
  const cells = new Map<number, Word[]>();
  for (const segment of segmentsOf(row)) {
    const open = strips.filter((strip) => !segment.words.some((word) => word.left < strip.left - 0.5 && word.right > strip.right + 0.5));
    const isShort = segment.words.length <= 4;
    let column = columnAt(segment.left, strips);
    let previous: Word | undefined;
    for (const word of segment.words) {
      if (open.some((strip) => isGapAt(previous, word, strip, isShort))) column = columnAt(word.left, strips);
      cells.set(column, [...(cells.get(column) ?? []), word]);
      previous = word;
    }
  }
  return cells;
}

/** Whether a word begins a new column at the strip: the gap before it lies there and is more than a word space, or it stands where the column does. */
function isGapAt(previous: Word | undefined, word: Word, strip: Strip, isShort: boolean): boolean {
  if (!previous || Math.min(word.left, strip.right) - Math.max(previous.right, strip.left) <= 0.3) return false;
  const gap = word.left - previous.right;
  return gap >= word.size * 0.45 || (isShort && gap >= word.size * 0.2 && Math.abs(word.left - strip.right) < word.size * 0.6);
}

function columnAt(left: number, strips: readonly Strip[]): number {
  return strips.filter((strip) => (strip.left + strip.right) / 2 < left + 0.5).length;
}

/** Puts the lines of wrapped cells into the row that they belong to. */
function mergeWrapped(lines: readonly TableLine[]): CellLines[] {
  const tightGap = gapWithinCells(lines);
  const merged: CellLines[] = [];
  for (const line of lines) {
    const last = merged.at(-1);
    if (last && continues(last, line, tightGap)) {
      for (const [column, cell] of line.cells) last.set(column, [...(last.get(column) ?? []), ...cell]);
    } else merged.push(new Map(line.cells));
  }
  return merged;
}

/**
 * The largest gap between lines of one cell, where rows stand further apart than that; undefined where gaps do not
 * tell. Lines that continue a row fill fewer of its columns than lines that begin one: that tells them from rows set
 * close together with a wider gap here and there.
 */
function gapWithinCells(lines: readonly TableLine[]): number | undefined {
  const following = lines.slice(1);
  const least = Math.min(...following.map((line) => line.gap));
  const isTight = (line: TableLine): boolean => line.gap <= least + 0.14;
  const tight = following.filter(isTight);
  const loose = following.filter((line) => line.gap >= least + 0.25);
  if (tight.length === 0 || loose.length === 0 || tight.length + loose.length < following.length * 0.8) return undefined;
  const begins = lines.filter((line, index) => index === 0 || !isTight(line));
  const fill = (some: readonly TableLine[]): number => some.reduce((sum, line) => sum + line.cells.size, 0) / some.length;
  return fill(tight) < fill(begins) * 0.85 ? least + 0.14 : undefined;
}

function continues(last: CellLines, { cells, gap }: TableLine, tightGap: number | undefined): boolean {
  if (gap > (tightGap ?? 0.6)) return false;
  for (const [column, cell] of cells) {
    const above = last.get(column)?.at(-1);
    if (above && isFigure(above) && cell.some(isFigure)) return false;
  }
  if (tightGap !== undefined) return true;
  return !cells.has(0) && cells.size <= Math.max(1, last.size / 2) && ![...cells.values()].flat().some(isFigure);
}

function isFigure(words: readonly Word[]): boolean {
  return /^[-+−(]?\s*[$€£¥]?\s*\d[\d.,\s]*\s*[%€$£¥)]?$/.test(words.map((word) => word.text).join(' '));
}
