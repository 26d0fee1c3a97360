/**
 * Builds the page and the shell where their sources have changed since the last build; `npm run build` builds in any case.
 *
 * The stamp of what was built is the sha256 over names and contents of everything that goes in. Reading a few hundred
 * small files takes milliseconds; comparing times would be fooled by every git checkout.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { exitCodeOf, runChild } from './run-child.mjs';

const configs = ['renderer/vite.config.ts', 'electron/vite.main.config.ts', 'electron/vite.preload.config.ts'];
const sources = ['renderer', 'electron', 'model-runtime/src', 'package.json', 'package-lock.json'];
const results = ['dist/renderer/index.html', '.vite/build/main.cjs', '.vite/build/preload.cjs'];
const stampFile = 'dist/.build-stamp';

/**
 * The sha256 over everything that goes into the build. Tests and notes do not.
 * @param {string} root the checkout
 * @returns {string}
 */
export function sourceStamp(root) {
  const hash = createHash('sha256');
  for (const path of sources.flatMap((source) => filesBelow(join(root, source)))) {
    if (/\.test\.tsx?$|\.md$/.test(path)) continue;
    hash
      .update(`${path.slice(root.length)}\n`)
      .update(readFileSync(path))
      .update('\n');
  }
  return hash.digest('hex');
}

/**
 * Whether the last build is there and of these very sources.
 * @param {string} root the checkout
 */
export function isBuilt(root) {
  const stampPath = join(root, stampFile);
  if (!existsSync(stampPath) || !results.every((result) => existsSync(join(root, result)))) return false;
  return readFileSync(stampPath, 'utf8') === sourceStamp(root);
}

/**
 * Builds the page and the shell.
 * @param {string} root the checkout
 * @param {string} nodePath a Node 24
 * @returns {Promise<void>} Throws an Error, in a sentence, where a part cannot be built.
 */
export async function buildApp(root, nodePath) {
  const stamp = sourceStamp(root); // before the build: what changes meanwhile is built next time
  rmSync(join(root, stampFile), { force: true });
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  for (const config of configs) {
    const args = [vite, 'build', '--config', config, '--logLevel', 'warn'];
    const ending = await runChild(nodePath, args, { cwd: root, stdio: ['ignore', 2, 2] });
    if (exitCodeOf(ending) !== 0) throw new Error(`${config} could not be built (see above).`);
  }
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(join(root, `${stampFile}.new`), stamp);
  renameSync(join(root, `${stampFile}.new`), join(root, stampFile));
}

/**
 * Builds the page and the shell where they are not built from these very sources.
 * @param {string} root the checkout
 * @param {string} nodePath a Node 24
 * @param {(sentence: string) => void} say
 */
export async function buildAppIfChanged(root, nodePath, say) {
  if (isBuilt(root)) return;
  say('Building the app ...');
  await buildApp(root, nodePath);
}

/** @param {string} path @returns {string[]} files, in one order everywhere */
function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name !== 'node_modules');
  return names.toSorted().flatMap((name) => filesBelow(join(path, name)));
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await buildApp(resolve(import.meta.dirname, '..', '..'), process.execPath);
}
