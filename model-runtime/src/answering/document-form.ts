/**
 * Which form documents take for the decoder: keys and values where the memory at hand holds them, the encoder's states alone
 * where it does not.
 */
import type { DocumentForm } from '../contract.ts';
import type { ModelSizes } from '../manifest.ts';

/** Of the memory at hand, what keys and values may take: the rest is for everything else that runs on the machine. */
const mostShare = 0.5;

/** Bytes of the keys and values of so many rows in every decoder layer: float32. */
export function cachedBytes({ decoder }: ModelSizes, rows: number): number {
  return rows * decoder.layerTypes.length * 2 * decoder.kvHeads * decoder.headDim * Float32Array.BYTES_PER_ELEMENT;
}

/** 'cached' where it fits into its share of `availableBytes`, else 'absorbed'. */
export function documentFormFor(sizes: ModelSizes, rows: number, availableBytes: number): DocumentForm {
  return cachedBytes(sizes, rows) <= mostShare * availableBytes ? 'cached' : 'absorbed';
}
