/** Opening the app, with programs of our own in the places of Electron and of the command line. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openApp, runRecto } from './open-app.mjs';

let root: string;
let said: string[];
const say = (sentence: string): void => void said.push(sentence);
const desk = { platform: 'linux', env: { ...process.env, DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: undefined }, userId: 1000 };

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** A shell script in Electron's place, since a first line `#!node` cannot name a path with a space in it. */
async function placeElectron(script: string): Promise<void> {
  await write('node_modules/electron/path.txt', 'electron');
  await write('node_modules/electron/dist/electron.cjs', script);
  await write('node_modules/electron/dist/electron', `#!/bin/sh\nexec "${process.execPath}" "$0.cjs" "$@"\n`);
  await chmod(join(root, 'node_modules/electron/dist/electron'), 0o755);
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'recto app '));
  said = [];
  // In the place of the command line: leaves what it was asked, ends with code 7.
  await write('package.json', '{ "type": "module" }');
  await write(
    'model-runtime/src/cli/main.ts',
    `import { writeFileSync } from 'node:fs';
writeFileSync('${join(root, 'asked').replaceAll('\\', '/')}', JSON.stringify(process.argv.slice(2)));
process.exitCode = 7;`,
  );
});
afterEach(() => rm(root, { recursive: true, force: true }));
const asked = async (): Promise<unknown> => JSON.parse(await readFile(join(root, 'asked'), 'utf8'));

test('without a display the same page is served, and the reason is said', async () => {
  expect(await openApp(root, process.execPath, say, { ...desk, env: {} })).toBe(7);
  expect(await asked()).toEqual(['serve', '--open']);
  expect(said.join()).toMatch(/no display/);
});

test.skipIf(process.platform === 'win32')('Electron opens the checkout, told which Node to run the engine with', async () => {
  await placeElectron(`require('node:fs').writeFileSync(process.argv[2] + '/asked', JSON.stringify([process.env.RECTO_NODE]))`);
  expect(await openApp(root, process.execPath, say, desk)).toBe(0);
  expect(await asked()).toEqual([process.execPath]);
  expect(said).toEqual([]);
});

test.skipIf(process.platform === 'win32')('an Electron that ends at once is no dead end', async () => {
  await placeElectron('process.kill(process.pid, "SIGTRAP")');
  expect(await openApp(root, process.execPath, say, desk)).toBe(7);
  expect(said.join()).toMatch(/Electron ended at once \(SIGTRAP/);
});

test('arguments reach the command line as they were typed, its exit code comes back', async () => {
  const args = ['ask', 'my file.pdf', '-q', 'Who said "no"?'];
  expect(await runRecto(root, process.execPath, args)).toBe(7);
  expect(await asked()).toEqual(args);
});
