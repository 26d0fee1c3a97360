/**
 * Prints the sample documents: every HTML file beside this one becomes a PDF one folder up, by way of Chromium.
 *
 *   node assets/samples/source/print.ts
 *
 * Run by hand when a source changes; the PDFs are kept in the repository. Uses RECTO_CHROMIUM or the Chromium that the
 * devDependency @sparticuz/chromium carries.
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';

const folder = import.meta.dirname;
const executablePath = process.env['RECTO_CHROMIUM'] ?? (await chromium.executablePath());
const browser = await playwright.launch({ executablePath, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  for (const name of (await readdir(folder)).filter((file) => file.endsWith('.html'))) {
    const target = path.join(folder, '..', name.replace(/\.html$/, '.pdf'));
    await page.goto(pathToFileURL(path.join(folder, name)).href);
    await page.pdf({ path: target, preferCSSPageSize: true, displayHeaderFooter: false, tagged: true });
    console.log(`${path.basename(target)} ${Math.round((await stat(target)).size / 1024)} KiB`);
  }
} finally {
  await browser.close();
}
