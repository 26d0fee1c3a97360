/**
 * Of a command line, existing files pass and nothing else.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentsAmong } from './command-line.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recto-command-line-'));
  await mkdir(join(folder, 'a folder'));
  for (const name of ['a b.pdf', '-starts-with-a-dash.pdf', 'other.pdf']) await writeFile(join(folder, name), '');
});
afterAll(() => rm(folder, { recursive: true }));

test('files pass, by relative and absolute path and by address, in their order', async () => {
  const [first, second] = [join(folder, 'a b.pdf'), join(folder, 'other.pdf')];
  expect(await documentsAmong(['other.pdf', first, pathToFileURL(first).href], folder)).toEqual([second, first, first]);
});

test('switches, folders, what is missing and what is no path do not', async () => {
  const words = ['', '-starts-with-a-dash.pdf', '--file=other.pdf', 'a folder', '.', 'missing.pdf', 'other.pdf\0.png'];
  const addresses = ['https://example.com/other.pdf', 'file://elsewhere/other.pdf', 'file:///%00', 'x'.repeat(5000)];
  expect(await documentsAmong([...words, ...addresses], folder)).toEqual([]);
});

test('no more than a sensible number', async () => {
  expect(await documentsAmong(Array<string>(100).fill('other.pdf'), folder)).toHaveLength(64);
});
