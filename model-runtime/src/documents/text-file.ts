/**
 * Plain text and Markdown as a document: pages of some 3,000 characters that end at paragraph borders.
 *
 * A text file has no pages and no places, so every box is empty. Line breaks within a paragraph are kept: in a plain
 * text they may be rows of a table or lines of code.
 */
import { basename } from 'node:path';
import { RuntimeError, throwIfCancelled } from '../errors.ts';
import { readFileBytes } from './file-bytes.ts';
import type { Block, Box, DocumentSource, OpenDocument, PageText, Span } from './page.ts';
import { unreadPage } from './page.ts';

const pageCharacters = 3000;
/** A4, so that whoever draws the page has a sheet. */
const sheet = { widthPt: 595, heightPt: 842 };
const nowhere: Box = { x: 0, y: 0, width: 0, height: 0 };

/** Opens a text file: UTF-8, or UTF-16 with a byte order mark; other bytes are read as Windows-1252. Throws 'file-unreadable' and 'file-unsupported'. */
export async function openTextFile({ path }: DocumentSource): Promise<OpenDocument> {
  const { bytes, sha256 } = await readFileBytes(path);
  const pages = pagesOf(decode(bytes, path));
  return {
    sha256,
    pageCount: pages.length,
    title: basename(path),
    async *pages(signal) {
      for (const page of pages) {
        throwIfCancelled(signal);
        yield page;
      }
    },
    close: () => Promise.resolve(),
  };
}

function decode(bytes: Uint8Array, path: string): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (isBinary(bytes)) {
    const found = 'a binary file of an unknown kind';
    throw new RuntimeError({
      code: 'file-unsupported',
      message: `open ${path}: expected a document, got ${found}`,
      details: { path, found },
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Text has no zero bytes, and hardly any other control characters than tabs, line ends and page ends. */
function isBinary(bytes: Uint8Array): boolean {
  const controls = bytes.reduce((count, byte) => count + (byte < 9 || (byte > 13 && byte < 32) ? 1 : 0), 0);
  return bytes.includes(0) || controls > bytes.length / 100;
}

function pagesOf(text: string): PageText[] {
  const paragraphs = text
    .replace(/\r\n?/g, '\n')
    .replaceAll('\f', '\n\n')
    .split(/\n[ \t]*\n\s*/)
    .map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ''))
    .filter((paragraph) => paragraph !== '')
    .flatMap(cutLong);
  const pages: PageText[] = [];
  let gathered: string[] = [];
  let length = 0;
  for (const paragraph of paragraphs) {
    if (length > 0 && length + paragraph.length > pageCharacters) {
      pages.push(pageOf(pages.length + 1, gathered));
      [gathered, length] = [[], 0];
    }
    gathered.push(paragraph);
    length += paragraph.length + 2;
  }
  if (gathered.length > 0) pages.push(pageOf(pages.length + 1, gathered));
  return pages.length > 0 ? pages : [unreadPage({ pageNumber: 1, ...sheet }, 'the file holds white space only')];
}

/** A paragraph longer than a page is cut at line ends, else at spaces, else anywhere. */
function cutLong(paragraph: string): string[] {
  const parts: string[] = [];
  let rest = paragraph;
  while (rest.length > pageCharacters) {
    const head = rest.slice(0, pageCharacters);
    const at = Math.max(head.lastIndexOf('\n'), pageCharacters / 2) > pageCharacters / 2 ? head.lastIndexOf('\n') : head.lastIndexOf(' ');
    const end = at > pageCharacters / 2 ? at : pageCharacters;
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return rest === '' ? parts : [...parts, rest];
}

function pageOf(pageNumber: number, paragraphs: readonly string[]): PageText {
  const text = paragraphs.join('\n\n');
  const blocks: Block[] = [];
  let start = 0;
  for (const paragraph of paragraphs) {
    blocks.push({ kind: /^#{1,6} /.test(paragraph) ? 'heading' : 'paragraph', start, end: start + paragraph.length, box: nowhere });
    start += paragraph.length + 2;
  }
  const words: Span[] = [...text.matchAll(/\S+/g)].map((found) => ({
    start: found.index,
    end: found.index + found[0].length,
    box: nowhere,
  }));
  return { pageNumber, ...sheet, read: 'text', text, blocks, words };
}
