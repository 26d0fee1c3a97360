/**
 * Before the specs: builds what is shipped, and finds what it is to run in. Says so, and which specs that leaves out.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { findChromium } from './chromium.ts';
import type { ChromiumHere } from './chromium.ts';
import { findElectron } from './electron-binary.ts';
import type { ElectronHere } from './electron-binary.ts';

declare module 'vitest' {
  interface ProvidedContext {
    electron: ElectronHere;
    chromium: ChromiumHere;
  }
}

const root = join(import.meta.dirname, '..');

/** Called by vitest, once. */
export default async function setup(project: TestProject): Promise<void> {
  const build = join(root, 'tools', 'first-run', 'build-app.mjs');
  await promisify(execFile)(process.execPath, [build], { cwd: root, timeout: 120_000 });
  const electron = findElectron();
  const chromium = await findChromium();
  console.log(
    'path' in electron
      ? `The desktop specs run in Electron (${electron.path}).`
      : `${electron.missing}: the desktop specs run the real main process and preload over Chromium; specs that only Electron can prove show as skipped.`,
  );
  console.log(`Browser: Chromium ${chromium.version} from ${chromium.from}${chromium.canSandbox ? '' : ', without its sandbox'}.`);
  project.provide('electron', electron);
  project.provide('chromium', chromium);
}
