/**
 * Pictures of the app side by side in one file: what film-strip.ts and ten-questions.ts make.
 *
 * The page is the one that `recto serve` serves, in the Chromium of the specs.
 */
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { findChromium } from './chromium.ts';
import { startServe } from './recto-serve.ts';

/** One picture and what stands below it. */
export interface Frame {
  png: Buffer;
  caption: string;
}

/** Opens the app at that size, lets `film` use it (in a home of its own), and writes the pictures that it took to `out`. */
export async function makeStrip(
  out: string,
  viewport: { width: number; height: number },
  film: (page: Page, home: string) => Promise<Frame[]>,
): Promise<void> {
  const { url, home, stop } = await startServe();
  const { path, canSandbox, args, env } = await findChromium();
  const browser = await chromium.launch({ executablePath: path, chromiumSandbox: canSandbox, args, env: { ...process.env, ...env } });
  try {
    const page = await browser.newPage({ viewport });
    await page.goto(url);
    await page.getByRole('button', { name: 'Choose PDFs…' }).waitFor();
    const frames = await film(page, home);
    await page.setViewportSize({ width: 1500, height: 760 });
    await page.goto('about:blank');
    await page.setContent(pageOf(frames));
    await page.screenshot({ path: out, fullPage: true });
  } finally {
    await browser.close();
    await stop();
  }
}

function pageOf(frames: readonly Frame[]): string {
  const figures = frames.map(
    ({ png, caption }) => `<figure><img src="data:image/png;base64,${png.toString('base64')}"><figcaption>${caption}</figcaption></figure>`,
  );
  return `<style>
    body { margin: 0; padding: 24px; background: #fff; display: grid; grid-template-columns: repeat(3, 1fr); gap: 24px; font: 15px system-ui, sans-serif; color: #374151 }
    figure { margin: 0 } img { width: 100%; border: 1px solid #d1d5db; border-radius: 6px } figcaption { padding-top: 6px }
  </style>${figures.join('')}`;
}
