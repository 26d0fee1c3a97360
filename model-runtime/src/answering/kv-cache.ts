/**
 * Keys and values of one decoder layer as rows that grow in place: [K, rows, D], kv head by kv head, with room to grow.
 * The graph reads views of it and returns its new rows only; appending them is a copy of those rows and nothing else.
 */
import { invariant } from '../errors.ts';
import { floats } from '../tensors/tensor.ts';
import type { FloatTensor } from '../tensors/tensor.ts';

/** Keys or values of one layer. */
export class KvRows {
  readonly #kvHeads: number;
  readonly #headDim: number;
  #data: Float32Array<ArrayBuffer>;
  #capacity: number;
  #rows = 0;

  constructor(kvHeads: number, headDim: number, capacityRows: number) {
    this.#kvHeads = kvHeads;
    this.#headDim = headDim;
    this.#capacity = capacityRows;
    this.#data = new Float32Array(kvHeads * capacityRows * headDim);
  }

  /** Rows held. */
  get rows(): number {
    return this.#rows;
  }

  /** Adds rows at the end of every kv head. values [K, n, D]. */
  append(values: Float32Array): void {
    const added = values.length / (this.#kvHeads * this.#headDim);
    invariant(Number.isInteger(added), `[${this.#kvHeads}, n, ${this.#headDim}], got ${values.length} values`);
    this.#reserve(this.#rows + added);
    for (let head = 0; head < this.#kvHeads; head++) {
      const from = head * added * this.#headDim;
      this.#data.set(values.subarray(from, from + added * this.#headDim), (head * this.#capacity + this.#rows) * this.#headDim);
    }
    this.#rows += added;
  }

  /** Forgets every row from `rows` on. */
  truncate(rows: number): void {
    invariant(rows <= this.#rows, 'truncates to fewer rows');
    this.#rows = rows;
  }

  /** All rows as a tensor [K, rows, D]: the memory itself for one kv head or a full store, else a packed copy. */
  view(): FloatTensor {
    const shape = [this.#kvHeads, this.#rows, this.#headDim];
    if (this.#kvHeads === 1 || this.#rows === this.#capacity) {
      return floats(this.#data.subarray(0, this.#kvHeads * this.#rows * this.#headDim), shape);
    }
    const packed = new Float32Array(this.#kvHeads * this.#rows * this.#headDim);
    for (let head = 0; head < this.#kvHeads; head++) {
      const from = head * this.#capacity * this.#headDim;
      packed.set(this.#data.subarray(from, from + this.#rows * this.#headDim), head * this.#rows * this.#headDim);
    }
    return floats(packed, shape);
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    const capacity = Math.max(rows, this.#capacity * 2);
    const grown = new Float32Array(this.#kvHeads * capacity * this.#headDim);
    for (let head = 0; head < this.#kvHeads; head++) {
      const from = head * this.#capacity * this.#headDim;
      grown.set(this.#data.subarray(from, from + this.#rows * this.#headDim), head * capacity * this.#headDim);
    }
    this.#data = grown;
    this.#capacity = capacity;
  }
}

/** Keys and values of every layer. */
export interface KvCache {
  layers: { k: KvRows; v: KvRows }[];
}

/** An empty cache for a stack of layers. */
export function emptyCache(stack: { layerTypes: readonly unknown[]; kvHeads: number; headDim: number }, capacityRows: number): KvCache {
  const rows = (): KvRows => new KvRows(stack.kvHeads, stack.headDim, capacityRows);
  return { layers: stack.layerTypes.map(() => ({ k: rows(), v: rows() })) };
}

/** Forgets every row from `rows` on, in every layer. */
export function truncateCache(cache: KvCache, rows: number): void {
  for (const { k, v } of cache.layers) {
    k.truncate(rows);
    v.truncate(rows);
  }
}
