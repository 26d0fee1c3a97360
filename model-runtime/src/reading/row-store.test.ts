import { describe, expect, it } from 'vitest';
import { RowStore } from './row-store.ts';

/** Rows [from, to) of a store in which row i holds i + 1. */
const rows = (from: number, to: number): Float32Array => Float32Array.from({ length: to - from }, (_, index) => from + index + 1);
const dataOf = (store: RowStore, from: number, to: number): number[] => [...store.view(from, to).data];

describe('RowStore', () => {
  it('pads with zeros on both sides, also after it has grown and after rows were forgotten', () => {
    const store = new RowStore({ width: 1, capacityRows: 2, paddingBefore: 2, paddingAfter: 3 });
    store.append(rows(0, 3));
    expect(dataOf(store, -2, 6)).toEqual([0, 0, 1, 2, 3, 0, 0, 0]);
    store.append(rows(3, 9));
    store.forget(7);
    expect(store.first).toBe(7);
    expect(dataOf(store, 7, 12)).toEqual([8, 9, 0, 0, 0]);
  });

  it('forgets only when as many rows go as stay, and never asks for more memory than that', () => {
    const store = new RowStore({ width: 1, capacityRows: 8 });
    store.append(rows(0, 8));
    store.forget(3);
    expect(store.first).toBe(0);
    for (let end = 16; end <= 160; end += 8) {
      store.append(rows(end - 8, end));
      store.forget(end - 4);
    }
    expect(store.held().data.buffer.byteLength).toBeLessThanOrEqual(16 * 4);
    expect(dataOf(store, 156, 160)).toEqual([157, 158, 159, 160]);
  });

  it('refuses rows that are forgotten', () => {
    const store = new RowStore({ width: 1, capacityRows: 8 });
    store.append(rows(0, 8));
    store.forget(6);
    expect(() => store.view(5, 8)).toThrow(/forgotten/u);
    expect(() => store.overwrite(5, rows(5, 6))).toThrow(/held/u);
  });

  it('what is held goes into another store', () => {
    const store = new RowStore({ width: 2, capacityRows: 4, paddingAfter: 1 });
    store.append(rows(0, 12));
    store.forget(4);
    const other = new RowStore({ width: 2, capacityRows: 1, paddingAfter: 1 });
    other.restore(store.first, store.held().data);
    expect([other.first, other.rows]).toEqual([4, 6]);
    expect(dataOf(other, 4, 7)).toEqual(dataOf(store, 4, 7));
  });
});
