/**
 * Rows of float32 that grow at the end and are read as views: the keys, values or hidden states of one layer, one row
 * a token. Rows may be padded with zeros before the first and after the last, for graphs that work in whole blocks.
 */
import { invariant } from '../errors.ts';
import { floats } from '../tensors/tensor.ts';
import type { FloatTensor } from '../tensors/tensor.ts';

/** See the file's head. Row numbers count from the first real row; padding has negative numbers or lies past the end. */
export class RowStore {
  readonly width: number;
  readonly #paddingBefore: number;
  readonly #paddingAfter: number;
  #data: Float32Array<ArrayBuffer>;
  #rows = 0;

  constructor(options: { width: number; capacityRows: number; paddingBefore?: number; paddingAfter?: number }) {
    this.width = options.width;
    this.#paddingBefore = options.paddingBefore ?? 0;
    this.#paddingAfter = options.paddingAfter ?? 0;
    this.#data = new Float32Array((this.#paddingBefore + options.capacityRows + this.#paddingAfter) * this.width);
  }

  /** Rows written so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Adds rows at the end. values [n, width]. */
  append(values: Float32Array): void {
    const added = values.length / this.width;
    invariant(Number.isInteger(added), `rows of ${this.width} values, got ${values.length}`);
    this.#reserve(this.#rows + added);
    this.#data.set(values, this.#offset(this.#rows));
    this.#rows += added;
  }

  /** Writes over rows that are there, from `row` on. values [n, width]. */
  overwrite(row: number, values: Float32Array): void {
    invariant(row >= 0 && row + values.length / this.width <= this.#rows, 'overwrites rows that are there');
    this.#data.set(values, this.#offset(row));
  }

  /** Rows [from, to) as a tensor over the store's own memory; both may reach into the padding. */
  view(from: number, to: number): FloatTensor {
    this.#reserve(Math.max(this.#rows, to - this.#paddingAfter));
    return floats(this.#data.subarray(this.#offset(from), this.#offset(to)), [to - from, this.width]);
  }

  #offset(row: number): number {
    const offset = (this.#paddingBefore + row) * this.width;
    invariant(row >= -this.#paddingBefore, `row ${row} lies before the padding of ${this.#paddingBefore}`);
    return offset;
  }

  #reserve(rows: number): void {
    const needed = (this.#paddingBefore + rows + this.#paddingAfter) * this.width;
    if (needed <= this.#data.length) return;
    const grown = new Float32Array(Math.max(needed, Math.ceil(this.#data.length * 1.5)));
    grown.set(this.#data);
    this.#data = grown;
  }
}
