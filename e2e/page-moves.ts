/**
 * What a person does on Recto's page and sees there, the same in the app and in a browser.
 *
 * Finds things by their roles and names, as people and screen readers do. Drops files through the debugging protocol:
 * to the page that is a real drop, while events made by scripts are not trusted.
 */
import type { Locator, Page } from 'playwright-core';

/** How long reading or answering may take on a busy machine. */
export const slowMs = 30_000;

/** Drops files in the middle of the window, all at once. */
export async function dropFiles(page: Page, filePaths: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { x, y } = await page.evaluate(() => ({ x: Math.floor(window.innerWidth / 2), y: Math.floor(window.innerHeight / 2) }));
  const data = { items: [], files: filePaths, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, x, y, data });
  await session.detach();
}

/** The document's row in the library. */
function documentRow(page: Page, name: string): Locator {
  return page.getByRole('list', { name: 'Documents' }).getByRole('listitem').filter({ hasText: name });
}

/** Waits until the document is read. */
export async function untilRead(page: Page, name: string): Promise<void> {
  await documentRow(page, name)
    .getByText(/\d pages? · [\d,]+ tokens/)
    .waitFor({ timeout: slowMs });
}

/** Asks about the chosen document; returns the card that holds the question and will hold the answer. */
export async function ask(page: Page, question: string): Promise<Locator> {
  await page.getByRole('textbox', { name: 'Question' }).fill(question);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  return lastCard(page);
}

/** The card of the latest question. */
export function lastCard(page: Page): Locator {
  return page.getByRole('list', { name: 'Questions', exact: true }).locator('> li').last();
}

/** Waits until the card's question is answered; returns all its words. */
export async function answerOf(card: Locator): Promise<string> {
  await card.getByText(/^read \d+ pages?/).waitFor({ timeout: slowMs });
  return card.innerText();
}

/** What went wrong on the page since this was called: errors of its scripts, breaches of its content security policy. */
export function watchForFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  return faults;
}
