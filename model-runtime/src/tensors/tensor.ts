/**
 * A tensor in plain memory, and the shape letters that every comment in this package uses:
 *
 *   B batch   T decoder steps or rows of a tile   S source length (rows of the document)
 *   H query heads   K kv heads   G query heads per kv head (H / K)   D head dimension   C hidden size   V vocabulary
 *
 * Knows nothing of files, graphs or sessions.
 */

/** Element types that Recto's tensors, graphs and files use. */
export type Dtype = 'float32' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'uint8' | 'int8' | 'bool';

/** Bytes one element takes. */
export const elementBytes: Readonly<Record<Dtype, number>> = {
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  uint8: 1,
  int8: 1,
  bool: 1,
};

/** A float32 tensor, row-major. */
export interface FloatTensor {
  dtype: 'float32';
  shape: readonly number[];
  data: Float32Array<ArrayBuffer>;
}

/** An int64 tensor, row-major. */
export interface IntTensor {
  dtype: 'int64';
  shape: readonly number[];
  data: BigInt64Array<ArrayBuffer>;
}

/** What goes into and comes out of a graph. */
export type HostTensor = FloatTensor | IntTensor;

/** How many elements a shape has. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A float32 tensor over `data`, without copying. */
export function floats(data: Float32Array<ArrayBuffer>, shape: readonly number[]): FloatTensor {
  return { dtype: 'float32', shape, data };
}

/** An int64 tensor of the given whole numbers; its shape is [length] unless told. */
export function integers(values: readonly number[], shape: readonly number[] = [values.length]): IntTensor {
  return { dtype: 'int64', shape, data: BigInt64Array.from(values, BigInt) };
}
