/**
 * Refuses file and folder names that exclude nothing and so collect everything (CONTRIBUTING.md, Names).
 * Run by itself: prints each such path of the project and ends with code 1 where there is one.
 */
import { resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { projectFiles } from './project-files.mjs';

const empty = 'utils util helpers helper common shared misc base core manager service services types constants state'.split(' ');

/**
 * The paths whose file or folder name says nothing.
 * @param {readonly string[]} paths with forward slashes
 * @returns {string[]}
 */
export function emptyNames(paths) {
  return paths.filter((path) => {
    const parts = path.split('/');
    const stem = (parts.pop() ?? '').split('.')[0] ?? '';
    return [...parts, stem].some((name) => empty.includes(name));
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const refused = emptyNames(projectFiles(resolve(import.meta.dirname, '..', '..')));
  for (const path of refused) console.error(`${path}: name it after the one thing it knows`);
  process.exitCode = refused.length === 0 ? 0 : 1;
}
