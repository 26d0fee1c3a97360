/**
 * Settings outlive the app; a damaged file costs only what is damaged; a failed write changes nothing.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSettings, settingsChangeSchema } from './settings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recto-settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a change is there when the app is opened again, and leaves no other file', async () => {
  const path = join(folder, 'deeper', 'settings.json');
  const settings = await openSettings(path);
  expect(settings.current()).toEqual({ theme: 'system' });
  await Promise.all([settings.change({ theme: 'light' }), settings.change({ theme: 'dark' })]);
  expect((await openSettings(path)).current()).toEqual({ theme: 'dark' });
  expect(await readdir(join(folder, 'deeper'))).toEqual(['settings.json']);
});

test.each(['', '{', 'null', '[]', '{"theme": "purple"}', '{"unknown": 1}'])('%j reads as the defaults', async (text) => {
  const path = join(folder, 'settings.json');
  await writeFile(path, text);
  expect((await openSettings(path)).current()).toEqual({ theme: 'system' });
});

test('where it cannot be written, nothing changes', async () => {
  await writeFile(join(folder, 'file'), '');
  const settings = await openSettings(join(folder, 'file', 'settings.json'));
  await expect(settings.change({ theme: 'dark' })).rejects.toThrow();
  expect(settings.current()).toEqual({ theme: 'system' });
});

test('a page may change known fields to known values only', () => {
  expect(settingsChangeSchema.safeParse({ theme: 'dark' }).success).toBe(true);
  expect(settingsChangeSchema.safeParse({}).success).toBe(true);
  for (const change of [{ theme: 'purple' }, { theme: undefined }, { other: 1 }, null, 'dark'])
    expect(settingsChangeSchema.safeParse(change).success).toBe(false);
});
