/**
 * From the rows of a region to blocks: tables, headings, list items and paragraphs, each with its text in pieces.
 *
 * A paragraph ends where the next line is set apart by space, size, indent or a list mark, or where its last line ends
 * short of what would have fitted. Words divided at a line end are joined.
 */
import { areScattered, boxGroupsOf } from './boxes.ts';
import { joinLines } from './line-ends.ts';
import { piecesOf } from './line.ts';
import type { Piece } from './line.ts';
import { beginsWithMarker } from './markers.ts';
import type { BlockKind } from './page.ts';
import { commonSize, rowsOf } from './rows.ts';
import type { Row } from './rows.ts';
import { endOfTable, tablePieces } from './table.ts';
import type { Word } from './words.ts';

/** A block before it has offsets: its kind and its text in pieces. */
export interface LaidBlock {
  kind: BlockKind;
  pieces: Piece[];
}

/** What the page as a whole tells about one of its regions. */
export interface PageLook {
  /** The size and the font of most letters. */
  bodySize: number;
  bodyFont: string;
  readsRightToLeft: boolean;
}

/** The blocks of one region, from top to bottom. */
export function blocksOf(words: readonly Word[], look: PageLook): LaidBlock[] {
  const rows = rowsOf(words);
  if (!areScattered(rows)) return blocksOfRows(rows, look);
  const blocks: LaidBlock[] = [];
  for (const group of boxGroupsOf(words, look.readsRightToLeft)) {
    const previous = blocks.at(-1);
    const cells = group.map((box) => cellOf(box.words, look));
    const [only] = group;
    if (group.length === 1 && only) blocks.push(...blocksOfRows(rowsOf(only.words), look));
    else if (previous?.kind === 'table') previous.pieces.push(...joinCells(cells, '\n'));
    else blocks.push({ kind: 'table', pieces: joinCells(cells, '') });
  }
  return blocks;
}

function cellOf(words: readonly Word[], look: PageLook): Piece[] {
  return joinLines(rowsOf(words).map((row) => piecesOf(row.words, look.readsRightToLeft)));
}

function joinCells(cells: readonly Piece[][], before: Piece['before']): Piece[] {
  return cells.flatMap((cell, cellIndex) =>
    cell.map((piece, index) => (index > 0 ? piece : { ...piece, before: cellIndex === 0 ? before : '\t' })),
  );
}

function blocksOfRows(rows: readonly Row[], look: PageLook): LaidBlock[] {
  const region = extentOf(rows);
  const blocks: LaidBlock[] = [];
  for (let start = 0; start < rows.length;) {
    const tableEnd = endOfTable(rows, start);
    const end = tableEnd > start ? tableEnd : endOfParagraph(rows, start, region);
    const part = rows.slice(start, end);
    if (tableEnd > start) blocks.push({ kind: 'table', pieces: tablePieces(part, look.readsRightToLeft) });
    else blocks.push({ kind: kindOf(part, look), pieces: joinLines(part.map((row) => piecesOf(row.words, look.readsRightToLeft))) });
    start = end;
  }
  return blocks;
}

interface Extent {
  left: number;
  right: number;
  /** The distance between baselines that most lines keep, in font sizes. */
  pitch: number;
}

function extentOf(rows: readonly Row[]): Extent {
  const pitches = rows
    .slice(1)
    .map((row, index) => (row.baseline - (rows[index]?.baseline ?? 0)) / row.size)
    .filter((pitch) => pitch > 0.8 && pitch < 2.5)
    .sort((one, other) => one - other);
  return {
    left: Math.min(...rows.map((row) => row.left)),
    right: Math.max(...rows.map((row) => row.right)),
    pitch: pitches[Math.floor(pitches.length * 0.4)] ?? 1.2,
  };
}

function endOfParagraph(rows: readonly Row[], start: number, region: Extent): number {
  for (let index = start + 1; index < rows.length; index += 1) {
    const row = rows[index];
    const previous = rows[index - 1];
    if (!row || !previous) return index;
    if (startsAnew({ first: rows[start] ?? previous, previous, row, next: rows[index + 1], region })) return index;
    if (endOfTable(rows, index) > index) return index;
  }
  return rows.length;
}

function startsAnew(lines: { first: Row; previous: Row; row: Row; next: Row | undefined; region: Extent }): boolean {
  const { first, previous, row, next, region } = lines;
  const size = Math.max(previous.size, row.size);
  const pitch = (row.baseline - previous.baseline) / size;
  if (Math.abs(previous.size - row.size) > size * 0.12) return true;
  if (pitch > Math.max(region.pitch * 1.3, region.pitch + 0.25) || beginsWithMarker(row)) return true;
  if (fontOf(previous) !== fontOf(row) && isOneFont(previous) && isOneFont(row) && endsShort(previous, row, region)) return true;
  const isHanging = beginsWithMarker(first) && row.left > first.left + 1;
  if (isHanging) return false;
  const indent = row.left - previous.left;
  const isIndented = indent > size * 0.8 && indent < size * 5;
  if (isIndented && Math.abs(previous.left - region.left) < size * 0.6 && (!next || next.left < row.left - size * 0.5)) return true;
  return endsShort(previous, row, region) && /[.!?:;。！？”"')]$/.test(previous.words.at(-1)?.text ?? '');
}

/** Whether the first word of the next line would have fitted on the line. */
function endsShort(line: Row, next: Row, region: Extent): boolean {
  const first = next.words[0];
  const room = region.right - line.right;
  return first !== undefined && room > first.right - first.left + line.size * 0.6;
}

function fontOf(row: Row): string {
  return row.words[0]?.font ?? '';
}

function isOneFont(row: Row): boolean {
  return row.words.every((word) => word.font === fontOf(row));
}

function kindOf(rows: readonly Row[], look: PageLook): BlockKind {
  const words = rows.flatMap((row) => row.words);
  const letters = words.reduce((sum, word) => sum + word.text.length, 0);
  const isShort = rows.length <= 3 && letters <= 160;
  const size = commonSize(words);
  const isLarge = size > look.bodySize * 1.12;
  const isOtherFont = words.every((word) => word.font !== look.bodyFont) && rows.every(isOneFont) && size >= look.bodySize * 0.95;
  const endsLikeProse = /[.,;:]$/.test(words.at(-1)?.text ?? '');
  if (isShort && (isLarge || (isOtherFont && !endsLikeProse && letters <= 90)) && /\p{L}/u.test(words.map((word) => word.text).join('')))
    return 'heading';
  const first = rows[0];
  return first && beginsWithMarker(first) ? 'list' : 'paragraph';
}
