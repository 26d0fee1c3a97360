/**
 * Cuts a page into regions that are read one after the other: a recursive cut along gutters.
 *
 * A gutter is an upright strip without words, between text on both sides that belongs to separate flows. Words that
 * cross a strip end it, so a title over both columns, or a full-width paragraph between two column sets, becomes a region
 * of its own. Whether the text beside a strip is two flows or the cells of one table is decided by how it is set:
 * columns hold lines of prose that fill them; cells are short and share their baselines.
 */
import { directionOf, isUnspaced, readsRightToLeft, roughLength } from './script.ts';
import { isMarker } from './markers.ts';
import { commonSize, rowsOf } from './rows.ts';
import type { Row } from './rows.ts';
import type { Word } from './words.ts';

/** A strip between two columns, from `top` to `bottom`. */
interface Gutter {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A page with more words than this is taken as one region: a drawing or a data dump, not columns of prose. */
const mostWords = 12_000;
const deepestCut = 12;

/** The regions of these words in reading order; every word is in exactly one. */
export function regionsOf(words: readonly Word[]): Word[][] {
  if (words.length > mostWords) return [[...words]];
  return cut(words, readsRightToLeft(words.map((word) => word.text)), 0).filter((region) => region.length > 0);
}

function cut(words: readonly Word[], rightFirst: boolean, depth: number): Word[][] {
  const gutter = depth < deepestCut ? bestGutter(words) : undefined;
  if (!gutter) return [[...words]];
  const middle = (gutter.left + gutter.right) / 2;
  const above: Word[] = [];
  const below: Word[] = [];
  const left: Word[] = [];
  const right: Word[] = [];
  for (const word of words) {
    const level = (word.top + word.bottom) / 2;
    if (level < gutter.top) above.push(word);
    else if (level > gutter.bottom) below.push(word);
    else if ((word.left + word.right) / 2 < middle) left.push(word);
    else right.push(word);
  }
  const sides = rightFirst ? [right, left] : [left, right];
  return [above, ...sides, below].flatMap((part) => (part.length === 0 ? [] : cut(part, rightFirst, depth + 1)));
}

function bestGutter(words: readonly Word[]): Gutter | undefined {
  if (words.length < 6) return undefined;
  const size = commonSize(words);
  const solid = withMarkersGlued(words);
  const gutters = candidateEdges(words, size).flatMap((edge) => guttersLeftOf(solid, edge, size));
  gutters.sort((one, other) => other.bottom - other.top - (one.bottom - one.top) || other.right - other.left - (one.right - one.left));
  return gutters.slice(0, 40).find((gutter) => flowsApart(words, gutter));
}

/** The same words, those that mark what follows them (bullets, numbers, footnote letters) reaching up to it, so that no gutter fits between. */
function withMarkersGlued(words: readonly Word[]): Word[] {
  return rowsOf(words).flatMap((row) =>
    row.words.map((word, index) => {
      const previous = row.words[index - 1];
      const next = row.words[index + 1];
      const isFirst = !previous || word.left - previous.right > word.size;
      if (!next || !isFirst || !isMarker(word.text) || next.left - word.right > row.size * 3) return word;
      return next.left > word.right ? { ...word, right: next.left } : word;
    }),
  );
}

/** The x positions where columns might begin: the left edges of words with room before them, each about once. */
function candidateEdges(words: readonly Word[], size: number): number[] {
  const counts = new Map<number, number>();
  for (const row of rowsOf(words)) {
    let end = -Infinity;
    for (const word of row.words) {
      if (word.left - end > size * 0.5) {
        const edge = Math.floor(word.left);
        counts.set(edge, (counts.get(edge) ?? 0) + 1);
      }
      end = Math.max(end, word.right);
    }
  }
  return [...counts.keys()].sort((one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0)).slice(0, 120);
}

/** The strips that end at `edge` and hold no word, each as tall as the words on both of its sides allow. */
function guttersLeftOf(words: readonly Word[], edge: number, size: number): Gutter[] {
  const narrowest = Math.max(4, size * 0.6);
  const stripLeft = edge - narrowest;
  const crossers = words.filter((word) => word.left < edge - 0.5 && word.right > stripLeft).sort((one, other) => one.top - other.top);
  const gutters: Gutter[] = [];
  let from = -Infinity;
  for (const crosser of [...crossers, undefined]) {
    const to = crosser ? crosser.top : Infinity;
    const gutter = to - from > size * 2 ? gutterBetween(words, { edge, stripLeft, from, to, size }) : undefined;
    if (gutter) gutters.push(gutter);
    from = Math.max(from, crosser ? crosser.bottom : Infinity);
  }
  return gutters;
}

function gutterBetween(
  words: readonly Word[],
  strip: { edge: number; stripLeft: number; from: number; to: number; size: number },
): Gutter | undefined {
  const inside = words.filter((word) => (word.top + word.bottom) / 2 > strip.from && (word.top + word.bottom) / 2 < strip.to);
  const left = inside.filter((word) => word.right <= strip.stripLeft + 0.01);
  const right = inside.filter((word) => word.left >= strip.edge - 0.51);
  const leftRows = rowsOf(left);
  const rightRows = rowsOf(right);
  if (leftRows.length < 2 || rightRows.length < 2 || leftRows.length + rightRows.length < 5) return undefined;
  const width = Math.min(...right.map((word) => word.left)) - Math.max(...left.map((word) => word.right));
  // A narrow strip through few lines is chance: word spaces that happen to stand below one another.
  const lines = Math.min(leftRows.length, rightRows.length);
  if (width < strip.size * (lines >= 8 ? 0.6 : 1)) return undefined;
  const [top, bottom] = trimmedEnds(leftRows, rightRows, strip);
  return { left: Math.max(...left.map((word) => word.right)), right: Math.min(...right.map((word) => word.left)), top, bottom };
}

/**
 * The height over which both sides belong together. Where one side goes on alone for a line or two, set apart by a
 * gap, next to text that crosses the strip, those lines go with that text (a short heading over a full-width paragraph).
 */
function trimmedEnds(leftRows: Row[], rightRows: Row[], { from, to, size }: { from: number; to: number; size: number }): [number, number] {
  const rows = [...leftRows, ...rightRows];
  const { top, bottom } = extentOf(rows);
  const shorter = {
    top: Math.max(extentOf(leftRows).top, extentOf(rightRows).top),
    bottom: Math.min(extentOf(leftRows).bottom, extentOf(rightRows).bottom),
  };
  const first = from === -Infinity ? undefined : topWithoutLoneRows(rows, shorter.top, size);
  const last = to === Infinity ? undefined : bottomWithoutLoneRows(rows, shorter.bottom, size);
  return [first ?? top, last ?? bottom];
}

/** More rows than this on one side alone are no heading. */
const mostLoneRows = 3;

function topWithoutLoneRows(rows: readonly Row[], shorterTop: number, size: number): number | undefined {
  const alone = rows.filter((row) => row.bottom <= shorterTop + 1);
  if (alone.length === 0 || alone.length > mostLoneRows) return undefined;
  const edge = extentOf(alone).bottom;
  return nextTop(rows, edge) - edge > size * 0.6 ? nextTop(rows, edge) : undefined;
}

function bottomWithoutLoneRows(rows: readonly Row[], shorterBottom: number, size: number): number | undefined {
  const alone = rows.filter((row) => row.top >= shorterBottom - 1);
  if (alone.length === 0 || alone.length > mostLoneRows) return undefined;
  const edge = extentOf(alone).top;
  return edge - previousBottom(rows, edge) > size * 0.6 ? previousBottom(rows, edge) : undefined;
}

function nextTop(rows: readonly Row[], level: number): number {
  return Math.min(...rows.filter((row) => row.top >= level - 0.5).map((row) => row.top));
}

function previousBottom(rows: readonly Row[], level: number): number {
  return Math.max(...rows.filter((row) => row.bottom <= level + 0.5).map((row) => row.bottom));
}

/** Whether the text on the two sides of a gutter is read one side after the other. */
function flowsApart(words: readonly Word[], gutter: Gutter): boolean {
  const inBand = words.filter((word) => {
    const level = (word.top + word.bottom) / 2;
    return level >= gutter.top && level <= gutter.bottom;
  });
  const left = rowsOf(inBand.filter((word) => word.right <= gutter.left + 0.01));
  const right = rowsOf(inBand.filter((word) => word.left >= gutter.right - 0.01));
  if (left.length < 2 || right.length < 2) return false;
  if (isMarkerColumn(left) || isMarkerColumn(right)) return false;
  const aligned = alignedShare(left, right);
  const leftProse = proseShare(left);
  const rightProse = proseShare(right);
  if (leftProse >= 0.5 && rightProse >= 0.5) return left.length >= 3 && right.length >= 3 && !isRuledByRows(left, right);
  if (aligned < 0.4 && !isCellGrid(left, right)) return true;
  return isAddressPair(left, right, gutter.right - gutter.left);
}

/** A column of bullets or numbers belongs to the text beside it. */
function isMarkerColumn(rows: readonly Row[]): boolean {
  const short = rows.filter((row) => row.words.length === 1 && (row.words[0]?.text.length ?? 9) <= 4);
  return short.length >= rows.length * 0.8;
}

/** The share of the shorter side's rows that have a row on the same baseline on the other side. */
function alignedShare(left: readonly Row[], right: readonly Row[]): number {
  const [few, many] = left.length <= right.length ? [left, right] : [right, left];
  const aligned = few.filter((row) => many.some((other) => Math.abs(other.baseline - row.baseline) < row.size * 0.25));
  return aligned.length / few.length;
}

/** The share of rows that fill their column with words that follow one another. */
function proseShare(rows: readonly Row[]): number {
  const left = Math.min(...rows.map((row) => row.left));
  const right = Math.max(...rows.map((row) => row.right));
  return rows.filter((row) => isProse(row, right - left)).length / rows.length;
}

function isProse(row: Row, width: number): boolean {
  const text = row.words.map((word) => word.text).join('');
  const units = row.words.length + [...text].filter((character) => isUnspaced(character)).length / 2;
  if (units < 3 || row.right - row.left < width * 0.6) return false;
  if (widestGap(row) > row.size * 2) return false;
  const letters = row.words.filter((word) => directionOf(word.text) !== undefined && !/^[\d.,%$€£()+-]+$/.test(word.text));
  return letters.length >= row.words.length * 0.5;
}

function widestGap(row: Row): number {
  let widest = 0;
  let end = row.left;
  for (const word of row.words) {
    widest = Math.max(widest, word.left - end);
    end = Math.max(end, word.right);
  }
  return widest;
}

/**
 * Whether the two sides are cells of one table whose text is centred or set at the foot: level gaps through both sides cut
 * them into bands, and in most bands the two sides have one top, one middle or one foot.
 */
function isCellGrid(left: readonly Row[], right: readonly Row[]): boolean {
  const bands = bandsOf(left, right, -0.15).filter((band) => band.left.length > 0 && band.right.length > 0);
  const level = bands.filter((band) => {
    const [one, other] = [extentOf(band.left), extentOf(band.right)];
    const near = Math.min(band.left[0]?.size ?? 0, band.right[0]?.size ?? 0) * 0.2;
    return [one.top - other.top, one.bottom - other.bottom, (one.top + one.bottom - other.top - other.bottom) / 2].some(
      (distance) => Math.abs(distance) < near,
    );
  });
  return bands.length >= 2 && level.length >= bands.length * 0.6 && bands.length >= Math.max(left.length, right.length) * 0.3;
}

interface Band {
  left: Row[];
  right: Row[];
}

/** The rows of both sides between the level gaps that go through both. `least` is the gap that counts, in font sizes. */
function bandsOf(left: readonly Row[], right: readonly Row[], least: number): Band[] {
  const rows = [...left, ...right].sort((one, other) => one.top - other.top);
  const bands: Band[] = [];
  let bottom = -Infinity;
  for (const row of rows) {
    const band = row.top - bottom > row.size * least ? undefined : bands.at(-1);
    const side = left.includes(row) ? 'left' : 'right';
    if (band) band[side].push(row);
    else bands.push({ left: [], right: [], [side]: [row] });
    bottom = Math.max(bottom, row.bottom);
  }
  return bands;
}

function extentOf(rows: readonly Row[]): { top: number; bottom: number } {
  return { top: Math.min(...rows.map((row) => row.top)), bottom: Math.max(...rows.map((row) => row.bottom)) };
}

/**
 * Whether prose on both sides is the wrapped cells of a table: level gaps through both sides, wider than the lines are
 * apart, at both ends of every cell.
 */
function isRuledByRows(left: readonly Row[], right: readonly Row[]): boolean {
  if (alignedShare(left, right) < 0.5) return false;
  const bands = bandsOf(left, right, 0.55);
  const filled = bands.filter((band) => band.left.length > 0 && band.right.length > 0);
  return bands.length >= 3 && filled.length >= bands.length * 0.7 && (left.length + right.length) / bands.length <= 8;
}

/** Two short blocks side by side, such as a sender and a recipient: lines close together, a wide gutter, no labels, no figures. */
function isAddressPair(left: readonly Row[], right: readonly Row[], width: number): boolean {
  if (left.length > 7 || right.length > 7 || left.length < 3 || right.length < 3) return false;
  const rows = [...left, ...right];
  const size = commonSize(rows.flatMap((row) => row.words));
  if (width < size * 3) return false;
  const isTight = (side: readonly Row[]): boolean =>
    side.every((row, index) => index === 0 || row.baseline - (side[index - 1]?.baseline ?? 0) < size * 1.55);
  if (!isTight(left) || !isTight(right)) return false;
  const texts = (side: readonly Row[]): string[] => side.map((row) => row.words.map((word) => word.text).join(' '));
  const labels = texts(left)
    .slice(1)
    .filter((text) => text.endsWith(':'));
  const figures = texts(right).filter((text) => /^[\d$€£.,%\s-]+$/.test(text));
  const wordy = rows.filter((row) => row.words.length >= 2 && roughLength(row.words.map((word) => word.text).join(' ')) > 4);
  return labels.length === 0 && figures.length === 0 && wordy.length >= rows.length * 0.6;
}
