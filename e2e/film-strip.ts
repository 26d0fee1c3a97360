/**
 * A film strip of the app while a long PDF goes in: what a person sees at some shares of the way, one picture beside the other.
 *
 *   node e2e/film-strip.ts OUT.png [PAGES]
 *
 * The page is the one that `recto serve` serves, in the Chromium of the specs; the PDF is made on the spot.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { findChromium } from './chromium.ts';
import { makePdf } from './made-pdf.ts';
import { answerOf, ask, dropFiles } from './page-moves.ts';
import { startServe } from './recto-serve.ts';

const size = { width: 1180, height: 760 };
const shares = [0, 10, 35, 65, 90];
const question = 'Who is the contact person?';
const [out = 'film-strip.png', pageCount = '500'] = process.argv.slice(2);

/** One picture and what stands below it. */
interface Frame {
  png: Buffer;
  caption: string;
}

const { url, home, stop } = await startServe();
const { path, canSandbox, args, env } = await findChromium();
const browser = await chromium.launch({ executablePath: path, chromiumSandbox: canSandbox, args, env: { ...process.env, ...env } });
try {
  const page = await browser.newPage({ viewport: size });
  await page.goto(url);
  await page.getByRole('button', { name: 'Choose PDFs…' }).waitFor();
  const frames = await film(page);
  await page.setViewportSize({ width: 1500, height: 760 });
  await page.goto('about:blank');
  await page.setContent(strip(frames));
  await page.screenshot({ path: out, fullPage: true });
} finally {
  await browser.close();
  await stop();
}

async function film(page: Page): Promise<Frame[]> {
  const pdf = join(home, 'parish-chronicle.pdf');
  writeFileSync(pdf, makePdf({ pages: chronicle(Number(pageCount)) }));
  const frames: Frame[] = [];
  const startedMs = performance.now();
  const seconds = (): string => `${((performance.now() - startedMs) / 1000).toFixed(0)} s`;
  await dropFiles(page, [pdf]);
  for (const share of shares) {
    await page.waitForFunction(
      (least) => {
        const text = document.querySelector('progress, [role="progressbar"]')?.getAttribute('aria-valuetext') ?? '';
        return Number(/(\d+)%/u.exec(text)?.[1] ?? -1) >= least;
      },
      share,
      { timeout: 600_000, polling: 50 },
    );
    frames.push({ png: await page.screenshot(), caption: `${share} %, after ${seconds()}` });
    console.log(frames.at(-1)?.caption);
  }
  await page.getByText(/^read in /u).waitFor({ timeout: 600_000 });
  const read = seconds();
  await answerOf(await ask(page, question));
  frames.push({ png: await page.screenshot(), caption: `read after ${read}; asked` });
  return frames;
}

function strip(frames: readonly Frame[]): string {
  const figures = frames.map(
    ({ png, caption }) => `<figure><img src="data:image/png;base64,${png.toString('base64')}"><figcaption>${caption}</figcaption></figure>`,
  );
  return `<style>
    body { margin: 0; padding: 24px; background: #fff; display: grid; grid-template-columns: repeat(3, 1fr); gap: 24px; font: 15px system-ui, sans-serif; color: #374151 }
    figure { margin: 0 } img { width: 100%; border: 1px solid #d1d5db; border-radius: 6px } figcaption { padding-top: 6px }
  </style>${figures.join('')}`;
}

/** Pages of a book in which one sentence answers the question. */
function chronicle(pages: number): string[][] {
  const subjects = [
    'The miller',
    'The council',
    'A travelling clockmaker',
    'The schoolmistress',
    'The ferryman',
    'The widow Arnold',
    'The choir',
  ];
  const deeds = [
    'paid for a new roof',
    'quarrelled over the lower meadow',
    'sold eleven sheep',
    'mended the weir',
    'asked for a second bell',
    'planted limes',
  ];
  const ends = [
    'before the first snow.',
    'and was thanked by nobody.',
    'as the minutes tell.',
    'for the third time in ten years.',
    'though the river rose that week.',
  ];
  const line = (page: number, at: number): string =>
    `In ${1500 + page} ${subjects[(page + at * 3) % 7]} ${deeds[(page * 5 + at) % 6]} ${ends[(page * 3 + at * 2) % 5]}`;
  return Array.from({ length: pages }, (_, page) => [
    `Chronicle of the parish, year ${1500 + page}`,
    '',
    ...Array.from({ length: 40 }, (_, index) =>
      page === Math.floor(pages / 2) && index === 20 ? 'Contact person: Agnes Holt' : line(page, index),
    ),
  ]);
}
