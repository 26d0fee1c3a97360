import { readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/golden-case.ts';
import { StoredStates, stateName } from './stored-states.ts';

const ids = [2, 5, 7];
const states = Float32Array.of(1, 2, 3, 4, 5, 6);
const name = stateName({ fileSha256: 'a', manifestSha256: 'b', mode: 'exact' });

async function stored(): Promise<{ store: StoredStates; folder: string }> {
  const folder = temporaryFolder();
  const store = new StoredStates(folder);
  await store.save(name, ids, states, 2);
  return { store, folder };
}

describe('StoredStates', () => {
  it('L1: what was kept is found again', async () => {
    const { store, folder } = await stored();
    expect(await store.has(name)).toBe(true);
    expect(await store.load(name, ids)).toEqual(states);
    expect(readdirSync(folder).sort()).toEqual([`${name}.json`, `${name}.safetensors`]);
  });

  it('L2: states of other tokens are deleted', async () => {
    const { store, folder } = await stored();
    expect(await store.load(name, [2, 5, 8])).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    [
      'with one bit flipped',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[bytes.length - 3] = (bytes.at(-3) ?? 0) ^ 1;
        writeFileSync(path, bytes);
      },
    ],
    ['cut off', (path: string) => truncateSync(path, 90)],
    ['gone', (path: string) => rmSync(path)],
  ])('L2: states that are %s are deleted, never returned', async (_what, damage) => {
    const { store, folder } = await stored();
    damage(join(folder, `${name}.safetensors`));
    expect(await store.load(name, ids)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keys differ by file, model and mode', () => {
    expect(stateName({ fileSha256: 'a', manifestSha256: 'c', mode: 'exact' })).not.toBe(name);
    expect(stateName({ fileSha256: 'c', manifestSha256: 'b', mode: 'exact' })).not.toBe(name);
  });
});
