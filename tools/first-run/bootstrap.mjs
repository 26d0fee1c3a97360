/**
 * What `npm start`, `npm test`, `npm run check` and `npm run recto` run: sets everything up on a bare clone, then goes on.
 *
 * Needs nothing but Node 20 and npm. Everything it has to say goes to stderr, so that stdout belongs to what is run.
 *
 *   start                opens the app           start ARGS, recto ARGS   the command line
 *   test [FILTER ...]    every test, or some     check [static]           everything CI holds, or all of it but the tests
 */
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildAppIfChanged } from './build-app.mjs';
import { installDependencies } from './dependencies.mjs';
import { bringNode24, findNode24 } from './node-24.mjs';
import { findNpm } from './npm.mjs';
import { openApp, runRecto } from './open-app.mjs';
import { exitCodeOf, runChild } from './run-child.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @param {string} sentence */
const say = (sentence) => void process.stderr.write(`${sentence}\n`);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code
 */
async function main([command = '', ...args]) {
  if (!['start', 'recto', 'test', 'check'].includes(command)) {
    say('usage: bootstrap.mjs start [recto arguments] | recto <arguments> | test [filters] | check [static]');
    return 2;
  }
  const nodePath = findNode24(root) ?? (await bringNode24(root, say));
  await installDependencies(root, nodePath, say);
  if (command === 'test') {
    return args.length === 0 ? runScript(nodePath, 'test:all') : runNode(nodePath, 'node_modules/vitest/vitest.mjs', ['run', ...args]);
  }
  if (command === 'check') return runScript(nodePath, args[0] === 'static' ? 'check:static' : 'check:all');
  const opensApp = command === 'start' && args.length === 0;
  if (opensApp || args[0] === 'serve') await buildAppIfChanged(root, nodePath, say);
  return opensApp ? openApp(root, nodePath, say) : runRecto(root, nodePath, args);
}

/**
 * Runs a script of package.json with Node 24 first on the path, so that every tool it calls runs on it.
 * @param {string} nodePath
 * @param {string} script
 * @returns {Promise<number>}
 */
async function runScript(nodePath, script) {
  const [program, ...npmArgs] = findNpm(process.env, nodePath);
  return exitCodeOf(await runChild(program, [...npmArgs, 'run', '--silent', script], { cwd: root, env: withNodeFirst(nodePath) }));
}

/**
 * @param {string} nodePath
 * @param {string} script below the checkout
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
async function runNode(nodePath, script, args) {
  return exitCodeOf(await runChild(nodePath, [join(root, script), ...args], { cwd: root, env: withNodeFirst(nodePath) }));
}

/** @param {string} nodePath @returns {NodeJS.ProcessEnv} */
function withNodeFirst(nodePath) {
  const name = Object.keys(process.env).find((key) => key.toLowerCase() === 'path') ?? 'PATH'; // Windows: Path
  const separator = process.platform === 'win32' ? ';' : ':';
  return { ...process.env, RECTO_NODE: nodePath, [name]: `${dirname(nodePath)}${separator}${process.env[name] ?? ''}` };
}
