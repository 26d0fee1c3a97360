/** Which weight is stored in which form: a predicate on its name and shape. */
import type { Precision } from '../contract.ts';
import { blockSizeFor } from './blocks.ts';
import type { BlockBits } from './blocks.ts';

/** The form a weight is stored in. */
export type StoredForm = { form: 'fp32' } | { form: 'blocks'; bits: BlockBits; blockSize: number } | { form: 'int8-rows' };

/** The forms of one matrix: what steps over a few rows read, and what tiles of many rows do. Often the same. */
export interface StoredForms {
  steps: StoredForm;
  tiles: StoredForm;
}

/**
 * Vectors (norms, the end-of-image vector) stay fp32 always: they are small, and a norm's gain touches every value.
 *
 * The encoder's matrices, which only ever see tiles, have eight bits and one scale an output in int8 and int4 alike: fewer bits
 * make nothing faster there. The decoder's and the tied table have a scale for each block of inputs, which is as fast for a few
 * rows and finer. The decoder's keys and values are also computed for whole documents, tile by tile: they are stored in
 * both forms. Measured: decision record 0011.
 */
export function storedForms(name: string, shape: readonly number[], precision: Precision): StoredForms {
  const same = (form: StoredForm): StoredForms => ({ steps: form, tiles: form });
  const bits = precision === 'int4' ? 4 : 8;
  const blockSize = shape.length === 2 ? blockSizeFor(shape.at(-1) ?? 1, bits) : undefined;
  if (precision === 'fp32' || blockSize === undefined) return same({ form: 'fp32' });
  const rows: StoredForm = { form: 'int8-rows' };
  const blocks: StoredForm = { form: 'blocks', bits, blockSize };
  if (name.startsWith('encoder.layers.')) return same(rows);
  return /self_attn\.[kv]_proj/.test(name) ? { steps: blocks, tiles: rows } : same(blocks);
}

/** The forms as the manifest writes them. */
export function showForms({ steps, tiles }: StoredForms): string {
  const show = (stored: StoredForm): string =>
    stored.form === 'blocks' ? `int${stored.bits}/${stored.blockSize}` : stored.form === 'int8-rows' ? 'int8/rows' : 'fp32';
  return steps === tiles ? show(steps) : `${show(steps)} + ${show(tiles)}`;
}
