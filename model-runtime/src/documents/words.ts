/**
 * From runs of glyphs to words in a frame in which every text runs left to right and downwards.
 *
 * A page may hold text in four directions; each direction is laid out by itself, in its own frame, so that nothing
 * further on need know of rotation. Vertical writing is such a direction too. Text drawn twice at nearly the same
 * place (fake bold, shadows) counts once.
 */
import { isUnspaced, normaliseText, roughLength } from './script.ts';
import type { Box } from './page.ts';
import { formFieldFont } from './text-run.ts';
import type { PageRuns, TextRun } from './text-run.ts';

/** A direction of text on the page, in degrees clockwise. */
export type Angle = 0 | 90 | 180 | 270;

/** The page turned so that text of one direction runs left to right. Sizes are those of the turned page. */
export interface Frame {
  angle: Angle;
  width: number;
  height: number;
}

/** A word in its frame: points, origin at the top left, y downwards. `text` holds no white space and is in logical order. */
export interface Word {
  text: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
  baseline: number;
  /** Font size in points. */
  size: number;
  font: string;
  /** Which run of the page it came from, and its place in there: neighbours of one run are known to be apart. */
  run: number;
  indexInRun: number;
}

/** The words of one direction of text on a page. */
export interface DirectedWords {
  frame: Frame;
  words: Word[];
}

const ascentShare = 0.78;
const descentShare = 0.22;

/** The words of a page by the direction of their text, the direction with most characters first. */
export function wordsOf(page: PageRuns): DirectedWords[] {
  const byAngle = new Map<Angle, Word[]>();
  for (const [index, run] of withoutDoubles(page.runs).entries()) {
    const angle = nearestAngle(run.angle);
    const words = splitRun(run, index, frameOf(page, angle));
    byAngle.set(angle, [...(byAngle.get(angle) ?? []), ...words]);
  }
  return [...byAngle]
    .map(([angle, words]) => ({ frame: frameOf(page, angle), words: words.map((word) => onLineOf(words, word)) }))
    .sort((one, other) => letterCount(other.words) - letterCount(one.words));
}

/** Where a rectangle of a frame stands on the page as it is shown. */
export function toPageBox(frame: Frame, area: { left: number; right: number; top: number; bottom: number }): Box {
  const { left, right, top, bottom } = area;
  const width = right - left;
  const height = bottom - top;
  if (frame.angle === 0) return { x: left, y: top, width, height };
  if (frame.angle === 90) return { x: frame.height - bottom, y: left, width: height, height: width };
  if (frame.angle === 180) return { x: frame.width - right, y: frame.height - bottom, width, height };
  return { x: top, y: frame.width - right, width: height, height: width };
}

/** A form field's value, whose baseline is a guess, moved to that of the printed text beside it. */
function onLineOf(words: readonly Word[], word: Word): Word {
  if (word.font !== formFieldFont) return word;
  let nearest: Word | undefined;
  for (const other of words) {
    if (other.font === formFieldFont || Math.abs(other.baseline - word.baseline) > word.size * 0.7) continue;
    if (!nearest || Math.abs(other.right - word.left) < Math.abs(nearest.right - word.left)) nearest = other;
  }
  return nearest ? { ...word, baseline: nearest.baseline } : word;
}

function letterCount(words: readonly Word[]): number {
  return words.reduce((sum, word) => sum + word.text.length, 0);
}

function nearestAngle(degrees: number): Angle {
  return ((Math.round(degrees / 90) % 4) * 90) as Angle;
}

function frameOf({ widthPt, heightPt }: PageRuns, angle: Angle): Frame {
  return angle % 180 === 0 ? { angle, width: widthPt, height: heightPt } : { angle, width: heightPt, height: widthPt };
}

function toFrame(frame: Frame, x: number, y: number): { left: number; down: number } {
  if (frame.angle === 0) return { left: x, down: y };
  if (frame.angle === 90) return { left: y, down: frame.height - x };
  if (frame.angle === 180) return { left: frame.width - x, down: frame.height - y };
  return { left: frame.width - y, down: x };
}

function splitRun(run: TextRun, runIndex: number, frame: Frame): Word[] {
  const start = toFrame(frame, run.x, run.y);
  // Spaces at the ends stay: the run's length counts them.
  const text = closeLetterspacing(normaliseText(run.text));
  const pieces = text.split(/( +|[.]{4,})/).filter((piece) => piece !== '');
  const total = pieces.reduce((sum, piece) => sum + roughLength(piece), 0) || 1;
  const baseline = run.isVertical ? start.down + run.size * 0.38 : start.down;
  const words: Word[] = [];
  let done = 0;
  for (const piece of pieces) {
    const from = (done / total) * run.length;
    done += roughLength(piece);
    const to = (done / total) * run.length;
    if (piece.startsWith(' ')) continue;
    words.push({
      text: piece,
      left: start.left + (run.isRightToLeft ? run.length - to : from),
      right: start.left + (run.isRightToLeft ? run.length - from : to),
      top: baseline - run.size * ascentShare,
      bottom: baseline + run.size * descentShare,
      baseline,
      size: run.size,
      font: run.font,
      run: runIndex,
      indexInRun: words.length,
    });
  }
  return words;
}

/** "H e a d i n g", where every letter stands by itself, is one word. */
function closeLetterspacing(text: string): string {
  return /^(?:\p{L} ){4,}\p{L} ?$/u.test(text) && !isUnspaced(text[0]) ? text.replaceAll(' ', '') : text;
}

function withoutDoubles(runs: readonly TextRun[]): TextRun[] {
  const seen = new Map<string, TextRun[]>();
  return runs.filter((run) => {
    const key = `${run.text}|${Math.round(run.angle)}`;
    const alike = seen.get(key) ?? [];
    const nearPt = run.size * (run.text.length >= 3 ? 0.2 : 0.1);
    if (alike.some((other) => Math.abs(other.x - run.x) < nearPt && Math.abs(other.y - run.y) < nearPt)) return false;
    seen.set(key, [...alike.slice(-50), run]);
    return true;
  });
}
