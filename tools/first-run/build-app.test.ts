import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isBuilt, sourceStamp } from './build-app.mjs';

let root: string;
const write = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'recto build '));
  for (const path of ['renderer/app.tsx', 'electron/main.ts', 'model-runtime/src/client.ts', 'package.json', 'package-lock.json'])
    await write(path, path);
  for (const path of ['dist/renderer/index.html', '.vite/build/main.cjs', '.vite/build/preload.cjs']) await write(path, '');
  await write('dist/.build-stamp', sourceStamp(root));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('a build stands until a source changes', async () => {
  expect(isBuilt(root)).toBe(true);
  await write('renderer/app.test.tsx', 'tests are not built');
  expect(isBuilt(root)).toBe(true);
  await write('model-runtime/src/client.ts', 'changed');
  expect(isBuilt(root)).toBe(false);
});

test('a file that was renamed, or a result that was removed, means building anew', async () => {
  await rm(join(root, '.vite/build/main.cjs'));
  expect(isBuilt(root)).toBe(false);
  await write('.vite/build/main.cjs', '');
  expect(isBuilt(root)).toBe(true);
  await rm(join(root, 'electron/main.ts'));
  await write('electron/entry.ts', 'electron/main.ts');
  expect(isBuilt(root)).toBe(false);
});
