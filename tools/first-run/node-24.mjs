/**
 * Finds a Node 24 to run Recto with, or brings one through npm into .tools.
 *
 * Recto needs Node 24 (it runs TypeScript directly, and node:sqlite); a person may well have 20 or 22. The Node comes as
 * the npm package of its platform, under the name `node`, without any install script. It is not in package-lock.json:
 * that would have to name every platform's package at one version, which registries do not all have.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { findNpm } from './npm.mjs';
import { exitCodeOf, runChild } from './run-child.mjs';

const oldestMajor = 24;

/** Where the Node that Recto brought lies. @param {string} root the checkout */
export function broughtNodePath(root) {
  return join(root, '.tools', 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * The major version that a Node says it is; null where it does not run.
 * @param {string} nodePath
 * @returns {number | null}
 */
export function majorVersionOf(nodePath) {
  const { stdout } = spawnSync(nodePath, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  const digits = /^v(\d+)\./.exec(stdout ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

/**
 * A Node 24 or newer that is already here: this very process's, or the one in .tools; null where there is none.
 * @param {string} root the checkout
 * @param {string} [ownVersion] this process's version, digits first
 * @returns {string | null}
 */
export function findNode24(root, ownVersion = process.versions.node) {
  if (Number.parseInt(ownVersion, 10) >= oldestMajor) return process.execPath;
  const brought = broughtNodePath(root);
  return (majorVersionOf(brought) ?? 0) >= oldestMajor ? brought : null;
}

/**
 * The npm package that holds Node's binary for a platform.
 * @param {string} platform as process.platform
 * @param {string} arch as process.arch
 * @returns {string}
 */
export function nodePackageName(platform, arch) {
  const system = platform === 'win32' ? 'win' : platform;
  return `${system === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'}-${system}-${arch}`;
}

/**
 * Brings Node 24 into .tools.
 * @param {string} root the checkout
 * @param {(sentence: string) => void} say
 * @returns {Promise<string>} its path. Throws an Error, in a sentence, where it cannot be had.
 */
export async function bringNode24(root, say) {
  say(
    `Recto runs on Node ${oldestMajor}; this is ${process.versions.node}. Fetching Node ${oldestMajor} into .tools (once, some 45 MB) ...`,
  );
  const tools = join(root, '.tools');
  mkdirSync(tools, { recursive: true });
  const [program, ...npmArgs] = findNpm(process.env, process.execPath);
  const wanted = `node@npm:${nodePackageName(process.platform, process.arch)}@${oldestMajor}`;
  const args = [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--prefix',
    tools,
    wanted,
  ];
  const ending = await runChild(program, [...npmArgs, ...args], { cwd: tools, stdio: ['ignore', 2, 2] });
  const nodePath = broughtNodePath(root);
  if (exitCodeOf(ending) === 0 && (majorVersionOf(nodePath) ?? 0) >= oldestMajor) return nodePath;
  throw new Error(`Node ${oldestMajor} could not be fetched through npm (see above). Install it yourself, then try again.`);
}
