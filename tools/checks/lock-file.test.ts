/**
 * package-lock.json must do for every machine: no registry's address in it, and every platform's binaries listed. npm
 * writes a lock file without the packages that a registry happens not to have, and `npm ci` then refuses it.
 */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

interface LockEntry {
  resolved?: string;
  link?: boolean;
  optionalDependencies?: Record<string, string>;
}

const packages = (
  JSON.parse(await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8')) as { packages: Record<string, LockEntry> }
).packages;

/** Whether Node would find the package from a folder of the lock file: there, or in a node_modules above it. */
function isListed(from: string, name: string): boolean {
  const at = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`;
  if (packages[at] !== undefined) return true;
  if (from === '') return false;
  const cut = from.lastIndexOf('/node_modules/');
  return isListed(cut === -1 ? '' : from.slice(0, cut), name);
}

test('every optional dependency is listed, so that npm ci works on every platform', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isListed(path, name))
      .map((name) => `${path} wants ${name}`),
  );
  expect(missing).toEqual([]);
});

test('no registry is named', () => {
  expect(Object.values(packages).filter(({ resolved, link }) => resolved !== undefined && link !== true)).toEqual([]);
});
