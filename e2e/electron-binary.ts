/**
 * Whether real Electron can be driven here, and if not, why: its binary and, on Linux, a display.
 *
 * Never asks the electron package itself: requiring it starts a download.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Real Electron's executable, or why there is none to use. */
export type ElectronHere = { path: string } | { missing: string };

/** Looks for Electron where its package would. RECTO_E2E_DRIVER=stand-in leaves it out on purpose. */
export function findElectron(): ElectronHere {
  if (process.env['RECTO_E2E_DRIVER'] === 'stand-in') return { missing: 'RECTO_E2E_DRIVER asks for the stand-in' };
  const packageFolder = join(import.meta.dirname, '..', 'node_modules', 'electron');
  const pathFile = join(packageFolder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : undefined;
  const distFolder = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const path = distFolder === undefined ? name && join(packageFolder, 'dist', name) : join(distFolder, name ?? 'electron');
  if (path === undefined || path === '' || !existsSync(path)) return { missing: "Electron's binary is not here" };
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'])
    return { missing: 'Electron is here, but no display' };
  return { path };
}
