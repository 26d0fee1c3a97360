/**
 * Recto as a spec drives it: the built main process and preload in Electron, or over Chromium with the stand-in.
 *
 * Both drivers give the same thing. Every app has a home folder of its own and is ended when its spec is, whatever
 * came of it; should even that fail, the app ends when the channel to it closes.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { inject, onTestFinished } from 'vitest';
import { driveElectron } from './drive-electron.ts';
import { driveStandIn } from './drive-stand-in.ts';
import { childrenOf } from './process-tree.ts';

/** The checkout. */
export const rootFolder: string = join(import.meta.dirname, '..');
/** Whether the specs run in real Electron. For `test.runIf`, with the reason in the test's name. */
export const isElectronHere: boolean = 'path' in inject('electron');

/** How an app is started. */
export interface Launch {
  appFolder: string;
  /** A folder of its own for everything it keeps; every process of the app but the runtime names it in its command line. */
  home: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

/** An app under either driver. */
export interface DrivenApp {
  page: Page;
  pid: number;
  /** The app's process has ended, with this code; null where it was killed. */
  ended: Promise<number | null>;
  /** What it wrote to stdout and stderr so far. */
  output(): string;
  /** Answers the next file dialog. */
  scriptDialog(filePaths: string[]): Promise<void>;
  /** Starts the app a second time, with these arguments. */
  startAgain(args: string[]): Promise<void>;
  /** Prepares the dropping of files: where they lie. */
  rememberFiles(filePaths: string[]): Promise<void>;
  quit(): Promise<void>;
  /** Ends whatever is still there. */
  kill(): Promise<void>;
}

/** A running app. */
export interface App extends DrivenApp {
  /** Where the app keeps its things. */
  home: string;
  /** The runtime's process; undefined while there is none. */
  runtimePid(): number | undefined;
}

/** Opens the app and waits for its page. It is ended with the test that opened it. `given`: files to give it at the start. */
export async function openApp({ given = {} }: { given?: Record<string, Buffer> } = {}): Promise<App> {
  const home = await mkdtemp(join(tmpdir(), 'recto-e2e-home-'));
  const documents = Object.entries(given).map(([name, bytes]) => ({ path: join(home, name), bytes }));
  for (const { path, bytes } of documents) await writeFile(path, bytes);
  const launch: Launch = {
    appFolder: rootFolder,
    home,
    args: documents.map(({ path }) => path),
    env: { ...process.env, RECTO_HOME: home, RECTO_NODE: process.execPath },
  };
  const electron = inject('electron');
  const app = 'path' in electron ? await driveElectron(launch, electron.path) : await driveStandIn(launch, inject('chromium'));
  onTestFinished(async ({ task }) => {
    await app.kill();
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
    if (task.result?.state === 'fail') console.log(`The app wrote:\n${app.output()}`);
  });
  return { ...app, home, runtimePid: () => childrenOf(app.pid, 'server/child.ts')[0] };
}
