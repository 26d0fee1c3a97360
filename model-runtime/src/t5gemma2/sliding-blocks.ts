/**
 * The geometry of the encoder's sliding layers: which rows a row sees, and how rows are cut into blocks so that each
 * block needs only whole blocks around itself.
 *
 * Source: transformers 5.23, sliding_window_mask_function of a bidirectional layer; SPEC E4.
 */
import type { SlidingBlocks } from '../manifest.ts';

/** How far a row sees: i sees j when i - j <= before and j - i <= after. */
export interface WindowReach {
  before: number;
  after: number;
}

/** The reach of a window of W rows: 0 <= i - j < (W + 1) div 2, or 0 < j - i < W div 2 + 1. */
export function windowReach(window: number): WindowReach {
  return { before: Math.floor((window + 1) / 2) - 1, after: Math.floor(window / 2) };
}

/**
 * Blocks of 128 rows, or smaller ones where the window is small: with blocks of half the reach, at most a third of
 * the computed scores fall outside the window. (128 was the fastest measured at a window of 512.)
 */
export function slidingBlocks(window: number): SlidingBlocks {
  const { before, after } = windowReach(window);
  const rows = Math.min(128, Math.max(8, 2 ** Math.ceil(Math.log2(Math.max(1, window / 4)))));
  return { rows, before: Math.ceil(before / rows), after: Math.ceil(after / rows) };
}

/**
 * Which of the rows that a block is given lie inside the window: 0 where they do, `outside` where they do not.
 * Returns [rows, (before + 1 + after) * rows], the same for every block.
 */
export function windowMask(window: number, blocks: SlidingBlocks, outside: number): Float32Array<ArrayBuffer> {
  const reach = windowReach(window);
  const width = (blocks.before + 1 + blocks.after) * blocks.rows;
  const mask = new Float32Array(blocks.rows * width);
  for (let row = 0; row < blocks.rows; row++) {
    for (let column = 0; column < width; column++) {
      const distance = column - blocks.before * blocks.rows - row;
      mask[row * width + column] = distance >= -reach.before && distance <= reach.after ? 0 : outside;
    }
  }
  return mask;
}
