/**
 * Opens a PDF, hands out its pages as text in reading order, and draws them.
 *
 * The parser runs in a thread of its own (pdf-thread.ts): pages are parsed ahead while the caller works on earlier
 * ones, and a parser that hangs is ended with its thread. Every call has a time limit; a page that breaks or hangs is
 * given as unread with the reason, and reading goes on with the next one in a fresh thread. What is not text (scans,
 * fonts without a mapping) is said page by page.
 */
import { RuntimeError, throwIfCancelled } from '../errors.ts';
import { readFileBytes } from './file-bytes.ts';
import { BodyText, layoutPage } from './page-layout.ts';
import { unreadPage } from './page.ts';
import type { DocumentSource, OpenDocument, PageText } from './page.ts';
import { PdfCallError, PdfThread } from './pdf-thread-client.ts';
import { isReadable } from './readable.ts';
import { RunningLines } from './running-lines.ts';
import { formFieldFont } from './text-run.ts';
import type { PageRuns, TextRun } from './text-run.ts';
import { wordsOf } from './words.ts';
import type { DirectedWords } from './words.ts';

/** An open PDF: a document whose pages can always be drawn. */
export interface OpenPdf extends OpenDocument {
  renderPng(pageNumber: number, widthPx: number): Promise<Uint8Array>;
}

/** What to open, and how long the parser may take over it. */
export interface PdfSource extends DocumentSource {
  /** For starting the parser and opening the file; for each page or picture. A minute each where absent. */
  limits?: { openMs?: number; pageMs?: number };
}

/** Pages parsed ahead of the one handed out. */
const pagesAhead = 4;
const defaultLimitMs = 60_000;
/** So many broken pages on end mean that the page count is a lie. */
const mostBrokenPages = 100;

/**
 * Opens the PDF at `path`. Throws RuntimeError: 'file-unreadable' (missing, damaged, timeout, ...), 'file-encrypted'
 * (password missing or wrong), 'file-unsupported' (an unknown kind of encryption).
 */
export async function openPdf(source: PdfSource): Promise<OpenPdf> {
  const pdf = new PdfFile(source);
  await pdf.open();
  return pdf;
}

/** A page whose words are known but not yet in order; or why there are none. */
type ParsedPage = { pageNumber: number; shape: PageRuns; directions: DirectedWords[] } | { pageNumber: number; because: string };

class PdfFile implements OpenPdf {
  sha256 = '';
  pageCount = 0;
  title: string | undefined;
  readonly #source: PdfSource;
  readonly #limits: { openMs: number; pageMs: number };
  #thread: Promise<PdfThread> | undefined;
  #isClosed = false;

  constructor(source: PdfSource) {
    this.#source = source;
    this.#limits = { openMs: defaultLimitMs, pageMs: defaultLimitMs, ...source.limits };
  }

  async open(): Promise<void> {
    await this.#liveThread();
    if (this.pageCount > 0) return;
    await this.close();
    throw damaged(this.#source.path, 'it has no pages');
  }

  async *pages(signal?: AbortSignal): AsyncGenerator<PageText> {
    const memory: PageMemory = { runningLines: new RunningLines(), body: new BodyText() };
    const parsing: Promise<ParsedPage>[] = [];
    let brokenInARow = 0;
    for (let pageNumber = 1; pageNumber <= this.pageCount; pageNumber += 1) {
      throwIfCancelled(signal);
      while (parsing.length <= pagesAhead && pageNumber + parsing.length <= this.pageCount) {
        parsing.push(this.#parse(pageNumber + parsing.length));
      }
      const [page, ...ahead] = await Promise.all(parsing);
      void parsing.shift();
      throwIfCancelled(signal);
      if (!page) return;
      brokenInARow = 'because' in page ? brokenInARow + 1 : 0;
      if (brokenInARow > mostBrokenPages)
        throw damaged(this.#source.path, `pages ${pageNumber - mostBrokenPages} to ${pageNumber} cannot be read`);
      yield readPage(page, ahead, memory);
    }
  }

  async renderPng(pageNumber: number, widthPx: number): Promise<Uint8Array> {
    try {
      return await (await this.#liveThread()).call('render', { pageNumber, widthPx }, this.#limits.pageMs);
    } catch (error) {
      throw this.#asRuntimeError(error);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const thread = this.#thread;
    this.#thread = undefined;
    await (await thread?.catch(() => undefined))?.end();
  }

  /** The thread with the document open in it; a new one where the last was ended. */
  async #liveThread(): Promise<PdfThread> {
    if (this.#isClosed) throw new Error(`${this.#source.path}: used after close()`);
    const current = await this.#thread;
    if (current && !current.hasEnded) return current;
    this.#thread = this.#startThread();
    return this.#thread;
  }

  async #startThread(): Promise<PdfThread> {
    const { path, password } = this.#source;
    const { bytes: data, sha256 } = await readFileBytes(path);
    this.sha256 ||= sha256;
    if (sha256 !== this.sha256) throw changed(path);
    const thread = new PdfThread();
    try {
      const { pageCount, title } = await thread.call('open', { data, password }, this.#limits.openMs);
      this.pageCount = pageCount;
      this.title = title;
      return thread;
    } catch (error) {
      await thread.end();
      throw this.#asRuntimeError(error);
    }
  }

  async #parse(pageNumber: number): Promise<ParsedPage> {
    try {
      const runs = await (await this.#liveThread()).call('page', { pageNumber }, this.#limits.pageMs);
      return { pageNumber, shape: runs, directions: wordsOf(runs) };
    } catch (error) {
      if (!(error instanceof PdfCallError)) throw error;
      if (error.problem === 'interrupted' && !this.#isClosed) return this.#parse(pageNumber);
      return { pageNumber, because: reasonOf(error) };
    }
  }

  #asRuntimeError(error: unknown): unknown {
    if (!(error instanceof PdfCallError)) return error;
    const { path } = this.#source;
    const { problem, message } = error;
    if (problem === 'password-missing' || problem === 'password-wrong') {
      const password = problem === 'password-missing' ? 'missing' : 'wrong';
      const text = `open ${path}: expected ${password === 'missing' ? 'a password, got none' : 'the right password, got a wrong one'}`;
      return new RuntimeError({ code: 'file-encrypted', message: text, details: { path, password }, cause: error });
    }
    if (problem === 'unsupported') {
      const found = `a PDF protected in a way that is not supported (${message})`;
      return new RuntimeError({ code: 'file-unsupported', message: `open ${path}: ${found}`, details: { path, found }, cause: error });
    }
    if (problem === 'timeout') {
      const text = `open ${path}: ${message}`;
      return new RuntimeError({ code: 'file-unreadable', message: text, details: { path, reason: 'timeout' }, cause: error });
    }
    return damaged(path, message, error);
  }
}

/** What the pages so far tell about the next. */
interface PageMemory {
  runningLines: RunningLines;
  body: BodyText;
}

function readPage(page: ParsedPage, ahead: readonly ParsedPage[], { runningLines, body }: PageMemory): PageText {
  const { pageNumber } = page;
  if ('because' in page) return unreadPage({ pageNumber, widthPt: 0, heightPt: 0 }, page.because);
  const { widthPt, heightPt } = page.shape;
  const shape = { pageNumber, widthPt, heightPt };
  const parsedAhead = ahead.filter((other) => 'directions' in other);
  const { repeated, first } = runningLines.take(page, parsedAhead);
  const kept = page.directions.map(({ frame, words }) => ({ frame, words: words.filter((word) => !repeated.has(word)) }));
  if (!arePrintedWordsReadable(page.shape.runs)) return unreadPage(shape, 'glyphs do not map to characters');
  return layoutPage(shape, kept, { apart: first, body });
}

/** Judges font by font: one symbol font without a mapping does not spoil a page. */
function arePrintedWordsReadable(runs: readonly TextRun[]): boolean {
  const textByFont = new Map<string, string>();
  for (const { font, text } of runs) {
    if (font !== formFieldFont) textByFont.set(font, `${textByFont.get(font) ?? ''} ${text}`);
  }
  const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0);
  const texts = [...textByFont.values()];
  const unreadable = texts.filter((text) => !isReadable(text));
  return unreadable.length === 0 || lengthOf(unreadable) < lengthOf(texts) * 0.5;
}

function reasonOf(error: PdfCallError): string {
  if (error.problem === 'timeout') return error.message;
  if (error.problem === 'broken') return `the parser broke down: ${error.message}`;
  return `the page is damaged: ${error.message}`;
}

function changed(path: string): RuntimeError<'file-unreadable'> {
  const message = `read ${path}: expected the file that was opened, got another in its place`;
  return new RuntimeError({ code: 'file-unreadable', message, details: { path, reason: 'changed' } });
}

function damaged(path: string, why: string, cause?: unknown): RuntimeError<'file-unreadable'> {
  const message = `open ${path}: expected a sound PDF, got a damaged one: ${why}`;
  return new RuntimeError({ code: 'file-unreadable', message, details: { path, reason: 'damaged' }, cause });
}
