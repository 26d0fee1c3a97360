/**
 * Opens a document of any kind that Recto reads. The kind is told from the file's first bytes, never from its name.
 */
import { RuntimeError } from '../errors.ts';
import { readFirstBytes } from './file-bytes.ts';
import type { DocumentSource, OpenDocument } from './page.ts';
import { openPdf } from './pdf.ts';
import { openTextFile } from './text-file.ts';

/** A PDF's header may stand anywhere in here (PDF 32000-1, Annex H.3, note 13). */
const headBytes = 1024;

const startsWith: [kind: string, bytes: RegExp][] = [
  ['a PNG picture', /^\x89PNG\r\n\x1a\n/],
  ['a JPEG picture', /^\xff\xd8\xff/],
  ['a GIF picture', /^GIF8[79]a/],
  ['a WebP picture', /^RIFF[\s\S]{4}WEBP/],
  ['a TIFF picture', /^(?:II\*\0|MM\0\*)/],
  ['a BMP picture', /^BM[\s\S]{4}\0\0\0\0/],
  ['a HEIC or AVIF picture', /^[\s\S]{4}ftyp(?:hei|mif|avi)/],
  ['a Word, Excel or PowerPoint file (or another zip archive)', /^PK\x03\x04/],
  ['an old Word, Excel or PowerPoint file', /^\xd0\xcf\x11\xe0/],
  ['an RTF text', /^\{\\rtf/],
  ['a PostScript file', /^%!PS/],
  ['a gzip archive', /^\x1f\x8b/],
  ['an HTML page', /^\s*<(?:!doctype html|html)/i],
];

/**
 * Opens a PDF or a text file. Throws RuntimeError: 'file-unreadable', 'file-unsupported' (pictures among them, which
 * wait for the vision tower), 'file-encrypted'.
 */
export async function openDocument(source: DocumentSource): Promise<OpenDocument> {
  const head = String.fromCharCode(...(await readFirstBytes(source.path, headBytes)));
  if (head.includes('%PDF-')) return openPdf(source);
  const found = startsWith.find(([, bytes]) => bytes.test(head))?.[0];
  if (found === undefined) return openTextFile(source);
  const { path } = source;
  const hint = found.endsWith('picture') ? '; pictures are not read yet' : '';
  throw new RuntimeError({
    code: 'file-unsupported',
    message: `open ${path}: expected a PDF or a text file, got ${found}${hint}`,
    details: { path, found },
  });
}
