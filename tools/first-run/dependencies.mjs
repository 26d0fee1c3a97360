/**
 * Keeps node_modules true to package-lock.json: `npm ci` where the lock file is not the one that was installed last.
 *
 * The lock file's hash is written into node_modules after npm has ended well, so an interrupted set-up is simply begun
 * again: npm ci starts by removing node_modules, and the hash with it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { findNpm } from './npm.mjs';
import { exitCodeOf, runChild } from './run-child.mjs';

/**
 * One entry of a lock file, as far as it matters here.
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} LockEntry
 */

/** Where the hash of what was installed is kept. @param {string} root */
export function recordPath(root) {
  return join(root, 'node_modules', '.recto-lock-hash');
}

/**
 * What is recorded after a good install: the lock file's sha256, and the platform that the binaries are for.
 * @param {string} root the checkout
 * @returns {string}
 */
export function lockStamp(root) {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return `${hash} ${process.platform}-${process.arch}\n`;
}

/**
 * Whether node_modules holds what the lock file asks for.
 * @param {string} root the checkout
 * @returns {boolean}
 */
export function isInstalled(root) {
  return readOr(recordPath(root), '') === lockStamp(root) || holdsLockedPackages(root);
}

/**
 * Whether npm's own record of node_modules agrees with the lock file, entry by entry: so it is where a person ran
 * `npm install`, whose work must not be thrown away. Packages for other platforms may be absent.
 *
 * @param {string} root the checkout
 * @returns {boolean}
 */
export function holdsLockedPackages(root) {
  const wanted = lockEntries(join(root, 'package-lock.json'));
  const present = lockEntries(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === null || present === null) return false;
  const names = new Set([...Object.keys(wanted), ...Object.keys(present)].filter((name) => name.startsWith('node_modules/')));
  for (const name of names) {
    const [want, have] = [wanted[name], present[name]];
    if (want === undefined) return false;
    if (have === undefined) {
      if (want.optional !== true && want.devOptional !== true) return false;
    } else if (want.version !== have.version || want.integrity !== have.integrity) return false;
  }
  return true;
}

/**
 * Makes node_modules what the lock file says, where it is not.
 *
 * @param {string} root the checkout
 * @param {string} nodePath the Node to run npm with: the one that Recto will run on, so that npm finds no fault with it
 * @param {(sentence: string) => void} say
 * @returns {Promise<void>} Throws an Error, in a sentence, where npm fails.
 */
export async function installDependencies(root, nodePath, say) {
  if (isInstalled(root)) {
    recordInstall(root);
    return;
  }
  say('Fetching the packages that Recto is built from into node_modules (once, a minute or two) ...');
  const [program, ...npmArgs] = findNpm(process.env, nodePath);
  // Script-free whatever the person's own npm settings say: see docs/decisions/0005.
  const args = ['ci', '--ignore-scripts', '--loglevel=error', '--no-audit', '--no-fund', '--no-update-notifier'];
  const ending = await runChild(program, [...npmArgs, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (exitCodeOf(ending) !== 0) {
    throw new Error('The packages could not be fetched (see above). The same command tries again from the beginning.');
  }
  recordInstall(root);
  say('Set up.');
}

/** @param {string} root */
function recordInstall(root) {
  const path = recordPath(root);
  if (readOr(path, '') === lockStamp(root)) return;
  writeFileSync(`${path}.new`, lockStamp(root));
  renameSync(`${path}.new`, path);
}

/** @param {string} path @returns {Record<string, LockEntry> | null} */
function lockEntries(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}

/** @param {string} path @param {string} otherwise @returns {string} */
function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
