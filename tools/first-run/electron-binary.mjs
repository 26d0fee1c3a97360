/**
 * Whether the desktop app can open here, and where Electron's binary is; brings the binary where a person wants the app.
 *
 * Never by importing `electron`, whose very import starts a download. The npm package holds no binary: its own script
 * fetches one and checks it against sums that came with the package.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { exitCodeOf, runChild } from './run-child.mjs';

/** The download is given up where not a byte has come for this long. */
const stallMs = 20_000;

/**
 * The path of Electron's binary, by the rules of the package itself; null where it is not there.
 * @param {string} root the checkout
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | null}
 */
export function findElectron(root, env = process.env) {
  const packageFolder = join(root, 'node_modules', 'electron');
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  try {
    const named = existsSync(join(packageFolder, 'path.txt')) ? readFileSync(join(packageFolder, 'path.txt'), 'utf8') : '';
    if (override === undefined && named === '') return null;
    const path = join(override ?? join(packageFolder, 'dist'), named === '' ? 'electron' : named);
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

/**
 * Why a window cannot be opened here, as half a sentence; null where nothing speaks against it.
 * @param {{ platform: string, env: NodeJS.ProcessEnv, userId: number | undefined }} host
 * @returns {string | null}
 */
export function whyNoWindow({ platform, env, userId }) {
  if (platform !== 'linux') return null;
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)';
  if (userId === 0) return 'Electron does not run as root with its sandbox on';
  return null;
}

/**
 * Fetches Electron's binary with the package's own script.
 * @param {string} root the checkout
 * @param {string} nodePath a Node 24
 * @returns {Promise<string | null>} its path; null where it could not be had
 */
export async function bringElectron(root, nodePath) {
  const script = join(root, 'node_modules', 'electron', 'install.js');
  if (!existsSync(script)) return null;
  // A temporary folder of its own, so that one can see whether anything arrives.
  const folder = join(root, '.tools', 'electron-download');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const watched = [folder, join(root, 'node_modules', 'electron', 'dist')];
  const stall = new AbortController();
  let lastSizeBytes = -1;
  let grewAtMs = Date.now();
  const watch = setInterval(() => {
    const sizeBytes = watched.reduce((sum, path) => sum + sizeBelow(path), 0);
    if (sizeBytes !== lastSizeBytes) [lastSizeBytes, grewAtMs] = [sizeBytes, Date.now()];
    else if (Date.now() - grewAtMs > stallMs) stall.abort();
  }, 1000);
  try {
    const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder };
    const options = { cwd: root, env, stdio: /** @type {'ignore'} */ ('ignore'), signal: stall.signal };
    const ending = await runChild(nodePath, [script], options);
    return exitCodeOf(ending) === 0 ? findElectron(root) : null;
  } finally {
    clearInterval(watch);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} path @returns {number} bytes; 0 where it is not there (any more) */
function sizeBelow(path) {
  try {
    const stat = statSync(path);
    if (!stat.isDirectory()) return stat.size;
    return readdirSync(path).reduce((sum, name) => sum + sizeBelow(join(path, name)), 0);
  } catch {
    return 0;
  }
}
