import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bringElectron, findElectron, whyNoWindow } from './electron-binary.mjs';

let root: string;
let packageFolder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'recto electron '));
  packageFolder = join(root, 'node_modules', 'electron');
  await mkdir(join(packageFolder, 'dist'), { recursive: true });
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("the binary is found where the package's own rules say, and only where it really lies", async () => {
  expect(findElectron(root, {})).toBe(null);
  await writeFile(join(packageFolder, 'path.txt'), 'electron');
  expect(findElectron(root, {})).toBe(null);
  await writeFile(join(packageFolder, 'dist', 'electron'), '');
  expect(findElectron(root, {})).toBe(join(packageFolder, 'dist', 'electron'));

  const elsewhere = join(root, 'my electron');
  expect(findElectron(root, { ELECTRON_OVERRIDE_DIST_PATH: elsewhere })).toBe(null);
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'electron'), '');
  expect(findElectron(root, { ELECTRON_OVERRIDE_DIST_PATH: elsewhere })).toBe(join(elsewhere, 'electron'));
});

test('a window needs a display and, with the sandbox on, an ordinary user', () => {
  const display = { DISPLAY: ':0' };
  expect(whyNoWindow({ platform: 'linux', env: {}, userId: 1000 })).toMatch('no display');
  expect(whyNoWindow({ platform: 'linux', env: display, userId: 0 })).toMatch('root');
  expect(whyNoWindow({ platform: 'linux', env: display, userId: 1000 })).toBe(null);
  expect(whyNoWindow({ platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' }, userId: 1000 })).toBe(null);
  expect(whyNoWindow({ platform: 'darwin', env: {}, userId: 501 })).toBe(null);
  expect(whyNoWindow({ platform: 'win32', env: {}, userId: undefined })).toBe(null);
});

test("the package's own script brings the binary; its failing is no error of ours", async () => {
  expect(await bringElectron(root, process.execPath)).toBe(null);
  await writeFile(join(packageFolder, 'install.js'), 'process.exit(1)');
  expect(await bringElectron(root, process.execPath)).toBe(null);
  const fetches = `const fs = require('fs'); fs.writeFileSync(__dirname + '/dist/electron', ''); fs.writeFileSync(__dirname + '/path.txt', 'electron')`;
  await writeFile(join(packageFolder, 'install.js'), fetches);
  expect(await bringElectron(root, process.execPath)).toBe(join(packageFolder, 'dist', 'electron'));
});
