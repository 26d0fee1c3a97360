/**
 * Where npm is, as a script that a Node runs: the one that started us, else the one that came with this Node.
 *
 * As a script rather than as the command `npm`, because on Windows that command is a batch file, which only a shell runs.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';

/**
 * The program and first arguments that are npm.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} nodePath the Node to run npm with
 * @param {string} hostNodePath the Node that npm may lie beside
 * @returns {[program: string, ...args: string[]]}
 */
export function findNpm(env, nodePath, hostNodePath = process.execPath) {
  const beside = dirname(hostNodePath);
  const candidates = [
    env['npm_execpath'] ?? '', // set by npm (and by yarn and pnpm, to themselves)
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'), // Windows
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'), // everywhere else
  ];
  const script = candidates.find((path) => basename(path) === 'npm-cli.js' && existsSync(path));
  return script === undefined ? ['npm'] : [nodePath, script];
}
