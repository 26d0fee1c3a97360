/**
 * From words to rows: words that stand on one baseline, sorted from left to right, superscripts and subscripts among them.
 *
 * A row knows nothing of columns: whoever calls this has cut the page into columns first, or is about to.
 */
import type { Word } from './words.ts';

/** Words on one baseline, left to right. `size` is the size that most of its letters have. */
export interface Row {
  words: Word[];
  left: number;
  right: number;
  top: number;
  bottom: number;
  baseline: number;
  size: number;
}

/** Two baselines closer than this share of the font size are one. */
const sameBaseline = 0.25;

/** The rows of these words, from top to bottom. */
export function rowsOf(words: readonly Word[]): Row[] {
  const sorted = [...words].sort((one, other) => one.baseline - other.baseline || one.left - other.left);
  const groups: Word[][] = [];
  for (const word of sorted) {
    const group = groups.at(-1);
    const anchor = group?.[0];
    if (group && anchor && word.baseline - anchor.baseline <= sameBaseline * Math.min(word.size, anchor.size)) group.push(word);
    else groups.push([word]);
  }
  return attachScripts(groups)
    .map(rowOf)
    .sort((one, other) => one.baseline - other.baseline);
}

/** A row of these words, which stand on one line. */
function rowOf(words: readonly Word[]): Row {
  const inOrder = [...words].sort((one, other) => one.left - other.left);
  const size = commonSize(inOrder);
  const full = inOrder.filter((word) => word.size > size * 0.85);
  const settled = full.length > 0 ? full : inOrder;
  return {
    words: inOrder,
    left: Math.min(...inOrder.map((word) => word.left)),
    right: Math.max(...inOrder.map((word) => word.right)),
    top: Math.min(...settled.map((word) => word.top)),
    bottom: Math.max(...settled.map((word) => word.bottom)),
    baseline: settled.reduce((sum, word) => sum + word.baseline, 0) / settled.length,
    size,
  };
}

/** Rows that interlock: a cell of two lines beside one of a single line that is centred on it. Most levels are one row. */
export interface Level {
  rows: Row[];
  top: number;
  bottom: number;
  size: number;
}

/** Rows whose heights overlap by more than this share of their size stand on one level. */
const sameLevel = 0.2;

/** The levels of rows that are sorted from top to bottom. */
export function levelsOf(rows: readonly Row[]): Level[] {
  const levels: Level[] = [];
  for (const row of rows) {
    const level = levels.at(-1);
    if (level && row.top < level.bottom - sameLevel * Math.min(level.size, row.size)) {
      level.rows.push(row);
      level.top = Math.min(level.top, row.top);
      level.bottom = Math.max(level.bottom, row.bottom);
      level.size = Math.min(level.size, row.size);
    } else levels.push({ rows: [row], top: row.top, bottom: row.bottom, size: row.size });
  }
  return levels;
}

/** The font size in which most letters of these words are set, to a tenth of a point. */
export function commonSize(words: readonly Word[]): number {
  const letters = new Map<number, number>();
  for (const { size, text } of words) {
    const rounded = Math.round(size * 10) / 10;
    letters.set(rounded, (letters.get(rounded) ?? 0) + text.length);
  }
  let best = 0;
  let most = -1;
  for (const [size, count] of letters) {
    if (count > most || (count === most && size > best)) [best, most] = [size, count];
  }
  return best;
}

/** The groups with small words that hang from a larger row (superscripts, subscripts) moved into it. */
function attachScripts(groups: readonly Word[][]): Word[][] {
  const moved = groups.map((): Word[] => []);
  for (const [index, group] of groups.entries()) {
    for (const word of group) {
      const near = nearbyGroups(groups, index);
      const host = near.find((other) => other !== index && hangsFrom(word, groups[other] ?? []));
      moved[host ?? index]?.push(word);
    }
  }
  return moved.filter((group) => group.length > 0);
}

/** The numbers of the groups that stand close to the one of this number. */
function nearbyGroups(groups: readonly Word[][], index: number): number[] {
  return groups.slice(Math.max(0, index - 3), index + 4).map((_, offset) => Math.max(0, index - 3) + offset);
}

function hangsFrom(word: Word, group: readonly Word[]): boolean {
  return group.some((other) => {
    if (word.size > other.size * 0.85 || word.size < other.size * 0.45) return false;
    const rise = other.baseline - word.baseline;
    if (rise > other.size * 0.75 || rise < -other.size * 0.4) return false;
    const gap = Math.max(word.left - other.right, other.left - word.right);
    return gap < other.size * 0.3 && gap > -other.size * 0.5;
  });
}
