import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goldenCheckpoint, temporaryFolder } from '../../test/golden-case.ts';
import { float16ToFloat32 } from './float-formats.ts';
import { SafetensorsFile, sourceOf, writeSafetensors } from './safetensors.ts';
import { floats, integers } from './tensor.ts';

const folder = temporaryFolder();

describe('safetensors', () => {
  it('W1: what was written is read back, whole and in part', async () => {
    const path = join(folder, 'pair.safetensors');
    await writeSafetensors(path, [sourceOf('a', floats(Float32Array.of(1, -2, 3.5, 0.1, 5, 6), [3, 2])), sourceOf('b', integers([7, -8]))]);
    const file = await SafetensorsFile.open(path);
    expect(await file.readFloats('a')).toEqual(Float32Array.of(1, -2, 3.5, 0.1, 5, 6));
    expect(await file.readFloats('a', 2, 4)).toEqual(Float32Array.of(3.5, 0.1));
    expect(await file.readIntegers('b')).toEqual(BigInt64Array.of(7n, -8n));
    await expect(file.readFloats('b')).rejects.toMatchObject({ code: 'model-corrupt', message: expect.stringContaining('got I64') });
    await expect(file.readFloats('c')).rejects.toMatchObject({ details: { problem: 'tensor c is missing' } });
    await file.close();
  });

  it.each([
    ['is cut off in its tensors', (path: string) => truncateSync(path, 20_000), /truncated/],
    ['is cut off in its header', (path: string) => truncateSync(path, 100), /header claims/],
    ['is empty', (path: string) => truncateSync(path, 0), /at least 8 bytes/],
    [
      'is something else',
      (path: string) => writeFileSync(path, `${String.fromCharCode(9, 0, 0, 0, 0, 0, 0, 0)}not json!`),
      /not a JSON object/,
    ],
  ])('W3: a file that %s is an error that names it', async (_what, damage, problem) => {
    const path = join(folder, 'damaged.safetensors');
    writeFileSync(path, readFileSync(join(goldenCheckpoint('short'), 'model.safetensors')));
    damage(path);
    await expect(SafetensorsFile.open(path)).rejects.toMatchObject({
      code: 'model-corrupt',
      details: { file: 'damaged.safetensors', problem: expect.stringMatching(problem) },
    });
  });

  it('W1: every F16 value becomes the same number', () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, index) => index);
    expect(float16ToFloat32(bits)).toEqual(Float32Array.from(new Float16Array(bits.buffer)));
  });
});
