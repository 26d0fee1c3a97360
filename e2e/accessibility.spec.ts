/**
 * axe-core finds nothing serious on the page, light or dark, in the states in which people meet it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openApp } from './app-fixture.ts';
import type { App } from './app-fixture.ts';
import { makePdf } from './made-pdf.ts';
import { answerOf, ask, slowMs, untilRead } from './page-moves.ts';

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function seriousViolations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: Violation[] }> } };
    return (await axe.run(document, { resultTypes: ['violations'] })).violations;
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}: ${failureSummary.split('\n')[1]?.trim()}`),
    );
}

async function handOver(app: App, name: string, content: Buffer): Promise<void> {
  const path = join(app.home, name);
  writeFileSync(path, content);
  await app.startAgain([path]);
}

const states: [name: string, reach: (app: App) => Promise<void>][] = [
  ['the empty app', async ({ page }) => page.getByRole('button', { name: 'Choose PDFs…' }).waitFor()],
  [
    'an answer beside its document',
    async (app) => {
      await handOver(app, 'note.pdf', makePdf({ pages: [['The deposit is 240 euros.'], []] }));
      await untilRead(app.page, 'note.pdf');
      await answerOf(await ask(app.page, 'How much is the deposit?'));
    },
  ],
  [
    'a locked document',
    async (app) => {
      await handOver(app, 'locked.pdf', makePdf({ pages: [['Secret']], password: 'x' }));
      await app.page.getByRole('form', { name: 'Unlock locked.pdf' }).waitFor({ timeout: slowMs });
    },
  ],
  [
    'a refused document',
    async (app) => {
      await handOver(app, 'empty.pdf', Buffer.alloc(0));
      await app.page.getByText('This file is empty.').last().waitFor({ timeout: slowMs });
    },
  ],
];

test.each(states)('%s has no serious violations, light or dark', async (_name, reach) => {
  const app = await openApp();
  await reach(app);
  for (const colorScheme of ['light', 'dark'] as const) {
    await app.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await seriousViolations(app.page), colorScheme).toEqual([]);
  }
});
