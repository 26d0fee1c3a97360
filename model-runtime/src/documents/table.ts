/**
 * Rows of cells: finds them among the rows of a region, and says which words are in which cell.
 *
 * A table here is anything set in cells, ruled or not: figures under headings, and also a label with its value set
 * apart by a wide gap. Cells of a row are joined by a tab, rows by a line feed; a cell whose text wraps keeps its lines
 * in its row. Rules drawn on the page are not looked at: where words stand is enough.
 */
import { piecesOf } from './line.ts';
import { beginsWithMarker } from './markers.ts';
import type { Piece } from './line.ts';
import { commonSize } from './rows.ts';
import type { Row } from './rows.ts';
import type { Word } from './words.ts';

/** Words that stand together in a row, apart from the others in it. */
interface Segment {
  words: Word[];
  left: number;
  right: number;
}

/** A gap at least this many times the font size sets two cells apart. */
const cellGap = 1.1;
/** Where the rows from `start` on are a table: the row after its last one; `start` where they are none. */
export function endOfTable(rows: readonly Row[], start: number): number {
  const size = commonSize(rows.flatMap((row) => row.words));
  let end = start;
  for (let index = start; index < rows.length; index += 1) {
    const row = rows[index];
    const previous = rows[index - 1];
    if (!row) break;
    if (index > start && previous && row.top - previous.bottom > Math.max(size, row.size) * 2.2) break;
    if (segmentsOf(row).length > 1) end = index + 1;
    else if (end === start || !couldContinue(rows.slice(start, end), row) || index - end >= 3) break;
  }
  const table = rows.slice(start, end);
  return isTable(table) ? end : start;
}

/** The pieces of a table, with a tab before every cell but a row's first and a line feed before every row but the first. */
export function tablePieces(rows: readonly Row[], rightToLeft: boolean): Piece[] {
  const strips = columnStrips(rows);
  const cellRows = mergeWrapped(
    rows.map((row, index) => ({
      cells: cellsOf(row, strips),
      pitch: (row.baseline - (rows[index - 1]?.baseline ?? row.baseline)) / row.size,
    })),
  );
  const pieces: Piece[] = [];
  for (const cells of cellRows) {
    const filled = [...cells].sort(([one], [other]) => (rightToLeft ? other - one : one - other));
    for (const [cellIndex, [, lines]] of filled.entries()) {
      const isRowStart = cellIndex === 0;
      const cell = lines.flatMap((words, lineIndex) => linePieces(words, rightToLeft, lineIndex > 0));
      for (const [pieceIndex, piece] of cell.entries()) {
        if (pieceIndex > 0) pieces.push(piece);
        else pieces.push({ ...piece, before: pieces.length === 0 ? '' : isRowStart ? '\n' : '\t' });
      }
    }
  }
  return pieces;
}

function linePieces(words: readonly Word[], rightToLeft: boolean, isContinued: boolean): Piece[] {
  return piecesOf(words, rightToLeft).map((piece, index) => (index === 0 && isContinued ? { ...piece, before: ' ' } : piece));
}

/** The parts of a row that wide gaps set apart. In a line of justified prose every gap may be wide: those are not apart. */
export function segmentsOf(row: Row): Segment[] {
  const gaps = gapsOf(row);
  const usual = usualGap(gaps, row.size);
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

/** The gap between words that this row's justification makes usual: the lower middle one of several. */
function usualGap(gaps: readonly number[], size: number): number {
  const apart = gaps.slice(1).filter((gap) => gap > size * 0.1);
  if (apart.length < 4) return 0;
  return [...apart].sort((one, other) => one - other)[Math.floor(apart.length / 2)] ?? 0;
}

/** Whether a row in one piece could be the wrapped text of one cell of the table above it. */
function couldContinue(table: readonly Row[], row: Row): boolean {
  const last = table.at(-1);
  if (!last || row.top - last.bottom > row.size * 0.9 || beginsWithMarker(row)) return false;
  const strips = columnStrips(table);
  if (strips.some((strip) => row.left < strip.left - 1 && row.right > strip.right + 1)) return false;
  const firstStrip = strips[0];
  if (firstStrip && row.left >= firstStrip.left - 1) return true;
  // In the first column: only where the text is short enough to be a cell and the next row stands close.
  return firstStrip !== undefined && row.right <= firstStrip.left + 1 && row.words.length <= 6;
}

function isTable(rows: readonly Row[]): boolean {
  if (rows.length === 0) return false;
  const split = rows.filter((row) => segmentsOf(row).length > 1);
  if (split.length >= 2) return true;
  const only = split[0];
  if (!only) return false;
  const segments = segmentsOf(only);
  const widest = Math.max(...segments.slice(1).map((segment, index) => segment.left - (segments[index]?.right ?? segment.left)));
  return widest > only.size * 1.8;
}

/** The empty upright strips between the columns of a table: those that nearly all of its rows leave free. */
function columnStrips(rows: readonly Row[]): { left: number; right: number }[] {
  const split = rows.map(segmentsOf).filter((segments) => segments.length > 1);
  const gaps = split.flatMap((segments) =>
    segments.slice(1).map((segment, index) => ({ left: segments[index]?.right ?? segment.left, right: segment.left })),
  );
  const strips: { left: number; right: number; votes: number }[] = [];
  for (const gap of [...gaps].sort((one, other) => one.right - one.left - (other.right - other.left))) {
    const strip = strips.find((known) => Math.min(known.right, gap.right) - Math.max(known.left, gap.left) > 0.5);
    if (strip) {
      strip.left = Math.max(strip.left, gap.left);
      strip.right = Math.min(strip.right, gap.right);
      strip.votes += 1;
    } else strips.push({ ...gap, votes: 1 });
  }
  return strips.sort((one, other) => one.left - other.left);
}

/** The words of a row by column. A word that crosses a strip joins what stands on both sides of it. */
function cellsOf(row: Row, strips: readonly { left: number; right: number }[]): Map<number, Word[]> {
  const cells = new Map<number, Word[]>();
  for (const segment of segmentsOf(row)) {
    const crossed = strips.filter((strip) => segment.words.some((word) => word.left < strip.left - 0.5 && word.right > strip.right + 0.5));
    const open = strips.filter((strip) => !crossed.includes(strip));
    const isShort = segment.words.length <= 4;
    let column = columnAt(segment.left, strips);
    let previous: Word | undefined;
    for (const word of segment.words) {
      const isCut = open.some((strip) => isGapAt(previous, word, strip, isShort));
      if (isCut) column = columnAt(word.left, strips);
      cells.set(column, [...(cells.get(column) ?? []), word]);
      previous = word;
    }
  }
  return cells;
}

/** Whether a word begins a new column at the strip: the gap before it lies there and is more than a word space, or it stands where the column does. */
function isGapAt(previous: Word | undefined, word: Word, strip: { left: number; right: number }, isShort: boolean): boolean {
  if (!previous || Math.min(word.left, strip.right) - Math.max(previous.right, strip.left) <= 0.3) return false;
  const gap = word.left - previous.right;
  return gap >= word.size * 0.45 || (isShort && gap >= word.size * 0.2 && Math.abs(word.left - strip.right) < word.size * 0.6);
}

function columnAt(left: number, strips: readonly { left: number; right: number }[]): number {
  return strips.filter((strip) => (strip.left + strip.right) / 2 < left + 0.5).length;
}

type CellLines = Map<number, Word[][]>;

/** A line of a table with its words by column, and how far its baseline is below the one before, in font sizes. */
interface TableLine {
  cells: Map<number, Word[]>;
  pitch: number;
}

/** Puts the lines of wrapped cells into the row that they belong to. */
function mergeWrapped(lines: readonly TableLine[]): CellLines[] {
  const tightPitch = pitchWithinCells(lines);
  const merged: CellLines[] = [];
  for (const line of lines) {
    const last = merged.at(-1);
    if (last && continues(last, line, tightPitch)) {
      for (const [column, words] of line.cells) last.set(column, [...(last.get(column) ?? []), words]);
    } else merged.push(new Map([...line.cells].map(([column, words]) => [column, [words]])));
  }
  return merged;
}

/**
 * The largest distance between lines of one cell, where rows stand further apart than that; undefined where distances
 * do not tell. Lines that continue a row fill fewer of its columns than lines that begin one: that tells them from rows
 * set close together with a gap here and there.
 */
function pitchWithinCells(lines: readonly TableLine[]): number | undefined {
  const following = lines.slice(1);
  const least = Math.min(...following.map((line) => line.pitch));
  const isTight = (line: TableLine): boolean => line.pitch <= least * 1.12;
  const tight = following.filter(isTight);
  const loose = following.filter((line) => line.pitch >= least * 1.2);
  if (tight.length === 0 || loose.length === 0 || tight.length + loose.length < following.length) return undefined;
  const begins = lines.filter((line, index) => index === 0 || !isTight(line));
  const fill = (some: readonly TableLine[]): number => some.reduce((sum, line) => sum + line.cells.size, 0) / some.length;
  return fill(tight) < fill(begins) * 0.85 ? least * 1.12 : undefined;
}

function continues(last: CellLines, { cells, pitch }: TableLine, tightPitch: number | undefined): boolean {
  if (pitch > (tightPitch ?? 1.6)) return false;
  for (const [column, words] of cells) {
    const above = last.get(column)?.at(-1);
    if (above && isFigure(words) && isFigure(above)) return false;
  }
  if (tightPitch !== undefined) return true;
  return !cells.has(0) && cells.size <= Math.max(1, last.size / 2) && ![...cells.values()].some(isFigure);
}

function isFigure(words: readonly Word[]): boolean {
  return /^[-+−(]?\s*[$€£¥]?\s*\d[\d.,\s]*\s*[%€$£¥)]?$/.test(words.map((word) => word.text).join(' '));
}
