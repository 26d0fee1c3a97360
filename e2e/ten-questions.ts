/**
 * Ten questions about the sample documents, two about each, as the app answers them: one picture a document.
 *
 *   node e2e/ten-questions.ts OUT.png
 *
 * Asks the first and the last question of each document in assets/samples/questions.json, whether the model can answer them or not.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { answerOf, ask, dropFiles, untilRead } from './page-moves.ts';
import { makeStrip } from './picture-strip.ts';
import type { Frame } from './picture-strip.ts';

const samples = join(import.meta.dirname, '..', 'assets', 'samples');
const known = JSON.parse(readFileSync(join(samples, 'questions.json'), 'utf8')) as Record<string, { question: string; answer: string }[]>;
const [out = 'ten-questions.png'] = process.argv.slice(2);

/** From the answer to the mark on the page: scrolled there, and painted. */
const markedMs = 1200;

await makeStrip(out, { width: 1180, height: 760 }, async (page: Page) => {
  const frames: Frame[] = [];
  for (const [name, items] of Object.entries(known)) {
    await dropFiles(page, [join(samples, name)]);
    await untilRead(page, name);
    const caption: string[] = [];
    for (const { question, answer } of [...items.slice(0, 1), ...items.slice(-1)]) {
      const words = await answerOf(await ask(page, question));
      caption.push(`${words.includes(answer) ? 'right' : `wrong: ${answer}`}`);
    }
    await page.waitForTimeout(markedMs);
    frames.push({ png: await page.screenshot({ animations: 'disabled' }), caption: `${name}: ${caption.join('; ')}` });
    console.log(frames.at(-1)?.caption);
  }
  return frames;
});
