/**
 * From the rows of a region to blocks: tables, headings, list items and paragraphs, each with its text in pieces.
 *
 * A paragraph ends where the next line is set apart by space, size, indent or a list mark, or where its last line ends
 * short of what would have fitted. Words divided at a line end are joined.
 */
import { boxGroupsOf, scatteredPart } from './boxes.ts';
import { joinCells, tablePieces } from './cells.ts';
import { joinLines } from './line-ends.ts';
import { piecesOf } from './line.ts';
import type { Piece } from './line.ts';
import { beginsWithMarker } from './markers.ts';
import type { BlockKind } from './page.ts';
import { commonSize, levelsOf, rowsOf } from './rows.ts';
import type { Level, Row } from './rows.ts';
import { endOfTable } from './table.ts';
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
  const levels = levelsOf(rowsOf(words));
  const boxes = scatteredPart(levels);
  if (!boxes) return blocksOfLevels(levels, look);
  const scattered = levels.slice(boxes.start, boxes.end).flatMap((level) => level.rows.flatMap((row) => row.words));
  return [
    ...blocksOfLevels(levels.slice(0, boxes.start), look),
    ...blocksOfBoxes(scattered, look),
    ...blocksOfLevels(levels.slice(boxes.end), look),
  ];
}

/** The blocks of text in boxes: each box for itself, except where several side by side make the row of a table. */
function blocksOfBoxes(words: readonly Word[], look: PageLook): LaidBlock[] {
  const blocks: LaidBlock[] = [];
  let tableRows: Piece[][][] = [];
  const endTable = (): void => {
    if (tableRows.length > 0) blocks.push({ kind: 'table', pieces: joinCells(tableRows) });
    tableRows = [];
  };
  for (const group of boxGroupsOf(words, look.readsRightToLeft)) {
    const [first, ...others] = group;
    if (!first) continue;
    if (others.length > 0) tableRows.push(group.map((box) => linesOf(rowsOf(box.words), look)));
    else {
      endTable();
      blocks.push(...blocksOfLevels(levelsOf(rowsOf(first.words)), look));
    }
  }
  endTable();
  return blocks;
}

function linesOf(rows: readonly Row[], look: PageLook): Piece[] {
  return joinLines(rows.map((row) => piecesOf(row.words, look.readsRightToLeft)));
}

function blocksOfLevels(levels: readonly Level[], look: PageLook): LaidBlock[] {
  const blocks: LaidBlock[] = [];
  const region = extentOf(levels.flatMap((level) => level.rows));
  let flowing: Row[] = [];
  for (let start = 0; start < levels.length;) {
    const end = endOfTable(levels, start);
    if (end > start) {
      blocks.push(...blocksOfFlow(flowing, region, look));
      blocks.push({ kind: 'table', pieces: tablePieces(levels.slice(start, end), look.readsRightToLeft) });
      flowing = [];
    } else flowing.push(...(levels[start]?.rows ?? []));
    start = Math.max(end, start + 1);
  }
  return [...blocks, ...blocksOfFlow(flowing, region, look)];
}

/** Paragraphs, headings and list items. */
function blocksOfFlow(rows: readonly Row[], region: Extent, look: PageLook): LaidBlock[] {
  const blocks: LaidBlock[] = [];
  for (let start = 0; start < rows.length;) {
    const end = endOfParagraph(rows, start, region);
    const part = rows.slice(start, end);
    blocks.push({ kind: kindOf(part, look), pieces: linesOf(part, look) });
    start = end;
  }
  return blocks;
}

/** The room that a region takes, and how its lines are spaced. */
interface Extent {
  left: number;
  right: number;
  /** The distance between baselines that most lines of a font size keep, in font sizes, by rounded size. */
  pitches: Map<number, number>;
}

/** Lines further apart than this, in font sizes, are never taken as the usual spacing of a paragraph. */
const widestPitch = 1.75;

function extentOf(rows: readonly Row[]): Extent {
  const bySize = new Map<number, number[]>();
  for (const [index, row] of rows.entries()) {
    const next = rows[index + 1];
    if (!next || Math.round(next.size) !== Math.round(row.size)) continue;
    const pitch = (next.baseline - row.baseline) / row.size;
    if (pitch > 0.8 && pitch < widestPitch) bySize.set(Math.round(row.size), [...(bySize.get(Math.round(row.size)) ?? []), pitch]);
  }
  const middle = (pitches: number[]): number => pitches.sort((one, other) => one - other)[Math.floor(pitches.length * 0.4)] ?? 1.2;
  return {
    left: Math.min(...rows.map((row) => row.left)),
    right: Math.max(...rows.map((row) => row.right)),
    pitches: new Map([...bySize].map(([size, pitches]) => [size, middle(pitches)])),
  };
}

function endOfParagraph(rows: readonly Row[], start: number, region: Extent): number {
  for (let index = start + 1; index < rows.length; index += 1) {
    const row = rows[index];
    const previous = rows[index - 1];
    if (!row || !previous) return index;
    if (startsAnew({ first: rows[start] ?? previous, previous, row, next: rows[index + 1], region })) return index;
  }
  return rows.length;
}

/** Two lines that follow one another, the first of their paragraph, and the line after them. */
interface Neighbours {
  first: Row;
  previous: Row;
  row: Row;
  next: Row | undefined;
  region: Extent;
}

/** Whether `row` begins another paragraph than `previous` is in. */
function startsAnew(lines: Neighbours): boolean {
  const { first, previous, row, region } = lines;
  if (isSetApart(lines) || beginsWithMarker(row)) return true;
  const isShort = endsShort(previous, row, region);
  if (isShort && isOneFont(previous) && isOneFont(row) && fontOf(previous) !== fontOf(row)) return true;
  const isHanging = beginsWithMarker(first) && row.left > first.left + 1;
  if (isHanging) return false;
  return isIndented(lines) || (isShort && /[.!?:;。！？”"')]$/.test(previous.words.at(-1)?.text ?? ''));
}

/** By another font size, or by more space than the lines of its size usually have. */
function isSetApart({ previous, row, region }: Neighbours): boolean {
  const size = Math.max(previous.size, row.size);
  if (Math.abs(previous.size - row.size) > size * 0.12) return true;
  const usual = region.pitches.get(Math.round(row.size)) ?? 1.2;
  return (row.baseline - previous.baseline) / size > Math.max(usual * 1.3, usual + 0.25);
}

function isIndented({ previous, row, next, region }: Neighbours): boolean {
  const size = Math.max(previous.size, row.size);
  const indent = row.left - previous.left;
  if (indent < size * 0.8 || indent > size * 5 || Math.abs(previous.left - region.left) > size * 0.6) return false;
  return !next || next.left < row.left - size * 0.5;
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
  if (isHeading(rows, look)) return 'heading';
  const [first] = rows;
  return first && beginsWithMarker(first) ? 'list' : 'paragraph';
}

/** A few words in larger type, or in another font than the text and not ending like a sentence. */
function isHeading(rows: readonly Row[], { bodySize, bodyFont }: PageLook): boolean {
  const words = rows.flatMap((row) => row.words);
  const text = words.map((word) => word.text).join('');
  if (rows.length > 3 || text.length > 160 || !/\p{L}/u.test(text)) return false;
  const size = commonSize(words);
  if (size > bodySize * 1.12) return true;
  const isOtherFont = rows.every(isOneFont) && words.every((word) => word.font !== bodyFont);
  return isOtherFont && size >= bodySize * 0.95 && text.length <= 90 && !/[.,;:]$/.test(text);
}
