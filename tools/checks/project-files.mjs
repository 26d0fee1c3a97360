/**
 * The project's own files: everything in the checkout but what .gitignore names. Walks the folders itself, because git
 * refuses to list a checkout that belongs to someone else, and a downloaded archive has no git at all.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root the checkout
 * @returns {string[]} paths from the root, with forward slashes, in one order everywhere
 */
export function projectFiles(root) {
  const lines = readFileSync(join(root, '.gitignore'), 'utf8').split('\n');
  // Only folders are looked at: `name/` anywhere, `/name/` and `a/name/` from the root.
  const folders = lines.filter((line) => line.endsWith('/')).map((line) => line.slice(0, -1));
  /** @param {string} path */
  const isIgnored = (path) =>
    folders.some((folder) => path === folder.replace(/^\//, '') || (!folder.includes('/') && path.endsWith(`/${folder}`)));

  /** @param {string} folder @returns {string[]} */
  const below = (folder) =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) return [path];
      return entry.name === '.git' || isIgnored(path) ? [] : below(path);
    });
  return below('').toSorted();
}
