import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { line, writePdf } from '../../test/pdf/write-pdf.ts';
import type { RuntimeError } from '../errors.ts';
import { openDocument } from './open.ts';
import type { PageText } from './page.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'recto-open-'));

afterAll(() => rmSync(folder, { recursive: true }));

async function read(name: string, bytes: Uint8Array | string): Promise<PageText[]> {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  const document = await openDocument({ path: file });
  try {
    const pages: PageText[] = [];
    for await (const page of document.pages()) pages.push(page);
    return pages;
  } finally {
    await document.close();
  }
}

test('P1: the bytes decide, not the name', async () => {
  const [page] = await read('letter.txt', writePdf([{ content: line('A PDF all the same.', 60, 700) }]));
  expect(page?.text).toBe('A PDF all the same.');
});

test('a text is cut into pages at paragraph borders, and nothing is lost', async () => {
  const paragraphs = Array.from({ length: 40 }, (_, index) => `Paragraph ${index} ${'goes on and on '.repeat(15)}end.`);
  const pages = await read('long.md', `# Title\n\n${paragraphs.join('\r\n\r\n')}\n`);
  expect(pages.length).toBeGreaterThan(2);
  expect(pages.map((page) => page.text).join('\n\n')).toBe(`# Title\n\n${paragraphs.join('\n\n')}`);
  expect(pages[0]?.blocks[0]).toMatchObject({ kind: 'heading', start: 0, end: 7 });
  for (const page of pages) expect(page.text.length).toBeLessThanOrEqual(3000);
  for (const { start, end } of pages[1]?.words ?? []) expect(pages[1]?.text.slice(start, end)).toMatch(/^\S+$/);
});

test('older encodings are read', async () => {
  expect((await read('old.txt', Uint8Array.of(0x63, 0x61, 0x66, 0xe9)))[0]?.text).toBe('café');
  expect((await read('wide.txt', Uint8Array.of(0xff, 0xfe, 0x63, 0x00, 0xe9, 0x00)))[0]?.text).toBe('cé');
});

test.each([
  ['picture.pdf', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0), 'a PNG picture'],
  ['letter.docx', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), 'a Word, Excel or PowerPoint file (or another zip archive)'],
  ['noise.bin', Uint8Array.of(1, 2, 0, 3, 4), 'a binary file of an unknown kind'],
  ['controls.bin', Uint8Array.of(1, 2, 3), 'a binary file of an unknown kind'],
])('%s is refused by what it is', async (name, bytes, found) => {
  const error = await read(name, bytes).catch((thrown: RuntimeError) => thrown);
  expect(error).toMatchObject({ code: 'file-unsupported', details: { found } });
});

test('white space alone is no text', async () => {
  const [page] = await read('blank.txt', ' \n\n ');
  expect(page).toMatchObject({ read: 'none', because: 'the file holds white space only' });
});
