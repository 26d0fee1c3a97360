/**
 * The app opens, takes documents from wherever they come, remembers its settings, and leaves nothing behind.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openApp } from './app-fixture.ts';
import type { App } from './app-fixture.ts';
import { makePdf } from './made-pdf.ts';
import { untilRead } from './page-moves.ts';
import { isRunning, processesWith } from './process-tree.ts';
import { takePicture } from './screenshots.ts';

function writeLetter(app: { home: string }, name: string): string {
  const path = join(app.home, name);
  writeFileSync(path, makePdf({ pages: [[`This is ${name}.`, 'The deposit is 240 euros.']] }));
  return path;
}

test('the app opens and says where to begin', async () => {
  const { page } = await openApp();
  await page.getByRole('heading', { name: 'Ask your documents.' }).waitFor();
  await page.getByRole('button', { name: 'Choose PDFs…' }).waitFor();
  expect(await page.title()).toBe('Recto');
  await takePicture(page, '1-before-reading');
});

test('documents come from the dialog, from the command line of a second start, and not twice', async () => {
  const app = await openApp();
  const [first, second] = [writeLetter(app, 'first letter.pdf'), writeLetter(app, 'second.pdf')];
  await app.scriptDialog([]);
  await app.page.getByRole('button', { name: 'Choose PDFs…' }).click();
  await app.page.getByRole('heading', { name: 'Ask your documents.' }).waitFor(); // thought better of it
  await app.scriptDialog([first]);
  await app.page.getByRole('button', { name: 'Choose PDFs…' }).click();
  await untilRead(app.page, 'first letter.pdf');
  await app.startAgain(['--some-switch', second, join(app.home, 'missing.pdf'), first]);
  await untilRead(app.page, 'second.pdf');
  expect(await app.page.getByRole('list', { name: 'Documents' }).getByRole('listitem').count()).toBe(2);
});

test('a document given at the start is read', async () => {
  const { page } = await openApp({ given: { 'given.pdf': makePdf({ pages: [['It was given at the start.']] }) } });
  await untilRead(page, 'given.pdf');
});

test('what was read before is offered again, opens at once, and can be forgotten', async () => {
  const app = await openApp({
    given: {
      'a letter with a long name about the deposit, the keys and the garden shed behind the house.pdf': makePdf({ pages: [['One page.']] }),
      'given.pdf': makePdf({ pages: [['It was given at the start.'], ['And has two pages.']] }),
    },
  });
  const { page } = app;
  const remove = (name: string | RegExp): Promise<void> => page.getByRole('button', { name }).click({ force: true });
  await untilRead(page, 'given.pdf');
  await remove('Remove given.pdf');
  await remove(/^Remove a letter/u);
  const before = page.getByRole('region', { name: 'Read before' });
  await before.getByRole('button', { name: 'Forget given.pdf' }).waitFor();
  await takePicture(page, '12-read-before');
  await before.getByRole('button', { name: /^given\.pdf 2 pages/u }).click();
  await untilRead(page, 'given.pdf');
  expect(await page.getByText('kept from before').count()).toBe(1);
  await remove('Remove given.pdf');
  await before.getByRole('button', { name: 'Forget given.pdf' }).click();
  await expect.poll(() => before.getByRole('listitem').count()).toBe(1);
  await before.getByRole('button', { name: /^Forget a letter/u }).click();
  await expect.poll(() => before.count()).toBe(0);
  await page.getByRole('heading', { name: 'Ask your documents.' }).waitFor();
});

test('the chosen appearance is kept and obeyed', async () => {
  const app = await openApp();
  const isDark = (): Promise<boolean> => app.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  for (const [choice, dark] of [
    ['Dark', true],
    ['Light', false],
  ] as const) {
    await app.page.getByRole('button', { name: 'Appearance' }).click();
    await app.page.getByRole('menuitemradio', { name: choice }).click();
    await expect.poll(isDark).toBe(dark);
  }
  const stored = (): unknown => JSON.parse(readFileSync(join(app.home, 'shell', 'settings.json'), 'utf8'));
  await expect.poll(stored).toEqual({ theme: 'light' });
});

test('messages that are none of ours are refused, and the app goes on', async () => {
  const { page } = await openApp();
  const refused = await page.evaluate(async () => {
    const { desktop } = window as unknown as {
      desktop: { writeSettings(change: object): Promise<object>; postToRuntime(message: object): void };
    };
    desktop.postToRuntime({ kind: 'call', callId: 'one', name: 'ask' });
    desktop.postToRuntime({ kind: 'shut-down' });
    const outcome = desktop.writeSettings({ theme: 'light', path: '/etc/passwd' });
    return outcome.then(
      () => 'accepted',
      (error: Error) => error.message,
    );
  });
  expect(refused).toContain("Error invoking remote method 'settings:write'");
  await page.getByRole('button', { name: 'About this model' }).click();
  await page.getByText('Reads up to').waitFor();
});

const goneWithinMs = 6000;

async function expectGone(app: App, runtimePid: number): Promise<void> {
  const traces = (): boolean[] => [isRunning(app.pid), isRunning(runtimePid), processesWith(app.home).length > 0];
  await expect.poll(traces, { timeout: goneWithinMs }).toEqual([false, false, false]);
}

test('quitting ends the app, the runtime and the browser under it', async () => {
  const app = await openApp();
  await expect.poll(() => app.runtimePid()).toBeDefined();
  const runtimePid = app.runtimePid() ?? 0;
  await app.quit();
  expect(await app.ended).toBe(0);
  await expectGone(app, runtimePid);
});

test('closing the window quits the app', { skip: process.platform === 'darwin' }, async () => {
  const app = await openApp();
  await app.page.close();
  expect(await app.ended).toBe(0);
});

test('an app that is killed takes everything along', async () => {
  const app = await openApp();
  await expect.poll(() => app.runtimePid()).toBeDefined();
  const runtimePid = app.runtimePid() ?? 0;
  process.kill(app.pid, 'SIGKILL');
  await app.ended;
  await expectGone(app, runtimePid);
});
