/**
 * Drives the app over Chromium: starts it under the stand-in for `electron` and attaches to its page.
 */
import { fork } from 'node:child_process';
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import type { DrivenApp, Launch } from './app-fixture.ts';
import type { ChromiumHere } from './chromium.ts';
import type { StandInChromium, StandInReady, StandInWish } from './electron-stand-in/start.ts';

const startsWithinMs = 20_000;

/** Starts the app under the stand-in; resolves when its page is there. */
export async function driveStandIn({ appFolder, home, args, env }: Launch, here: ChromiumHere): Promise<DrivenApp> {
  const standInChromium: StandInChromium = { ...here, profile: join(home, 'browser') };
  const child = fork(join(import.meta.dirname, 'electron-stand-in', 'start.ts'), [appFolder, ...args], {
    cwd: appFolder,
    env: { ...env, RECTO_STAND_IN_CHROMIUM: JSON.stringify(standInChromium) },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (written += text));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const wish = (message: StandInWish): Promise<void> =>
    new Promise((resolve, reject) => child.send(message, (error) => (error === null ? resolve() : reject(error))));
  let browser: Browser | undefined;
  const kill = async (): Promise<void> => {
    // The stand-in's way out when its channel closes takes Chromium along; a kill would leave that to Chromium.
    if (child.connected) child.disconnect();
    const force = setTimeout(() => child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(force);
    await browser?.close();
  };
  try {
    const { debuggingUrl } = await within(startsWithinMs, nextMessage(child), ended);
    browser = await chromium.connectOverCDP(debuggingUrl);
    const context = browser.contexts()[0];
    const page = context?.pages()[0] ?? (await context?.waitForEvent('page'));
    if (page === undefined) throw new Error('Chromium has no page');
    await page.waitForURL(/^http:/, { waitUntil: 'domcontentloaded', timeout: startsWithinMs });
    return {
      page,
      pid: child.pid ?? 0,
      ended,
      output: () => written,
      scriptDialog: (filePaths) => wish({ kind: 'script-dialog', filePaths }),
      startAgain: (more) =>
        wish({ kind: 'second-instance', commandLine: [process.execPath, appFolder, ...more], workingFolder: appFolder }),
      rememberFiles: (filePaths) =>
        page.evaluate(
          rememberFiles,
          filePaths.map((path) => ({ path, name: basename(path), sizeBytes: statSync(path).size })),
        ),
      quit: () => wish({ kind: 'quit' }),
      kill,
    };
  } catch (error) {
    await kill();
    throw new Error(`the app did not start; it wrote:\n${written}`, { cause: error });
  }
}

function rememberFiles(files: { name: string; sizeBytes: number; path: string }[]): void {
  const standIn = (globalThis as unknown as { __electronStandIn: { rememberFile(name: string, sizeBytes: number, path: string): void } })
    .__electronStandIn;
  for (const { name, sizeBytes, path } of files) standIn.rememberFile(name, sizeBytes, path);
}

function nextMessage(child: ReturnType<typeof fork>): Promise<StandInReady> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as StandInReady)));
}

async function within<Value>(limitMs: number, value: Promise<Value>, ended: Promise<number | null>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${limitMs} ms`)), limitMs);
  });
  const early = ended.then((exitCode) => Promise.reject(new Error(`it ended with code ${exitCode}`)));
  try {
    return await Promise.race([value, late, early]);
  } finally {
    clearTimeout(timer);
  }
}
