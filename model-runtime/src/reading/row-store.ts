/**
 * Rows of float32 that grow at the end, are forgotten at the start and are read as views: the queries, keys, values or
 * hidden states of one layer, one row a token. Rows may be padded with zeros before the first and after the last, for
 * graphs that work in whole blocks.
 */
import { invariant } from '../errors.ts';
import { floats } from '../tensors/tensor.ts';
import type { FloatTensor } from '../tensors/tensor.ts';

/** See the file's head. Row numbers count from the first row ever appended; padding has negative numbers or lies past the end. */
export class RowStore {
  readonly width: number;
  readonly #paddingBefore: number;
  readonly #paddingAfter: number;
  #data: Float32Array<ArrayBuffer>;
  /** The first row still held, and the first that is not there yet. */
  #first = 0;
  #end = 0;

  constructor(options: { width: number; capacityRows: number; paddingBefore?: number; paddingAfter?: number }) {
    this.width = options.width;
    this.#paddingBefore = options.paddingBefore ?? 0;
    this.#paddingAfter = options.paddingAfter ?? 0;
    this.#data = new Float32Array((this.#paddingBefore + options.capacityRows + this.#paddingAfter) * this.width);
  }

  /** Rows appended so far, forgotten ones included. */
  get rows(): number {
    return this.#end;
  }

  /** The first row that is still held. */
  get first(): number {
    return this.#first;
  }

  /** Adds rows at the end. values [n, width]. */
  append(values: Float32Array): void {
    const added = values.length / this.width;
    invariant(Number.isInteger(added), `rows of ${this.width} values, got ${values.length}`);
    this.#reserve(this.#end + added);
    this.#data.set(values, this.#offset(this.#end));
    this.#end += added;
  }

  /** Writes over rows that are held, from `row` on. values [n, width]. */
  overwrite(row: number, values: Float32Array): void {
    invariant(row >= this.#first && row + values.length / this.width <= this.#end, 'overwrites rows that are held');
    this.#data.set(values, this.#offset(row));
  }

  /** Rows [from, to) as a tensor over the store's own memory; both may reach into the padding. */
  view(from: number, to: number): FloatTensor {
    invariant(from >= this.#first || this.#first === 0, `row ${from} has been forgotten: the first held is ${this.#first}`);
    this.#reserve(Math.max(this.#end, to - this.#paddingAfter));
    return floats(this.#data.subarray(this.#offset(from), this.#offset(to)), [to - from, this.width]);
  }

  /**
   * Says that no row before `row` will be read again. Their memory is used for later rows once as many are forgotten as
   * are held, so that moving the rest costs no more than writing it did.
   */
  forget(row: number): void {
    const held = this.#end - row;
    if (row - this.#first < held || row <= this.#first) return;
    const [from, end] = [this.#offset(row), this.#offset(this.#end)];
    this.#data.copyWithin(this.#paddingBefore * this.width, from, end);
    this.#first = row;
    this.#data.fill(0, this.#offset(this.#end), end); // what lies past the last row is padding
  }

  /** The rows still held, as {@link RowStore.restore} takes them. */
  held(): FloatTensor {
    return this.view(this.#first, this.#end);
  }

  /** Puts rows [first, first + n) into a store that is empty. values [n, width]. */
  restore(first: number, values: Float32Array): void {
    invariant(this.#end === 0, 'restores into an empty store');
    this.#first = first;
    this.#end = first;
    this.append(values);
  }

  #offset(row: number): number {
    const offset = (this.#paddingBefore + row - this.#first) * this.width;
    invariant(offset >= 0, `row ${row} lies before the padding of ${this.#paddingBefore}`);
    return offset;
  }

  #reserve(rows: number): void {
    const needed = (this.#paddingBefore + rows - this.#first + this.#paddingAfter) * this.width;
    if (needed <= this.#data.length) return;
    const grown = new Float32Array(Math.max(needed, Math.ceil(this.#data.length * 1.5)));
    grown.set(this.#data);
    this.#data = grown;
  }
}
