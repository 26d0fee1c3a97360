/**
 * Sets words by hand, for tests of the reading order: every character is half the font size wide, every gap is given.
 */
import type { Word } from '../../src/documents/words.ts';

/** Where a line starts and how it is set. Points; the baseline counts from the top of the page. */
export interface Setting {
  left: number;
  baseline: number;
  size?: number;
  font?: string;
  /** Between words, in points; a quarter of the font size where absent. */
  gap?: number;
}

let lastRun = 0;

/** The words of a line, each a run of its own so that gaps decide what is apart. */
export function setLine(text: string, { left, baseline, size = 10, font = 'body', gap = size / 4 }: Setting): Word[] {
  let at = left;
  return text.split(' ').map((word) => {
    const width = [...word].length * size * 0.5;
    const set: Word = {
      text: word,
      left: at,
      right: at + width,
      top: baseline - size * 0.78,
      bottom: baseline + size * 0.22,
      baseline,
      size,
      font,
      run: (lastRun += 1),
      indexInRun: 0,
    };
    at += width + gap;
    return set;
  });
}

/** Lines below one another, `pitch` points apart. */
export function setLines(lines: readonly string[], { pitch = 12, ...setting }: Setting & { pitch?: number }): Word[] {
  return lines.flatMap((text, index) => setLine(text, { ...setting, baseline: setting.baseline + index * pitch }));
}

/** A row of cells, each starting at its own x. */
export function setCells(cells: readonly (readonly [text: string, left: number])[], setting: Omit<Setting, 'left'>): Word[] {
  return cells.flatMap(([text, left]) => setLine(text, { ...setting, left }));
}
