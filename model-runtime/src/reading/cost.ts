/**
 * What encoding takes, known before it starts: multiply-adds by layer and tile, of two kinds, since how fast the one is beside
 * the other differs by machine and precision. Progress and the time left are shares of their sum.
 */
import type { ModelSizes } from '../manifest.ts';

/** Multiply-adds. */
export interface Work {
  /** Of linear layers and (weighed against them) sliding attention: as many for every row. */
  steady: number;
  /** Of full attention: as many for every row as there are rows. */
  looking: number;
}

/** Nothing done. */
export const noWork: Work = { steady: 0, looking: 0 };

/**
 * Time of a multiply-add of attention over that of one in a linear layer, measured with the 270M shape on two cores of a Zen 3
 * (AVX2): full 1.5 and sliding 1.3 in int8, 1.25 and 1.0 in fp32. How it is for full attention here, a reading learns on its way
 * (progress.ts).
 */
export const usualLookingWeight = 1.4;
const slidingWeight = 1.2;

/** Both kinds as one number: how long they take, in the time of a multiply-add of a linear layer. */
export function costOf({ steady, looking }: Work, lookingWeight: number = usualLookingWeight): number {
  return steady + lookingWeight * looking;
}

/** a + b * times. */
export function addWork(a: Work, b: Work, times = 1): Work {
  return { steady: a.steady + times * b.steady, looking: a.looking + times * b.looking };
}

/**
 * One tile of one encoder layer.
 *
 *   linear     rows * (projections + feed-forward)
 *   attention  rows * (rows seen) * heads * headDim * 2; a full layer sees the whole document, a sliding one its window
 */
export function tileWork(sizes: ModelSizes, layer: number, tile: { rows: number; documentRows: number }): Work {
  const stack = sizes.encoder;
  const query = stack.heads * stack.headDim;
  const key = stack.kvHeads * stack.headDim;
  const linear = tile.rows * sizes.hiddenSize * (2 * query + 2 * key + 3 * stack.intermediateSize);
  const attention = (seen: number): number => tile.rows * seen * query * 2;
  return stack.layerTypes[layer] === 'full_attention'
    ? { steady: linear, looking: attention(tile.documentRows) }
    : { steady: linear + slidingWeight * attention(Math.min(tile.documentRows, 2 * stack.slidingWindow)), looking: 0 };
}

/** The whole encoder over a document of so many rows. */
export function encodingWork(sizes: ModelSizes, documentRows: number): Work {
  return sizes.encoder.layerTypes.reduce(
    (sum, _, layer) => addWork(sum, tileWork(sizes, layer, { rows: documentRows, documentRows })),
    noWork,
  );
}

/**
 * A document of so many rows that is encoded in windows: those that are known, and the rest as if in windows of their mean length
 * (of `usualRows` before any is known).
 */
export function bookWork(sizes: ModelSizes, documentRows: number, windows: { rows: readonly number[]; usualRows: number }): Work {
  const known = windows.rows.reduce((sum, rows) => sum + rows, 0);
  const meanRows = known === 0 ? windows.usualRows : known / windows.rows.length;
  const knownWork = windows.rows.reduce((sum, rows) => addWork(sum, encodingWork(sizes, rows)), noWork);
  return addWork(knownWork, encodingWork(sizes, meanRows), Math.max(0, documentRows - known) / meanRows);
}
