/**
 * Weights of eight or four bits in blocks along the input axis: each block has one float32 scale and whole numbers around the
 * middle of their range, round to nearest. The layout is the one that MatMulNBits and GatherBlockQuantized (com.microsoft)
 * share, so that the tied table needs one copy for both.
 */

/** Bits of one weight. */
export type BlockBits = 8 | 4;

/** A matrix in blocks. bytes [rows, columns / blockSize, blockSize * bits / 8]; scales [rows, columns / blockSize]. */
export interface QuantizedBlocks {
  /** Of four bits, two weights a byte, the first in the lower half. */
  bytes: Uint8Array<ArrayBuffer>;
  scales: Float32Array<ArrayBuffer>;
}

/**
 * The largest block that divides a row, so that no block is padded; undefined where none does. Eight bits stay fine in
 * blocks of 128; four want shorter ones.
 */
export function blockSizeFor(columns: number, bits: BlockBits): number | undefined {
  return (bits === 8 ? [128, 64, 32, 16] : [32, 16]).find((size) => columns % size === 0);
}

/**
 * Quantises a matrix.
 *
 *   matrix [rows, columns] float32, row-major   columns a multiple of blockSize
 *   weight = (value - 2^(bits - 1)) * scale, |error| <= scale / 2, scale = max |block| / (2^(bits - 1) - 1)
 */
export function quantizeBlocks(matrix: Float32Array, blockSize: number, bits: BlockBits): QuantizedBlocks {
  const middle = 2 ** (bits - 1);
  const bytes = new Uint8Array((matrix.length * bits) / 8);
  const scales = new Float32Array(matrix.length / blockSize);
  for (let block = 0; block < scales.length; block++) {
    const start = block * blockSize;
    let largest = 0;
    for (let i = start; i < start + blockSize; i++) largest = Math.max(largest, Math.abs(matrix[i] ?? 0));
    const scale = Math.fround(largest / (middle - 1));
    scales[block] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = start; i < start + blockSize; i++) {
      const value = Math.round((matrix[i] ?? 0) * inverse) + middle;
      if (bits === 8) bytes[i] = value;
      else bytes[i >> 1] = (bytes[i >> 1] ?? 0) | (value << (4 * (i & 1)));
    }
  }
  return { bytes, scales };
}
