import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holdsLockedPackages, installDependencies, isInstalled, lockStamp, recordPath } from './dependencies.mjs';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'recto first run '));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const said: string[] = [];
const say = (sentence: string): void => void said.push(sentence);

/** A project whose one dependency is a folder of its own, so that npm needs no registry. */
async function writeProject(version: string): Promise<void> {
  await mkdir(join(root, 'part'), { recursive: true });
  await writeFile(join(root, 'part', 'package.json'), JSON.stringify({ name: 'part', version }));
  await writeFile(join(root, 'package.json'), JSON.stringify({ name: 'whole', version: '1.0.0', workspaces: ['part'] }));
  const packages = {
    '': { name: 'whole', version: '1.0.0', workspaces: ['part'] },
    'node_modules/part': { resolved: 'part', link: true },
    part: { version },
  };
  await writeFile(
    join(root, 'package-lock.json'),
    JSON.stringify({ name: 'whole', version: '1.0.0', lockfileVersion: 3, requires: true, packages }),
  );
}

async function writeHiddenLock(packages: object): Promise<void> {
  await mkdir(join(root, 'node_modules'), { recursive: true });
  await writeFile(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
}

test('npm ci runs once, and again when the lock file has changed', { timeout: 60_000 }, async () => {
  await writeProject('1.0.0');
  expect(isInstalled(root)).toBe(false);
  await installDependencies(root, process.execPath, say);
  expect(await readFile(recordPath(root), 'utf8')).toBe(lockStamp(root));
  expect(JSON.parse(await readFile(join(root, 'node_modules', 'part', 'package.json'), 'utf8'))).toEqual({
    name: 'part',
    version: '1.0.0',
  });

  said.length = 0;
  await installDependencies(root, process.execPath, say);
  expect(said).toEqual([]);

  await writeProject('1.0.1');
  await rm(join(root, 'node_modules', '.package-lock.json'));
  expect(isInstalled(root)).toBe(false);
});

test('a set-up that was interrupted is begun again', async () => {
  await writeProject('1.0.0');
  await mkdir(join(root, 'node_modules', 'part'), { recursive: true }); // what npm left: some folders, no record
  expect(isInstalled(root)).toBe(false);
});

test('npm failing is a sentence, and nothing is recorded', { timeout: 60_000 }, async () => {
  await writeProject('1.0.0');
  await writeFile(join(root, 'package.json'), 'no JSON');
  await expect(installDependencies(root, process.execPath, say)).rejects.toThrow('could not be fetched');
  expect(isInstalled(root)).toBe(false);
});

test("what a person installed with npm install stands: npm's own record agrees with the lock file", async () => {
  const packages = {
    '': {},
    'node_modules/a': { version: '1.0.0', integrity: 'x' },
    'node_modules/b-win': { version: '1.0.0', optional: true },
  };
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages }));
  expect(holdsLockedPackages(root)).toBe(false);
  await writeHiddenLock({ 'node_modules/a': { version: '1.0.0', integrity: 'x' } });
  expect(holdsLockedPackages(root)).toBe(true);
  await writeHiddenLock({ 'node_modules/a': { version: '1.0.1', integrity: 'y' } });
  expect(holdsLockedPackages(root)).toBe(false);
  await writeHiddenLock({ 'node_modules/a': { version: '1.0.0', integrity: 'x' }, 'node_modules/extra': { version: '1.0.0' } });
  expect(holdsLockedPackages(root)).toBe(false);
  await writeHiddenLock({});
  expect(holdsLockedPackages(root)).toBe(false);
});
