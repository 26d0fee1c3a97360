/**
 * Questions are answered: streamed, right on the sample documents, by keyboard alone, and again after the engine died.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openApp, rootFolder } from './app-fixture.ts';
import type { App } from './app-fixture.ts';
import { answerOf, ask, dropFiles, lastCard, slowMs, untilRead, watchForFaults } from './page-moves.ts';
import { firstSample, sampleQuestions } from './sample-questions.ts';
import { takePicture } from './screenshots.ts';

const samples = join(rootFolder, 'assets', 'samples');

async function dropSample(app: App, name: string): Promise<void> {
  const path = join(samples, name);
  await app.rememberFiles([path]);
  await dropFiles(app.page, [path]);
  await untilRead(app.page, name);
}

test('questions about a sample are answered with the words that stand in it, as a stream', async () => {
  const app = await openApp();
  const faults = watchForFaults(app.page);
  await app.page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(window, { seenMessages: seen });
    type Message = { kind: string; events?: { kind: string }[] };
    const { desktop } = window as unknown as { desktop: { onRuntimeMessage(listener: (message: Message) => void): void } };
    desktop.onRuntimeMessage(({ kind, events }) => seen.push(events?.some((event) => event.kind === 'text') ? 'text' : kind));
  });
  for (const { document, question, answer } of sampleQuestions()) {
    await dropSample(app, document);
    const words = await answerOf(await ask(app.page, question));
    expect(words).toContain(answer);
  }
  const seen = await app.page.evaluate(() => (window as unknown as { seenMessages: string[] }).seenMessages);
  expect(seen).toContain('text');
  expect(seen.lastIndexOf('text')).toBeLessThan(seen.lastIndexOf('result'));
  await app.page.locator('mark').first().waitFor();
  await takePicture(app.page, '3-answered');
  await app.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await takePicture(app.page, '3-answered-dark');
  expect(faults).toEqual([]);
});

test('an answer that the model itself doubts says so', async () => {
  const app = await openApp();
  await dropSample(app, firstSample().document);
  const words = await answerOf(await ask(app.page, 'How much does the parking permit cost?'));
  expect(words).toContain('Not sure of this.');
  const sure = await answerOf(await ask(app.page, firstSample().question));
  expect(sure).not.toContain('Not sure of this.');
  await takePicture(app.page, '3-unsure');
});

test('what a document does not say is said not to be in it, and no place is shown', async () => {
  const app = await openApp();
  await dropSample(app, firstSample().document);
  const card = await ask(app.page, 'How many goals did the team score?');
  const words = await answerOf(card);
  expect(words).toContain('Not in the document.');
  expect(words).toContain('Try other words, or add the document that says it.');
  expect(await app.page.locator('mark').count()).toBe(0);
  await takePicture(app.page, '3-absent');
});

test('everything can be done by keyboard alone', async () => {
  const app = await openApp();
  const { page } = app;
  const sample = firstSample();
  await app.scriptDialog([join(samples, sample.document)]);
  await page.getByRole('button', { name: 'Choose PDFs…' }).waitFor();
  await page.keyboard.press('ControlOrMeta+o');
  await untilRead(page, sample.document);
  await page.keyboard.press('/');
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Question');
  await page.keyboard.type(sample.question);
  await page.keyboard.press('Enter');
  await answerOf(lastCard(page));
  const reached = new Set<string>();
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');
    reached.add(name.trim());
  }
  for (const name of [`Remove ${sample.document}`, 'Choose PDFs…', 'About this model', 'Appearance', 'Copy answer', 'Question'])
    expect([...reached].join('\n')).toContain(name);
});

test(
  'when the engine dies in the middle of an answer, the app says so, and answers when asked again',
  { skip: process.platform === 'win32' },
  async () => {
    const app = await openApp();
    const { page } = app;
    await dropSample(app, 'rental-contract.pdf');
    const pid = app.runtimePid() ?? 0;
    process.kill(pid, 'SIGSTOP'); // so that the call is surely under way when it dies
    const card = await ask(page, 'Who is the tenant?');
    await card.getByText('Looking…').waitFor();
    process.kill(pid, 'SIGKILL');
    await card.getByText('Recto’s engine stopped on the way.').waitFor();
    await page.getByText('Recto’s engine stopped and was started again.').waitFor({ timeout: slowMs });
    await takePicture(page, 'engine-died');
    await untilRead(page, 'rental-contract.pdf');
    expect(app.runtimePid()).not.toBe(pid);
    await card.getByRole('button', { name: 'Ask again' }).click();
    expect(await answerOf(lastCard(page))).toContain('Who is the tenant?');
    await page.getByRole('img', { name: 'Page 1', exact: true }).waitFor();
  },
);

test('an answer under way can be stopped', async () => {
  const app = await openApp();
  const { page } = app;
  await dropSample(app, 'rental-contract.pdf');
  const pid = app.runtimePid() ?? 0;
  process.kill(pid, 'SIGSTOP');
  const card = await ask(page, 'Who is the tenant?');
  await card.getByText('Looking…').waitFor();
  await page.keyboard.press('Escape');
  await card.getByText('Stopped').waitFor();
  process.kill(pid, 'SIGCONT');
  await ask(page, 'How much is the rent?');
  await answerOf(lastCard(page));
});

test('a page that is loaded anew hears nothing of the calls of the page before it', async () => {
  const app = await openApp();
  const { page } = app;
  const faults = watchForFaults(page);
  await page.evaluate(() => {
    const { desktop } = window as unknown as { desktop: { postToRuntime(message: object): void } };
    for (let callId = 1; callId < 50; callId++) desktop.postToRuntime({ kind: 'call', callId, name: 'runtime.info', params: {} });
  });
  await page.reload();
  await dropSample(app, 'rental-contract.pdf');
  await answerOf(await ask(page, 'Who is the tenant?'));
  expect(faults).toEqual([]);
});
