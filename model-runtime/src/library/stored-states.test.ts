import { readFileSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/golden-case.ts';
import { floats } from '../tensors/tensor.ts';
import { StoredStates, stateName } from './stored-states.ts';

const ids = [2, 5, 7];
const states = Float32Array.of(1, 2, 3, 4, 5, 6);
const unfinished = { outline: { entered: 3 }, tensors: new Map([['hidden', floats(Float32Array.of(7, 8), [2, 1])]]) };
const about = { path: '/letters/rent.pdf', name: 'rent.pdf', pageCount: 2, tokens: 3, model: 'plain' };
const subject = { ids, about };
const name = stateName({ fileSha256: 'a', manifestSha256: 'b', mode: 'exact' });

async function stored(): Promise<{ store: StoredStates; folder: string }> {
  const folder = temporaryFolder();
  const store = new StoredStates(folder);
  await store.save(name, subject, states);
  return { store, folder };
}

describe('StoredStates', () => {
  it('L1: what was kept is found again', async () => {
    const { store, folder } = await stored();
    expect(await store.has(name)).toBe(true);
    expect(await store.load(name, ids)).toEqual(states);
    expect(readdirSync(folder)).toEqual([`${name}.states.safetensors`]);
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
    ['cut off', (path: string) => truncateSync(path, statSync(path).size - 1)],
    ['cut off in its header', (path: string) => truncateSync(path, 90)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['gone', (path: string) => rmSync(path)],
  ])('L2: files that are %s are deleted, never returned', async (_what, damage) => {
    const { store, folder } = await stored();
    damage(join(folder, `${name}.states.safetensors`));
    expect(await store.load(name, ids)).toBeUndefined();
    await store.saveUnfinished(name, subject, unfinished);
    damage(join(folder, `${name}.unfinished.safetensors`));
    expect(await store.loadUnfinished(name, ids)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('L4: an interrupted reading is found again until the document has been read', async () => {
    const folder = temporaryFolder();
    const store = new StoredStates(folder);
    await store.saveUnfinished(name, subject, unfinished);
    expect(await store.has(name)).toBe(true);
    expect(await store.load(name, ids)).toBeUndefined();
    expect(await store.loadUnfinished(name, ids)).toEqual(unfinished);
    await store.save(name, subject, states);
    expect(await store.loadUnfinished(name, ids)).toBeUndefined();
  });

  it('L5: above the limit, what was unused for longest goes, never what was just kept', async () => {
    const folder = temporaryFolder();
    const { size } = statSync(join((await stored()).folder, `${name}.states.safetensors`));
    const store = new StoredStates(folder, { limitBytes: 2.5 * size });
    const names = ['a', 'b', 'c'].map((fileSha256) => stateName({ fileSha256, manifestSha256: 'b', mode: 'exact' }));
    const [a = '', b = '', c = ''] = names;
    for (const [age, each] of [a, b].entries()) {
      await store.save(each, subject, states);
      utimesSync(join(folder, `${each}.states.safetensors`), 1000 + age, 1000 + age);
    }
    await store.load(a, ids);
    await store.save(c, subject, states);
    expect(await Promise.all([a, b, c].map((each) => store.has(each)))).toEqual([true, false, true]);
    await new StoredStates(folder, { limitBytes: 1 }).save(b, subject, states);
    expect(await Promise.all([a, b, c].map((each) => store.has(each)))).toEqual([false, true, false]);
  });

  it('L6: what a killed process was writing is deleted by the next', async () => {
    const { store, folder } = await stored();
    writeFileSync(join(folder, `${name}.unfinished.safetensors.4194400.part`), 'half');
    await store.save(name, subject, states);
    expect(readdirSync(folder)).toEqual([`${name}.states.safetensors`]);
  });

  it('L7: lists what is kept, the last used first, and forgets it', async () => {
    const { store, folder } = await stored();
    const other = stateName({ fileSha256: 'c', manifestSha256: 'b', mode: 'exact' });
    const here = join(folder, 'here.pdf');
    writeFileSync(here, '');
    await store.saveUnfinished(other, { ids, about: { ...about, path: here } }, unfinished);
    utimesSync(join(folder, `${name}.states.safetensors`), 1000, 1000);
    const { documents, sizeBytes } = await store.list();
    expect(documents).toMatchObject([
      { keptId: other, path: here, isComplete: false, isThere: true },
      { keptId: name, ...about, isComplete: true, isThere: false, usedMs: 1_000_000 },
    ]);
    expect(sizeBytes).toBe(documents.reduce((sum, document) => sum + document.sizeBytes, 0));
    expect(await store.remove(other)).toBe(documents[0]?.sizeBytes);
    expect((await store.list()).documents.map(({ keptId }) => keptId)).toEqual([name]);
    expect((await new StoredStates(join(folder, 'none')).list()).documents).toEqual([]);
  });

  it('keys differ by file, model and mode', () => {
    expect(stateName({ fileSha256: 'a', manifestSha256: 'c', mode: 'exact' })).not.toBe(name);
    expect(stateName({ fileSha256: 'c', manifestSha256: 'b', mode: 'exact' })).not.toBe(name);
  });
});
