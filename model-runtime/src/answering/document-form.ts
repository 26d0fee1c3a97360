/**
 * Which form documents take for the decoder: keys and values where the memory at hand holds them and making them takes no
 * time that anyone waits for, else the encoder's states alone.
 */
import type { DocumentForm } from '../contract.ts';
import type { ModelSizes } from '../manifest.ts';

/** Of the memory at hand, what keys and values may take: the rest is for everything else that runs on the machine. */
const mostShare = 0.5;

/** Bytes of the keys and values of so many rows in every decoder layer: float32. */
export function cachedBytes({ decoder }: ModelSizes, rows: number): number {
  return rows * decoder.layerTypes.length * 2 * decoder.kvHeads * decoder.headDim * Float32Array.BYTES_PER_ELEMENT;
}

/** Multiply-adds that make them. */
function cachedCost({ decoder, hiddenSize }: ModelSizes, rows: number): number {
  return rows * decoder.layerTypes.length * 2 * decoder.kvHeads * decoder.headDim * hiddenSize;
}

/** Whether keys and values of so many rows may be held: in their share of `availableBytes`. */
export function fitsCached(sizes: ModelSizes, rows: number, availableBytes: number): boolean {
  return cachedBytes(sizes, rows) <= mostShare * availableBytes;
}

/** The form for a first question, which waits for what is made ready: 'cached' where that fits and costs at most `mostCost` multiply-adds. */
export function firstForm(sizes: ModelSizes, rows: number, limits: { availableBytes: number; mostCost: number }): DocumentForm {
  return fitsCached(sizes, rows, limits.availableBytes) && cachedCost(sizes, rows) <= limits.mostCost ? 'cached' : 'absorbed';
}
