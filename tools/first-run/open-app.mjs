/**
 * Opens the desktop app; where that cannot be, says why in a sentence and opens the same page in a browser.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { bringElectron, findElectron, whyNoWindow } from './electron-binary.mjs';
import { exitCodeOf, runChild } from './run-child.mjs';

/** @typedef {Parameters<typeof whyNoWindow>[0]} Host */

/** An Electron that ends with a failure this soon never showed its window (no usable sandbox, a missing library). */
const soonMs = 8000;

/**
 * @param {string} root the checkout, set up and built
 * @param {string} nodePath a Node 24
 * @param {(sentence: string) => void} say
 * @param {Host} [host] where to open it: here
 * @returns {Promise<number>} the exit code
 */
export async function openApp(root, nodePath, say, host = { platform: process.platform, env: process.env, userId: process.getuid?.() }) {
  const outcome = await openWindow({ root, nodePath, say, host });
  if ('exitCode' in outcome) return outcome.exitCode;
  say(`The desktop app cannot open: ${outcome.because}. Here is the same page for your browser; Ctrl-C ends it.`);
  return runRecto(root, nodePath, ['serve', '--open']);
}

/**
 * Runs the command line.
 * @param {string} root the checkout, set up
 * @param {string} nodePath a Node 24
 * @param {readonly string[]} args as the person gave them
 * @returns {Promise<number>} the exit code
 */
export async function runRecto(root, nodePath, args) {
  const script = join(root, 'model-runtime', 'src', 'cli', 'main.ts');
  // npm runs scripts in the checkout; file names are meant from where the person stood.
  const standing = process.env['INIT_CWD'];
  const cwd = standing !== undefined && existsSync(standing) ? standing : process.cwd();
  return exitCodeOf(await runChild(nodePath, ['--disable-warning=ExperimentalWarning', script, ...args], { cwd }));
}

/**
 * @param {{ root: string, nodePath: string, say: (sentence: string) => void, host: Host }} what
 * @returns {Promise<{ exitCode: number } | { because: string }>}
 */
async function openWindow({ root, nodePath, say, host }) {
  const because = whyNoWindow(host);
  if (because !== null) return { because };
  let electron = findElectron(root, host.env);
  if (electron === null) {
    say('Fetching Electron, which draws the window (once, some 100 MB) ...');
    electron = await bringElectron(root, nodePath);
  }
  if (electron === null) return { because: "Electron's binary could not be fetched" };
  const startedAtMs = Date.now();
  const ending = await runChild(electron, [root], { cwd: root, env: { ...host.env, RECTO_NODE: nodePath } });
  const exitCode = exitCodeOf(ending);
  const wasAsked = ['SIGINT', 'SIGTERM', 'SIGHUP'].includes(ending.signal ?? '');
  if (exitCode === 0 || wasAsked || Date.now() - startedAtMs > soonMs) return { exitCode };
  return { because: `Electron ended at once (${ending.failure?.message ?? ending.signal ?? `code ${exitCode}`}; see above)` };
}
