/**
 * What encoding costs, known before it starts: multiply-adds by layer and tile. Progress and the time left are shares
 * of this sum; only its proportions matter.
 */
import type { ModelSizes } from '../manifest.ts';

/**
 * Multiply-adds of one tile of one encoder layer.
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
  // Attention runs in fp32 at some half of the speed of the (quantised) linear layers, measured: so it counts double.
  return tile.rows * (linear + 2 * 2 * seen * query);
}

/** Multiply-adds of the whole encoder over a document of so many rows. */
export function encoderCost(sizes: ModelSizes, documentRows: number): number {
  return sizes.encoder.layerTypes.reduce((sum, _, layer) => sum + encoderTileCost(sizes, layer, { rows: documentRows, documentRows }), 0);
}

/** Multiply-adds of a document of so many rows that is encoded in windows: as many whole ones as it fills, and the rest. */
export function bookCost(sizes: ModelSizes, documentRows: number, windowRows: number): number {
  const whole = Math.floor(documentRows / windowRows);
  return whole * encoderCost(sizes, windowRows) + encoderCost(sizes, documentRows - whole * windowRows);
}
