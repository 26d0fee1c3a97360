/** Which weight is stored in which form: a predicate on its name and shape. */
import type { Precision } from '../contract.ts';
import { blockSizeFor } from './int8-blocks.ts';

/** The form a weight is stored in. */
export type StoredForm = { form: 'fp32' } | { form: 'int8'; blockSize: number };

/**
 * Vectors (norms, the end-of-image vector) stay fp32 always: they are small, and a norm's gain touches every value.
 * Matrices follow the model's precision, unless their rows cannot be cut into blocks.
 */
export function storedForm(shape: readonly number[], precision: Precision): StoredForm {
  const columns = shape.at(-1) ?? 1;
  const blockSize = shape.length === 2 ? blockSizeFor(columns) : undefined;
  return precision === 'int8' && blockSize !== undefined ? { form: 'int8', blockSize } : { form: 'fp32' };
}

/** The form as the manifest writes it. */
export function showForm(stored: StoredForm): string {
  return stored.form === 'fp32' ? 'fp32' : `int8/${stored.blockSize}`;
}
