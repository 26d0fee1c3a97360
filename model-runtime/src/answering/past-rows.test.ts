import { expect, it } from 'vitest';
import { goldenModel } from '../../test/golden-case.ts';
import { readManifest } from '../manifest.ts';
import { PastRows } from './past-rows.ts';

it('D9: rows that turned out wrong are freed at the end, and seen by no one where others come after them', async () => {
  const { decoder } = (await readManifest(await goldenModel('plain'))).sizes;
  const past = new PastRows(decoder, 2);
  const rows = (count: number): { floats: () => Float32Array } => ({
    floats: () => new Float32Array(count * decoder.kvHeads * decoder.headDim),
  });
  past.append({ ids: [1, 2, 3, 4, 5], positions: [0, 1, 2, 0, 1], texts: [0, 0, 0, 1, 1] }, rows(5));
  past.forget(1, 3);
  expect(past.rows).toBe(5);
  expect(past.inputs()['past_texts']?.data).toEqual(BigInt64Array.of(0n, -1n, -1n, 1n, 1n));
  past.forget(3, 5);
  expect(past.rows).toBe(1);
  expect(past.inputs()['past_positions']?.data).toEqual(BigInt64Array.of(0n));
  expect(past.inputs()['past_k.0']?.shape).toEqual([decoder.kvHeads, 1, decoder.headDim]);
  past.forget(1, 1);
  expect(past.rows).toBe(1);
});
