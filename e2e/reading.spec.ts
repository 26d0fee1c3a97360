/**
 * Documents go in: dropped, shown page by page, stopped, unlocked, or refused with a sentence; the app stays usable.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openApp, rootFolder } from './app-fixture.ts';
import type { App } from './app-fixture.ts';
import { makePdf } from './made-pdf.ts';
import { dropFiles, slowMs, untilRead, watchForFaults } from './page-moves.ts';
import { takePicture } from './screenshots.ts';

async function drop(app: App, files: Record<string, Buffer | string>): Promise<void> {
  const paths = Object.entries(files).map(([name, content]) => {
    const path = join(app.home, name);
    writeFileSync(path, content);
    return path;
  });
  await app.rememberFiles(paths);
  await dropFiles(app.page, paths);
}

/** Notes what the progress bar says, from now until the reading is done. */
async function watchProgress(app: App): Promise<() => Promise<string[]>> {
  await app.page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { seenProgress: seen });
    new MutationObserver(() => {
      const text = document.querySelector('progress, [role="progressbar"]')?.getAttribute('aria-valuetext') ?? '';
      if (text !== '' && text !== seen.at(-1)) seen.push(text);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  return () => app.page.evaluate(() => (window as unknown as { seenProgress: string[] }).seenProgress);
}

const shortPages = (pageCount: number): string[][] => Array.from({ length: pageCount }, (_, index) => [`Page ${index + 1} of a report.`]);
const fullPages = (pageCount: number): string[][] =>
  Array.from({ length: pageCount }, () =>
    Array.from({ length: 55 }, (_, index) => `In ${1900 + index} nothing much happened, and it went on all year.`),
  );

test('a sample is read at a click, by those who have no PDF at hand', async () => {
  const app = await openApp();
  const faults = watchForFaults(app.page);
  await app.page.getByRole('button', { name: 'an invoice' }).click();
  await untilRead(app.page, 'invoice.pdf');
  await takePicture(app.page, '2-sample');
  expect(faults).toEqual([]);
});

test('a dropped PDF is read, pages and tokens going up on the way', async () => {
  const app = await openApp();
  const faults = watchForFaults(app.page);
  const progress = await watchProgress(app);
  const sample = join(rootFolder, 'assets', 'samples', 'rental-contract.pdf');
  await app.rememberFiles([sample]);
  await dropFiles(app.page, [sample]);
  await untilRead(app.page, 'rental-contract.pdf');
  const told = await progress();
  expect(told.some((text) => /^Reading · \d+ of \d+ pages? · [\d,]+ tokens · \d+%/.test(text))).toBe(true);
  const percents = told.map((text) => Number(/(\d+)%/.exec(text)?.[1] ?? 0));
  expect(percents).toEqual(percents.toSorted((one, other) => one - other));
  const picture = app.page.getByRole('img', { name: 'Page 1', exact: true });
  await picture.waitFor({ timeout: slowMs });
  expect(faults).toEqual([]);
});

/** Says so on the console as soon as the progress bar shows a share; looked for from outside it might be done by then. */
async function sayAtFirstPercent(page: Page): Promise<void> {
  await page.evaluate(() => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('progress, [role="progressbar"]')?.getAttribute('aria-valuetext')?.includes('%')) return;
      observer.disconnect();
      console.log('reading');
    });
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
  });
}

test('reading can be stopped and begun again; what waits behind it goes on', { skip: process.platform === 'win32' }, async () => {
  const app = await openApp();
  const { page } = app;
  await page.getByRole('button', { name: 'Choose PDFs…' }).waitFor();
  const pid = await expect
    .poll(() => app.runtimePid())
    .toBeGreaterThan(0)
    .then(() => app.runtimePid() ?? 0);
  // Held still until stop has been pressed: on a slow machine the reading might be done before.
  process.kill(pid, 'SIGSTOP');
  await drop(app, { 'long.pdf': makePdf({ pages: shortPages(400) }), 'short.pdf': makePdf({ pages: [['A short note.']] }) });
  await page.getByRole('button', { name: 'Stop reading long.pdf' }).first().click();
  await page.getByText('You stopped the reading.').waitFor({ timeout: slowMs });
  process.kill(pid, 'SIGCONT');
  await untilRead(page, 'short.pdf');
  const reading = page.waitForEvent('console', (message) => message.text() === 'reading').then(() => process.kill(pid, 'SIGSTOP'));
  await sayAtFirstPercent(page);
  await page.getByRole('button', { name: 'Read it' }).click();
  await reading;
  await takePicture(page, '2-reading');
  process.kill(pid, 'SIGCONT');
  await untilRead(page, 'long.pdf');
});

test('a locked PDF asks for its password, says when it is wrong, and opens with the right one', async () => {
  const app = await openApp();
  await drop(app, { 'locked.pdf': makePdf({ pages: [['The deposit is 240 euros.']], password: 'open sesame' }) });
  const { page } = app;
  const form = page.getByRole('form', { name: 'Unlock locked.pdf' });
  await form.waitFor({ timeout: slowMs });
  await takePicture(page, 'locked');
  await form.getByLabel('Password').fill('open barley');
  await form.getByRole('button', { name: 'Unlock' }).click();
  await form.getByRole('alert').waitFor({ timeout: slowMs });
  expect(await form.getByRole('alert').innerText()).toContain('That password does not open it');
  await form.getByLabel('Password').fill('open sesame');
  await form.getByLabel('Password').press('Enter');
  await untilRead(page, 'locked.pdf');
});

test('a PDF longer than the model takes is read in parts', async () => {
  const app = await openApp();
  await drop(app, { 'vast.pdf': makePdf({ pages: fullPages(10) }) });
  await untilRead(app.page, 'vast.pdf');
  await app.page.getByText('in parts').waitFor();
  await takePicture(app.page, 'read-in-parts');
});

test.each([
  ['a picture that is called PDF', 'photo.pdf', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'This is not a document that Recto reads.'],
  ['an empty file', 'empty.pdf', '', 'This file is empty.'],
  ['a PDF cut off in the middle', 'cut.pdf', makePdf({ pages: [['It ends here.']] }).subarray(0, 300), 'This file is damaged.'],
  ['a PDF without text', 'blank.pdf', makePdf({ pages: [[], []] }), 'There is no text on any of its 2 pages.'],
])('%s is refused with a sentence, and the app goes on', async (_what, name, content, sentence) => {
  const app = await openApp();
  await drop(app, { [name]: content });
  const notice = app.page.getByRole('alert');
  await notice.getByText(sentence).waitFor({ timeout: slowMs });
  expect(await notice.innerText()).not.toMatch(/\n\s+at |Error:/);
  await takePicture(app.page, `refused-${name.replace('.pdf', '')}`);
  await drop(app, { 'good.pdf': makePdf({ pages: [['All is well.']] }) });
  await untilRead(app.page, 'good.pdf');
});
