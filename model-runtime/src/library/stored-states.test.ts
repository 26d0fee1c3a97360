import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/golden-case.ts';
import { floats } from '../tensors/tensor.ts';
import { StoredStates } from './stored-states.ts';
import type { DocumentStates, KeptSubject } from './stored-states.ts';

const ids = [2, 5, 7];
const states = new Map([
  ['states', floats(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2])],
  ['key_scales', floats(Float32Array.of(7, 8, 9), [1, 1, 3])],
]);
const unfinished = { outline: { entered: 3 }, tensors: new Map([['hidden', floats(Float32Array.of(7, 8), [2, 1])]]) };
const about = { path: '/letters/rent.pdf', name: 'rent.pdf', pageCount: 2, tokens: 3, model: 'plain', pieces: 1 };
const subject = { ids, about };
const key = { fileSha256: 'a', manifestSha256: 'b', mode: 'exact' } as const;

async function stored(): Promise<{ store: StoredStates; kept: DocumentStates; folder: string; file: string }> {
  const folder = temporaryFolder();
  const store = new StoredStates(folder);
  const kept = store.of(key);
  await kept.save(subject, states);
  return { store, kept, folder, file: join(folder, readdirSync(folder)[0] ?? '') };
}

const kindsIn = (folder: string): string[] => readdirSync(folder).map((name) => name.split('.')[1] ?? '');

describe('StoredStates', () => {
  it('L1: what was kept is found again', async () => {
    const { kept, folder } = await stored();
    expect(await kept.isThere()).toBe(true);
    expect(await kept.load(subject)).toEqual(states);
    expect(kindsIn(folder)).toEqual(['states']);
  });

  it('L2: states of other tokens are not found, and deleted once the right ones are known', async () => {
    const { kept, folder } = await stored();
    const others = { ids: [2, 5, 8], about };
    expect(await kept.load(others)).toBeUndefined();
    await kept.save(others, states);
    await kept.keepOnly([others.ids]);
    expect(kindsIn(folder)).toEqual(['states']);
    expect(await kept.load(subject)).toBeUndefined();
  });

  it('L2: a file under the name of another text is not believed', async () => {
    const { kept, file } = await stored();
    const other = temporaryFolder();
    const elsewhere = new StoredStates(other).of(key);
    await elsewhere.save({ ids: [9, 9, 9], about }, states);
    renameSync(join(other, readdirSync(other)[0] ?? ''), file);
    expect(await kept.load(subject)).toBeUndefined();
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
    const { kept, folder, file } = await stored();
    damage(file);
    expect(await kept.load(subject)).toBeUndefined();
    await kept.saveUnfinished(subject, unfinished);
    damage(file.replace('.states.', '.unfinished.'));
    expect(await kept.loadUnfinished(ids)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['states', 'unfinished'])('L2: whichever byte of a file of %s is altered, it is deleted, never returned', async (kind) => {
    const { kept, file } = await stored();
    await kept.saveUnfinished(subject, unfinished);
    const path = file.replace('.states.', `.${kind}.`);
    const bytes = readFileSync(path);
    for (const [index, byte] of bytes.entries()) {
      const altered = Uint8Array.from(bytes);
      altered[index] = byte ^ (1 << (index % 8));
      writeFileSync(path, altered);
      expect(kind === 'states' ? await kept.load(subject) : await kept.loadUnfinished(ids), `byte ${index}`).toBeUndefined();
      expect(existsSync(path)).toBe(false);
    }
  });

  it('L6: once the document has been read, nothing unfinished of it is left, nor what a killed process was writing', async () => {
    const { kept, folder, file } = await stored();
    await kept.saveUnfinished(subject, unfinished);
    writeFileSync(`${file}.4194400.part`, 'half');
    await kept.keepOnly([ids]);
    expect(readdirSync(folder)).toEqual([basename(file)]);
  });

  it('L3: a place that may not be written is said to be one', async () => {
    const { folder } = await stored();
    const file = join(folder, 'a file');
    writeFileSync(file, '');
    const saving = new StoredStates(join(file, 'states')).of(key).save(subject, states);
    await expect(saving).rejects.toMatchObject({ code: 'disk-full', details: { problem: 'forbidden' } });
  });

  it('L4: an interrupted reading is found again until the document has been read', async () => {
    const kept = new StoredStates(temporaryFolder()).of(key);
    await kept.saveUnfinished(subject, unfinished);
    expect(await kept.isThere()).toBe(true);
    expect(await kept.load(subject)).toBeUndefined();
    expect(await kept.loadUnfinished(ids)).toEqual(unfinished);
    await kept.save(subject, states);
    expect(await kept.loadUnfinished(ids)).toBeUndefined();
  });

  it('L5: above the limit, what was unused for longest goes, never what was just kept', async () => {
    const folder = temporaryFolder();
    const { size } = statSync((await stored()).file);
    const store = new StoredStates(folder, { limitBytes: 2.5 * size });
    const of = (fileSha256: string, from = store): DocumentStates => from.of({ ...key, fileSha256 });
    const text = (fileSha256: string): KeptSubject => ({ ids: [fileSha256.charCodeAt(0), 1, 2], about });
    for (const [age, name] of ['a', 'b'].entries()) {
      await of(name).save(text(name), states);
      for (const file of readdirSync(folder)) if (file.startsWith(of(name).key)) utimesSync(join(folder, file), 1000 + age, 1000 + age);
    }
    await of('a').load(text('a'));
    await of('c').save(text('c'), states);
    const thereNow = (): Promise<boolean[]> => Promise.all(['a', 'b', 'c'].map((name) => of(name).isThere()));
    expect(await thereNow()).toEqual([true, false, true]);
    await of('b', new StoredStates(folder, { limitBytes: 1 })).save(text('b'), states);
    expect(await thereNow()).toEqual([false, true, false]);
  });

  it('L6: what a killed process was writing is deleted by the next', async () => {
    const { kept, folder, file } = await stored();
    writeFileSync(`${file}.4194400.part`, 'half');
    await kept.save(subject, states);
    expect(kindsIn(folder)).toEqual(['states']);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('L7: lists documents, the last used first, and forgets them', async () => {
    const { store, kept, folder, file } = await stored();
    utimesSync(file, 1000, 1000);
    const other = store.of({ ...key, fileSha256: 'c' });
    const here = join(folder, 'here.pdf');
    writeFileSync(here, '');
    const window = (window: number, pieces: number | null): KeptSubject => ({
      ids: [window],
      about: { ...about, path: here, tokens: 3 * window, pieces },
    });
    await other.save(window(1, null), states);
    await other.saveUnfinished(window(2, 2), unfinished);
    const { documents, sizeBytes } = await store.list();
    const { pieces: _pieces, ...facts } = about;
    expect(documents).toMatchObject([
      { keptId: other.key, path: here, tokens: 6, isComplete: false, isThere: true },
      { keptId: kept.key, ...facts, isComplete: true, isThere: false, usedMs: 1_000_000 },
    ]);
    expect(sizeBytes).toBe(documents.reduce((sum, document) => sum + document.sizeBytes, 0));
    await other.save(window(2, 2), states);
    expect((await store.list()).documents[0]).toMatchObject({ isComplete: true, tokens: 6 });
    expect(await store.remove(other.key)).toBeGreaterThan(0);
    expect((await store.list()).documents.map(({ keptId }) => keptId)).toEqual([kept.key]);
    expect((await new StoredStates(join(folder, 'none')).list()).documents).toEqual([]);
  });

  it('L8: a text that stands in another document too is found there, and kept for both', async () => {
    const { store, kept, folder } = await stored();
    const version = store.of({ ...key, fileSha256: 'next version' });
    expect(await version.isThere()).toBe(false);
    expect(await version.load(subject)).toEqual(states);
    await store.remove(kept.key);
    expect(await version.load(subject)).toEqual(states);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(await store.of({ ...key, mode: 'book' }).load(subject)).toBeUndefined();
    expect(await store.of({ ...key, manifestSha256: 'other' }).load(subject)).toBeUndefined();
  });

  it('L3, L8: where there is no room for a second copy, the first is found all the same', async () => {
    const { store, folder, file } = await stored();
    const version = store.of({ ...key, fileSha256: 'next version' });
    const place = basename(file).replace(/^[0-9a-f]+/u, version.key);
    mkdirSync(join(folder, `${place}.${process.pid}.part`)); // a file can no longer be written there
    await expect(version.save(subject, states)).rejects.toThrow();
    expect(await version.load(subject)).toEqual(states);
  });
});
