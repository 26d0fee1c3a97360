import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { line, writePdf } from '../../test/pdf/write-pdf.ts';
import type { WrittenPage } from '../../test/pdf/write-pdf.ts';
import type { RuntimeError } from '../errors.ts';
import type { PageText } from './page.ts';
import { openPdf } from './pdf.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'recto-pdf-'));
const samples = path.resolve(import.meta.dirname, '../../../assets/samples');
/** Made with: pikepdf.open('plain.pdf').save('locked.pdf', encryption=pikepdf.Encryption(owner='secret', user='secret', R=6)) */
const locked = path.resolve(import.meta.dirname, '../../test/pdf/locked.pdf');

afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, bytes: Uint8Array | string): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

async function readPages(file: string, password?: string): Promise<PageText[]> {
  const pdf = await openPdf(password === undefined ? { path: file } : { path: file, password });
  try {
    const pages: PageText[] = [];
    for await (const page of pdf.pages()) pages.push(page);
    return pages;
  } finally {
    await pdf.close();
  }
}

async function readWritten(pages: readonly WrittenPage[]): Promise<PageText[]> {
  return readPages(written('pages.pdf', writePdf(pages)));
}

async function failureOf(promise: Promise<unknown>): Promise<RuntimeError> {
  return promise.then(
    () => expect.unreachable('it should have failed'),
    (error: RuntimeError) => error,
  );
}

test('one page after the other, each as a reader sees it', async () => {
  const field = '<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ada Lovelace) /Rect [110 695 300 712] /DA (/F1 11 Tf) >>';
  const hidden = field.replace('Ada Lovelace', 'nobody').replace('/T (name)', '/T (other) /F 2');
  const pages = await readWritten([
    { content: line('Signed by', 60, 700), extra: `/Annots [${field} ${hidden}]` },
    { content: line('Turned by the page itself.', 60, 700), extra: '/Rotate 90' },
    { content: line('Bold by drawing twice.', 60, 700) + line('Bold by drawing twice.', 60.4, 700) },
    { content: line('On the page.', 60, 700) + line('Off the page.', 60, 2000) },
    { content: line('E = mc', 60, 700) + line('2', 95, 704, { size: 7 }) + line('holds.', 103, 700) },
    { content: `${line('The page, which says more.', 60, 700)}BT /F1 9 Tf 0 1 -1 0 20 300 Tm (Stamped aside) Tj ET` },
    { content: 'BT /F3 20 Tf 500 700 Td <7E2666F8304D> Tj ET BT /F3 20 Tf 470 700 Td <4E8C884C76EE> Tj ET' },
  ]);
  expect(pages.map((page) => page.text)).toEqual([
    'Signed by Ada Lovelace',
    'Turned by the page itself.',
    'Bold by drawing twice.',
    'On the page.',
    'E = mc2 holds.',
    'The page, which says more.\n\nStamped aside',
    '縦書き二行目',
  ]);
  expect(pages[1]).toMatchObject({ widthPt: 842, heightPt: 595 });
});

test('P5: every word knows its place', async () => {
  const [page] = await readWritten([{ content: line('Two words', 60, 742, { size: 20 }) }]);
  const [first, second] = page?.words ?? [];
  expect(page?.text.slice(second?.start, second?.end)).toBe('words');
  expect(first?.box.x).toBeCloseTo(60, 0);
  expect(first?.box.y).toBeGreaterThan(80);
  expect(first?.box.y).toBeLessThan(90);
  expect(second?.box.x).toBeGreaterThan((first?.box.x ?? 0) + (first?.box.width ?? 0));
  expect(page?.blocks).toHaveLength(1);
});

test('P6: pages without text, and text without characters, are said', async () => {
  const pages = await readWritten([
    { content: '0 0 100 100 re f' },
    { content: 'BT /F4 11 Tf 60 700 Td <0102030405060708010203040506070801020304> Tj ET' },
    { content: `${line('Words again.', 60, 700)}BT /F4 11 Tf 60 600 Td <01020304> Tj ET` },
  ]);
  expect(pages.map((page) => page.because ?? page.text)).toEqual(['no text layer', 'glyphs do not map to characters', 'Words again.']);
});

test('P3: headers and footers stay where they are first met', async () => {
  const pages = await readWritten(
    [1, 2, 3].map((number) => ({
      content: line('Annual report', 60, 800) + line(`Body of page ${number}.`, 60, 500) + line(`Page ${number} of 3`, 280, 30),
    })),
  );
  expect(pages.map((page) => page.text)).toEqual(['Annual report\n\nBody of page 1.\n\nPage 1 of 3', 'Body of page 2.', 'Body of page 3.']);
});

describe('files that cannot be read', () => {
  test.each([
    ['missing', () => path.join(folder, 'nowhere.pdf'), 'file-unreadable', 'missing'],
    ['a folder', () => folder, 'file-unreadable', 'folder'],
    ['empty', () => written('empty.pdf', ''), 'file-unreadable', 'empty'],
    ['not a PDF', () => written('not.pdf', 'hello '.repeat(50)), 'file-unreadable', 'damaged'],
    ['cut off', () => written('cut.pdf', writePdf([{ content: line('x', 1, 1) }]).slice(0, 200)), 'file-unreadable', 'damaged'],
    ['without pages', () => written('none.pdf', writePdf([])), 'file-unreadable', 'damaged'],
  ])('%s', async (_name, file, code, reason) => {
    const error = await failureOf(openPdf({ path: file() }));
    expect(error).toMatchObject({ code, details: { reason } });
  });

  test('P7: a password is asked for, and said to be wrong', async () => {
    expect(await failureOf(openPdf({ path: locked }))).toMatchObject({ code: 'file-encrypted', details: { password: 'missing' } });
    expect(await failureOf(openPdf({ path: locked, password: 'sesame' }))).toMatchObject({
      code: 'file-encrypted',
      details: { password: 'wrong' },
    });
    const [page] = await readPages(locked, 'secret');
    expect(page?.text).toBe('The vault opens at noon.');
  });

  test('P8: a parser that takes too long is ended', async () => {
    const error = await failureOf(openPdf({ path: path.join(samples, 'report.pdf'), limits: { openMs: 1 } }));
    expect(error).toMatchObject({ code: 'file-unreadable', details: { reason: 'timeout' } });
  });
});

/** Forms that draw one another ten times over: 10^10 words, which no parser ever gets through. */
function endlessForms(firstNumber: number): string[] {
  return Array.from({ length: 10 }, (_, index) => {
    const content = index === 9 ? line('again', 60, 700) : '/X Do '.repeat(10);
    const resources = index === 9 ? '/Font << /F1 3 0 R >>' : `/XObject << /X ${firstNumber + index + 1} 0 R >>`;
    const dictionary = `/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << ${resources} >> /Length ${content.length}`;
    return `<< ${dictionary} >>\nstream\n${content}\nendstream`;
  });
}

test('P8: a page that never ends is given up, and the others are read', async () => {
  const hanging = { content: '/X Do', extra: '/Resources << /XObject << /X 7 0 R >> >>' };
  const pages = [{ content: line('Before.', 60, 700) }, hanging, { content: line('After.', 60, 700) }];
  const pdf = await openPdf({ path: written('endless.pdf', writePdf(pages, { objects: endlessForms(7) })), limits: { pageMs: 2000 } });
  const read: string[] = [];
  for await (const page of pdf.pages()) read.push(page.because ?? page.text);
  await pdf.close();
  expect(read).toEqual(['Before.', 'the parser took longer than 2 s', 'After.']);
});

test('cancelling ends the reading between pages', async () => {
  const pdf = await openPdf({ path: path.join(samples, 'report.pdf') });
  const stop = new AbortController();
  const read = async (): Promise<void> => {
    for await (const page of pdf.pages(stop.signal)) if (page.pageNumber === 2) stop.abort();
  };
  expect(await failureOf(read())).toMatchObject({ code: 'cancelled' });
  await pdf.close();
});

test('draws a page as PNG and knows the title', async () => {
  const pdf = await openPdf({ path: written('titled.pdf', writePdf([{ content: line('x', 60, 700) }], { title: 'A title' })) });
  const png = Buffer.from(await pdf.renderPng(1, 200));
  await pdf.close();
  expect(pdf.title).toBe('A title');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBe(200);
});

test('the samples hold the answers to their questions, word for word', async () => {
  const questions = JSON.parse(readFileSync(path.join(samples, 'questions.json'), 'utf8')) as Record<string, { answer: string }[]>;
  for (const [file, asked] of Object.entries(questions)) {
    const text = (await readPages(path.join(samples, file))).map((page) => page.text).join('\n\n');
    for (const { answer } of asked) expect(text).toContain(answer);
  }
});
