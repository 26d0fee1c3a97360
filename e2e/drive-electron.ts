/**
 * Drives the app in real Electron, through playwright-core.
 */
import { spawn } from 'node:child_process';
import { _electron } from 'playwright-core';
import type { DrivenApp, Launch } from './app-fixture.ts';

const startsWithinMs = 30_000;

/** Starts the app in Electron; resolves when its page is there. */
export async function driveElectron({ appFolder, args, env }: Launch, executablePath: string): Promise<DrivenApp> {
  const isRoot = process.getuid?.() === 0; // Chromium refuses root a sandbox
  const command = [...(isRoot ? ['--no-sandbox'] : []), appFolder, ...args];
  const electron = await _electron.launch({
    executablePath,
    args: command,
    env: definedOnly(env),
    cwd: appFolder,
    timeout: startsWithinMs,
  });
  const child = electron.process();
  let written = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (written += text));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const page = await electron.firstWindow({ timeout: startsWithinMs });
  await page.waitForLoadState('domcontentloaded');
  return {
    page,
    pid: child.pid ?? 0,
    ended,
    output: () => written,
    scriptDialog: (filePaths) =>
      electron.evaluate(({ dialog }, paths) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: paths.length === 0, filePaths: paths });
      }, filePaths),
    startAgain: (more) =>
      new Promise((resolve, reject) => {
        const second = spawn(executablePath, [...command, ...more], { env, cwd: appFolder, stdio: 'ignore' });
        second.once('error', reject);
        second.once('exit', () => resolve());
      }),
    rememberFiles: () => Promise.resolve(), // Electron knows where a dropped file lies
    quit: () => electron.evaluate(({ app }) => app.quit()),
    async kill() {
      const force = setTimeout(() => child.kill('SIGKILL'), 5000);
      await electron.close().catch(() => child.kill('SIGKILL'));
      await ended;
      clearTimeout(force);
    },
  };
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
