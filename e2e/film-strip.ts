/**
 * A film strip of the app while a long PDF goes in: what a person sees at some shares of the way, one picture beside the other.
 *
 *   node e2e/film-strip.ts OUT.png [PAGES]
 *
 * The PDF is made on the spot.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { makePdf } from './made-pdf.ts';
import { answerOf, ask, dropFiles } from './page-moves.ts';
import { makeStrip } from './picture-strip.ts';
import type { Frame } from './picture-strip.ts';

const shares = [0, 10, 35, 65, 90];
const question = 'Who is the contact person?';
const [out = 'film-strip.png', pageCount = '500'] = process.argv.slice(2);

await makeStrip(out, { width: 1180, height: 760 }, film);

async function film(page: Page, home: string): Promise<Frame[]> {
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
