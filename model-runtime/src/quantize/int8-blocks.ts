/**
 * Eight-bit weights in blocks along the input axis: each block has one float32 scale and whole numbers around 128,
 * round to nearest. The layout is the one that MatMulNBits and GatherBlockQuantized (com.microsoft) share, so that the
 * tied table needs one copy for both.
 */

/** A matrix in blocks. blocks [rows, ceil(columns / blockSize), blockSize] uint8; scales [rows, ceil(columns / blockSize)]. */
export interface Int8Blocks {
  blocks: Uint8Array<ArrayBuffer>;
  scales: Float32Array<ArrayBuffer>;
  blockSize: number;
  blocksPerRow: number;
}

/** The largest block of 128, 64, 32 or 16 that divides a row, so that no block is padded; undefined where none does. */
export function blockSizeFor(columns: number): number | undefined {
  return [128, 64, 32, 16].find((size) => columns % size === 0);
}

/**
 * Quantises a matrix.
 *
 *   matrix [rows, columns] float32, row-major   columns a multiple of blockSize
 *   value = (byte - 128) * scale, |error| <= scale / 2, scale = max |block| / 127
 */
export function quantizeInt8Blocks(matrix: Float32Array, columns: number, blockSize: number): Int8Blocks {
  const blocks = new Uint8Array(matrix.length);
  const scales = new Float32Array(matrix.length / blockSize);
  for (let block = 0; block < scales.length; block++) {
    const start = block * blockSize;
    let largest = 0;
    for (let i = start; i < start + blockSize; i++) largest = Math.max(largest, Math.abs(matrix[i] ?? 0));
    const scale = Math.fround(largest / 127);
    scales[block] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = start; i < start + blockSize; i++) blocks[i] = Math.round((matrix[i] ?? 0) * inverse) + 128;
  }
  return { blocks, scales, blockSize, blocksPerRow: columns / blockSize };
}
