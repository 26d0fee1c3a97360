/**
 * Starts an app as `electron <folder> <arguments>` would, over Chromium. The specs' way in; never part of the product.
 *
 *   node e2e/electron-stand-in/start.ts <folder> <arguments>
 *
 * RECTO_STAND_IN_CHROMIUM says which Chromium and where its profile goes (JSON, StandInChromium). The channel to the process that started it carries
 * the specs' wishes (StandInWish) and, once, where to attach to Chromium; when it closes, everything ends.
 */
import { readFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join, resolve } from 'node:path';
import type { ChromiumHere } from '../chromium.ts';
import { standInApp } from './app-life.ts';
import { groundWindows } from './browser-window.ts';
import { launchChromium } from './chromium-page.ts';
import { hostPages, markReady } from './page-host.ts';
import { chooseMenuItem, scriptNextDialog } from './system.ts';

/** What specs can make happen from outside the page. */
export type StandInWish =
  | { kind: 'script-dialog'; filePaths: string[] }
  | { kind: 'second-instance'; commandLine: string[]; workingFolder: string }
  | { kind: 'menu'; label: string }
  | { kind: 'quit' };

/** Which Chromium to use, and where its profile goes. */
export type StandInChromium = ChromiumHere & { profile: string };

/** What the stand-in says once Chromium is there. */
export interface StandInReady {
  kind: 'ready';
  debuggingUrl: string;
}

const appFolder = resolve(process.argv[2] ?? '.');
const { main } = JSON.parse(readFileSync(join(appFolder, 'package.json'), 'utf8')) as { main: string };
process.argv.splice(1, 2, appFolder);

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: new URL('./electron-module.ts', import.meta.url).href, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});

const { profile, ...here } = JSON.parse(process.env['RECTO_STAND_IN_CHROMIUM'] ?? '') as StandInChromium;
const browser = launchChromium(here, profile);

async function becomeReady(): Promise<void> {
  const [running, host] = await Promise.all([browser, hostPages()]);
  groundWindows({
    browser: running,
    host,
    onContents: (contents) => standInApp.emit('web-contents-created', {}, contents),
    onClosed: () => standInApp.windowClosed(),
  });
  markReady();
  const ready: StandInReady = { kind: 'ready', debuggingUrl: running.debuggingUrl };
  process.send?.(ready);
}

standInApp.settle({ appFolder, ready: becomeReady(), close: async () => (await browser).close() });

process.on('message', (message) => {
  const wish = message as StandInWish;
  if (wish.kind === 'script-dialog') scriptNextDialog(wish.filePaths);
  else if (wish.kind === 'second-instance') standInApp.emit('second-instance', {}, wish.commandLine, wish.workingFolder);
  else if (wish.kind === 'menu') chooseMenuItem(wish.label);
  else standInApp.quit();
});
process.on('disconnect', () => process.exit(1)); // the specs are gone; Chromium ends with its pipe, the runtime with its channel
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => standInApp.quit());

createRequire(import.meta.url)(join(appFolder, main));
