/**
 * The same page, served to a plain browser by `recto serve`: a document is dropped, a question asked and answered.
 */
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { expect, inject, onTestFinished, test } from 'vitest';
import { rootFolder } from './app-fixture.ts';
import { answerOf, ask, dropFiles, untilRead, watchForFaults } from './page-moves.ts';
import { startServe } from './recto-serve.ts';
import { firstSample } from './sample-questions.ts';
import { takePicture } from './screenshots.ts';

async function serve(): Promise<string> {
  const { url, stop } = await startServe();
  onTestFinished(stop);
  return url;
}

async function browse(): Promise<Page> {
  const { path, canSandbox, args, env } = inject('chromium');
  const browser = await chromium.launch({ executablePath: path, chromiumSandbox: canSandbox, args, env: { ...process.env, ...env } });
  onTestFinished(() => browser.close());
  return browser.newPage({ viewport: { width: 1180, height: 760 } });
}

test('a document dropped in the browser is read and asked about', async () => {
  const url = await serve();
  const page = await browse();
  const faults = watchForFaults(page);
  await page.goto(url);
  const sample = firstSample();
  await page.getByRole('button', { name: 'Choose PDFs…' }).waitFor();
  await dropFiles(page, [join(rootFolder, 'assets', 'samples', sample.document)]);
  await untilRead(page, sample.document);
  expect(await answerOf(await ask(page, sample.question))).toContain(sample.answer);
  await takePicture(page, 'served');

  // A tab that is loaded again has forgotten its documents; the server has not.
  await page.reload();
  await page
    .getByRole('region', { name: 'Read before' })
    .getByRole('button', { name: new RegExp(`^${sample.document} `, 'u') })
    .click();
  await untilRead(page, sample.document);
  expect(await page.getByText('kept from before').count()).toBe(1);
  expect(faults).toEqual([]);
});

test('the link works once; without it there is no page', async () => {
  const url = await serve();
  const page = await browse();
  await page.goto(url);
  await page.getByRole('button', { name: 'Choose PDFs…' }).waitFor();
  const stranger = await browse();
  for (const address of [url, new URL('/', url).href]) expect((await stranger.goto(address))?.status()).toBeGreaterThanOrEqual(400);
});
