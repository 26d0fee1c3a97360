/**
 * Pictures of the app for people to look at: e2e/screenshots/, which git ignores.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Takes a picture of the page under that name, with every movement at its end. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = join(import.meta.dirname, 'screenshots');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
