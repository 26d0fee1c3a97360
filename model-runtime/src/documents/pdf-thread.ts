/**
 * The worker thread in which a PDF is parsed: the only file that imports pdfjs-dist.
 *
 * One thread holds one document, so that a parser that hangs or eats its memory can be ended without the process
 * (see pdf.ts), and pages are parsed while the main thread is busy with the model. It hands over runs of glyphs and
 * pictures; what order they are read in is not its business. Everything the parser wants beside the file (standard
 * fonts, character maps, decoders) lies in the installed package: nothing is fetched from anywhere.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import { createCanvas } from '@napi-rs/canvas';
import { getDocument, PasswordException, PasswordResponses, Util, version } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { PdfCalls, PdfProblem, PdfReply, PdfRequest } from './pdf-calls.ts';
import { fieldRuns } from './form-fields.ts';
import type { FieldAnnotation } from './form-fields.ts';
import type { PageRuns, TextRun } from './text-run.ts';

const packageFolder = path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
const port = parentPort;
if (!port) throw new Error(`pdfjs ${version}: this file runs as a worker thread only`);

let document: PDFDocumentProxy | undefined;

/** One call after the other: so the near side knows which one a hanging parser hangs in. */
let lastCall: Promise<void> = Promise.resolve();
port.on('message', (request: PdfRequest) => {
  lastCall = lastCall.then(async () => {
    const reply = await answer(request).then(
      (gives): PdfReply => ({ id: request.id, gives }),
      (error: unknown): PdfReply => ({ id: request.id, ...describeProblem(error) }),
    );
    port.postMessage(reply);
  });
});

async function answer(request: PdfRequest): Promise<unknown> {
  if (request.name === 'open') return open(request.takes);
  const page = await openedDocument().getPage(request.takes.pageNumber);
  try {
    return request.name === 'page' ? await pageRuns(page) : await renderPng(page, request.takes.widthPx);
  } finally {
    page.cleanup();
  }
}

function openedDocument(): PDFDocumentProxy {
  if (!document) throw new Error('no document has been opened in this thread');
  return document;
}

async function open({ data, password }: PdfCalls['open']['takes']): Promise<PdfCalls['open']['gives']> {
  const folder = (name: string): string => path.join(packageFolder, name) + path.sep;
  document = await getDocument({
    data,
    ...(password === undefined ? {} : { password }),
    standardFontDataUrl: folder('standard_fonts'),
    cMapUrl: folder('cmaps'),
    wasmUrl: folder('wasm'),
    iccUrl: folder('iccs'),
    verbosity: 0,
    stopAtErrors: false,
  }).promise;
  return { pageCount: document.numPages, title: await titleOf(document) };
}

/** The title that the document gives itself. A damaged information dictionary is no reason to refuse the pages. */
async function titleOf(opened: PDFDocumentProxy): Promise<string | undefined> {
  try {
    const { info } = await opened.getMetadata();
    const title = (info as { Title?: unknown }).Title;
    return typeof title === 'string' && title.trim() !== '' ? title.trim() : undefined;
  } catch {
    return undefined;
  }
}

async function pageRuns(page: PDFPageProxy): Promise<PageRuns> {
  const viewport = page.getViewport({ scale: 1 });
  const content = await page.getTextContent({ disableNormalization: true });
  const runs: TextRun[] = [];
  for (const item of content.items) {
    if (!('str' in item) || item.str.trim() === '') continue;
    runs.push(runOf(item, viewport.transform as number[], content.styles[item.fontName]?.vertical === true));
  }
  return {
    pageNumber: page.pageNumber,
    widthPt: viewport.width,
    heightPt: viewport.height,
    runs: [...runs, ...(await runsOfFields(page))],
  };
}

type TextItem = Extract<Awaited<ReturnType<PDFPageProxy['getTextContent']>>['items'][number], { str: string }>;

function runOf(item: TextItem, toPage: number[], isVertical: boolean): TextRun {
  const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = Util.transform(toPage, item.transform) as number[];
  return {
    text: item.str,
    x,
    y,
    angle: isVertical ? degrees(-c, -d) : degrees(a, b),
    length: (isVertical ? item.height : item.width) * scaleOf(toPage),
    size: Math.hypot(c, d) || Math.hypot(a, b),
    font: item.fontName,
    isRightToLeft: item.dir === 'rtl',
    isVertical,
  };
}

/** What the reader sees in form fields and free text notes. Damaged annotations are no reason to lose the page. */
async function runsOfFields(page: PDFPageProxy): Promise<TextRun[]> {
  try {
    const viewport = page.getViewport({ scale: 1 });
    const annotations = (await page.getAnnotations({ intent: 'display' })) as FieldAnnotation[];
    return fieldRuns(annotations, ([x1 = 0, y1 = 0, x2 = 0, y2 = 0]) => [
      ...(viewport.convertToViewportPoint(x1, y1) as number[]),
      ...(viewport.convertToViewportPoint(x2, y2) as number[]),
    ]);
  } catch {
    return [];
  }
}

function degrees(x: number, y: number): number {
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}

/** Points on the page as shown for one unit of the page's own space (1 unless the page sets UserUnit). */
function scaleOf([a = 1, b = 0]: number[]): number {
  return Math.hypot(a, b);
}

async function renderPng(page: PDFPageProxy, widthPx: number): Promise<Uint8Array> {
  const natural = page.getViewport({ scale: 1 });
  const viewport = page.getViewport({ scale: widthPx / natural.width });
  const canvas = createCanvas(Math.max(1, Math.round(viewport.width)), Math.max(1, Math.round(viewport.height)));
  // The renderer asks for a DOM canvas by type and uses nothing that this one lacks.
  type Target = Parameters<typeof page.render>[0]['canvasContext'];
  await page.render({ canvas: null, canvasContext: canvas.getContext('2d') as unknown as Target, viewport }).promise;
  return new Uint8Array(await canvas.encode('png'));
}

function describeProblem(error: unknown): { problem: PdfProblem; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof PasswordException) {
    const isWrong = error.code === PasswordResponses.INCORRECT_PASSWORD;
    return { problem: isWrong ? 'password-wrong' : 'password-missing', message };
  }
  const name = error instanceof Error ? error.name : '';
  if (/encryption|encrypt|crypt/i.test(message)) return { problem: 'unsupported', message };
  return { problem: name === 'InvalidPDFException' || name === 'FormatError' ? 'damaged' : 'other', message };
}
