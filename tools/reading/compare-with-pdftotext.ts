/**
 * Compares the words that Recto reads from PDFs with those that poppler's `pdftotext` finds, page by page.
 *
 *   node tools/reading/compare-with-pdftotext.ts <folder or file...> [--worst N] [--json OUT.json]
 *
 * A development tool: it wants `pdftotext` on the PATH, the product does not. Per page and file:
 *   recall     the share of pdftotext's words (letters and digits, lower case, with their counts) that are in ours
 *   precision  the share of our words that are in pdftotext's
 *   order      the share of pdftotext's neighbouring word pairs that are neighbours in ours, against the better of its
 *              default and -layout modes
 * None of these says who is right: they say which pages to look at. Every file must be read or refused with a reason.
 */
import { execFile } from 'node:child_process';
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { openDocument } from '../../model-runtime/src/documents/open.ts';
import type { PageText } from '../../model-runtime/src/documents/page.ts';
import { RuntimeError } from '../../model-runtime/src/errors.ts';

interface PageScore {
  file: string;
  pageNumber: number;
  words: number;
  theirWords: number;
  recall: number;
  precision: number;
  order: number;
}

interface FileReport {
  file: string;
  outcome: string;
  elapsedMs: number;
  pages: PageScore[];
  unread: string[];
}

const run = promisify(execFile);
const fileLimitMs = 180_000;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { worst: { type: 'string', default: '25' }, json: { type: 'string' } },
  });
  const files = (await Promise.all(positionals.map(pdfsUnder))).flat().sort();
  const reports: FileReport[] = [];
  for (const file of files) {
    const report = await compareFile(file);
    reports.push(report);
    console.log(lineOf(report));
  }
  printSummary(reports, Number(values.worst));
  if (values.json !== undefined) await writeFile(values.json, JSON.stringify(reports, null, 1));
}

async function pdfsUnder(place: string): Promise<string[]> {
  if (!(await stat(place)).isDirectory()) return [place];
  const names = await readdir(place, { recursive: true });
  return names.filter((name) => /\.pdf$/i.test(name)).map((name) => path.join(place, name));
}

async function compareFile(file: string): Promise<FileReport> {
  const startedMs = performance.now();
  const report: FileReport = { file, outcome: 'read', elapsedMs: 0, pages: [], unread: [] };
  try {
    const pages = await readPages(file);
    report.elapsedMs = performance.now() - startedMs;
    report.unread = pages.filter((page) => page.read === 'none').map((page) => `${page.pageNumber}: ${page.because}`);
    const [plain, layout] = await Promise.all([pdftotext(file, []), pdftotext(file, ['-layout'])]);
    const kept = [plain, layout].map(withoutRunningLines);
    report.pages = pages.map((page, index) =>
      scorePage({ file, page, whole: plain[index] ?? '', once: kept.map((texts) => texts[index] ?? '') }),
    );
  } catch (error) {
    report.elapsedMs = performance.now() - startedMs;
    report.outcome =
      error instanceof RuntimeError ? `${error.code}: ${error.message.replace(file, path.basename(file))}` : `BUG ${String(error)}`;
  }
  return report;
}

async function readPages(file: string): Promise<PageText[]> {
  const document = await openDocument({ path: file });
  try {
    const pages: PageText[] = [];
    for await (const page of document.pages(AbortSignal.timeout(fileLimitMs))) pages.push(page);
    return pages;
  } finally {
    await document.close();
  }
}

async function pdftotext(file: string, options: readonly string[]): Promise<string[]> {
  try {
    const { stdout } = await run('pdftotext', ['-q', '-enc', 'UTF-8', ...options, file, '-'], { maxBuffer: 1 << 28, timeout: fileLimitMs });
    return stdout.split('\f');
  } catch {
    return [];
  }
}

/** pdftotext repeats headers and footers, Recto does not: lines at the edges of a page that were there on an earlier one are left out. */
function withoutRunningLines(pages: readonly string[]): string[] {
  const patternOf = (line: string): string => line.replace(/\d+/g, '#').replace(/\s+/g, ' ').trim();
  const seen = new Set<string>();
  return pages.map((page) => {
    const lines = page.split('\n').filter((line) => line.trim() !== '');
    const isEdge = (index: number): boolean => index < 8 || index >= lines.length - 8;
    const kept = lines.filter((line, index) => !isEdge(index) || !seen.has(patternOf(line)));
    for (const [index, line] of lines.entries()) if (isEdge(index)) seen.add(patternOf(line));
    return kept.join('\n');
  });
}

/** Scores a page: our words against `whole`, pdftotext's page; `once`, its pages in both modes without running lines, against ours. */
function scorePage({ file, page, whole, once }: { file: string; page: PageText; whole: string; once: readonly string[] }): PageScore {
  const ours = wordsOf(page.text);
  const theirs = once.map(wordsOf);
  const plain = theirs[0] ?? [];
  const order = Math.max(...theirs.map((words) => shareOf(pairsOf(words), pairsOf(ours))));
  const precision = shareOf(ours, wordsOf(whole));
  return {
    file,
    pageNumber: page.pageNumber,
    words: ours.length,
    theirWords: plain.length,
    recall: shareOf(plain, ours),
    precision,
    order,
  };
}

/** Words for comparing: hyphens at line ends closed, compatibility forms taken apart, letters and digits alone. */
function wordsOf(text: string): string[] {
  const closed = text.normalize('NFKC').replace(/(\p{L})[-\u00ad\u2010]\s*\n\s*(\p{Ll})/gu, '$1$2');
  return closed.toLowerCase().match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}\p{M}]+/gu) ?? [];
}

function pairsOf(words: readonly string[]): string[] {
  return words.slice(1).map((word, index) => `${words[index]} ${word}`);
}

/** The share of `wanted`, counted with repetition, that is in `given`. */
function shareOf(wanted: readonly string[], given: readonly string[]): number {
  if (wanted.length === 0) return 1;
  const left = new Map<string, number>();
  for (const word of given) left.set(word, (left.get(word) ?? 0) + 1);
  let found = 0;
  for (const word of wanted) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    found += 1;
  }
  return found / wanted.length;
}

function lineOf({ file, outcome, elapsedMs, pages, unread }: FileReport): string {
  const name = path.basename(file).padEnd(48);
  if (outcome !== 'read') return `${name} ${outcome.slice(0, 150)}`;
  const { recall, precision, order } = meanOf(pages);
  const none = unread.length > 0 ? `  unread ${unread.length}: ${unread[0]}` : '';
  return `${name} ${String(pages.length).padStart(4)} p  recall ${percent(recall)}  precision ${percent(precision)}  order ${percent(order)}  ${Math.round(elapsedMs)} ms${none}`;
}

function meanOf(pages: readonly PageScore[]): { recall: number; precision: number; order: number; words: number } {
  let [theirs, ours, recall, precision, order] = [0, 0, 0, 0, 0];
  for (const page of pages) {
    theirs += page.theirWords;
    ours += page.words;
    recall += page.recall * page.theirWords;
    order += page.order * page.theirWords;
    precision += page.precision * page.words;
  }
  return { recall: recall / (theirs || 1), precision: precision / (ours || 1), order: order / (theirs || 1), words: theirs };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`.padStart(6);
}

function printSummary(reports: readonly FileReport[], worst: number): void {
  const pages = reports.flatMap((report) => report.pages);
  const { recall, precision, order, words } = meanOf(pages);
  const refused = reports.filter((report) => report.outcome !== 'read');
  const bugs = refused.filter((report) => report.outcome.startsWith('BUG'));
  console.log(
    `\n${reports.length} files: ${reports.length - refused.length} read, ${refused.length - bugs.length} refused, ${bugs.length} bugs; ${pages.length} pages, ${words} words of pdftotext's`,
  );
  console.log(`recall ${percent(recall)}  precision ${percent(precision)}  order ${percent(order)}`);
  console.log('\nPages to look at: words x share that differs');
  const loss = (page: PageScore): number => (1 - Math.min(page.recall, page.order)) * page.theirWords + (1 - page.precision) * page.words;
  for (const page of [...pages].sort((one, other) => loss(other) - loss(one)).slice(0, worst)) {
    console.log(
      `${path.basename(page.file)} page ${page.pageNumber}: words ${page.words}/${page.theirWords} recall ${percent(page.recall)} precision ${percent(page.precision)} order ${percent(page.order)}`,
    );
  }
}

await main();
