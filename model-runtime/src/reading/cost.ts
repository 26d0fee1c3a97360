/**
 * What encoding costs, known before it starts: multiply-adds by layer and tile, those of attention weighed by how long they
 * take. Progress and the time left are shares of this sum; only its proportions matter.
 */
import type { ModelSizes } from '../manifest.ts';

/**
 * Time of a multiply-add of attention over that of one in a linear layer, measured with the 270M shape on two cores of a Zen 3
 * (AVX2): 1.5 and 1.3 in int8, 1.25 and 1.0 in fp32. Where eight-bit products are faster (VNNI) both are larger.
 */
const fullAttentionWeight = 1.4;
const slidingAttentionWeight = 1.2;

/**
 * The cost of one tile of one encoder layer, in multiply-adds of its linear layers.
 *
 *   linear     rows * (projections + feed-forward)
 *   attention  rows * (rows seen) * heads * headDim * 2; a full layer sees the whole document, a sliding one its window
 */
export function encoderTileCost(sizes: ModelSizes, layer: number, tile: { rows: number; documentRows: number }): number {
  const stack = sizes.encoder;
  const query = stack.heads * stack.headDim;
  const key = stack.kvHeads * stack.headDim;
  const linear = sizes.hiddenSize * (2 * query + 2 * key + 3 * stack.intermediateSize);
  const isFull = stack.layerTypes[layer] === 'full_attention';
  const seen = isFull ? tile.documentRows : Math.min(tile.documentRows, 2 * stack.slidingWindow);
  const weight = isFull ? fullAttentionWeight : slidingAttentionWeight;
  return tile.rows * (linear + weight * 2 * seen * query);
}

/** The cost of the whole encoder over a document of so many rows. */
export function encoderCost(sizes: ModelSizes, documentRows: number): number {
  return sizes.encoder.layerTypes.reduce((sum, _, layer) => sum + encoderTileCost(sizes, layer, { rows: documentRows, documentRows }), 0);
}

/**
 * The cost of a document of so many rows that is encoded in windows: of those that are known, and of the rest as if in windows
 * of their mean length (of `usualRows` before any is known).
 */
export function bookCost(sizes: ModelSizes, documentRows: number, windows: { rows: readonly number[]; usualRows: number }): number {
  const known = windows.rows.reduce((sum, rows) => sum + rows, 0);
  const meanRows = known === 0 ? windows.usualRows : known / windows.rows.length;
  const knownCost = windows.rows.reduce((sum, rows) => sum + encoderCost(sizes, rows), 0);
  return knownCost + (Math.max(0, documentRows - known) / meanRows) * encoderCost(sizes, meanRows);
}
