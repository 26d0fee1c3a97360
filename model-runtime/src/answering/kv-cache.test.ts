import { describe, expect, it } from 'vitest';
import { KvRows } from './kv-cache.ts';

describe('KvRows', () => {
  it('keeps each kv head’s rows together while it grows', () => {
    const cache = new KvRows(2, 1, 1);
    cache.append(Float32Array.of(1, 10));
    cache.append(Float32Array.of(2, 3, 20, 30));
    cache.append(Float32Array.of(4, 40));
    expect(cache.view()).toEqual({ dtype: 'float32', shape: [2, 4, 1], data: Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40) });
    cache.truncate(2);
    expect(cache.view().data).toEqual(Float32Array.of(1, 2, 10, 20));
    cache.append(Float32Array.of(7, 70));
    expect(cache.view().data).toEqual(Float32Array.of(1, 2, 7, 10, 20, 70));
  });

  it('shows one kv head’s rows where they lie, without copying', () => {
    const cache = new KvRows(1, 2, 8);
    cache.append(Float32Array.of(1, 2));
    expect(cache.view().data.buffer.byteLength).toBe(8 * 2 * 4);
  });
});
