/** `recto read`: the text of documents exactly as it goes into the encoder. Needs no model. */
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openDocument } from '../documents/open.ts';
import type { OpenDocument, PageText } from '../documents/page.ts';
import { RuntimeError, throwIfCancelled } from '../errors.ts';
import { showAmount } from './amounts.ts';
import type { Command, CommandContext } from './command.ts';
import { noteUnread, withPassword } from './open-documents.ts';
import { UsageError, parseCommandLine } from './usage.ts';

const usage = `recto read <file...> [options]

Shows the text of the documents as it goes into the model: pages in order, blocks in reading order.

      --password P      the password of encrypted documents (default: asks for it)
      --json            print one JSON value: documents, pages, how each was read, blocks and their places`;

/** See the file's head. */
export const read: Command = { usage, run: runRead };

interface DocumentRead {
  path: string;
  pages: { page: number; read: PageText['read']; because?: string; blocks: { kind: string; text: string; box: object }[] }[];
}

async function runRead(args: readonly string[], context: CommandContext): Promise<void> {
  const { values, positionals: files } = parseCommandLine(args, { password: { type: 'string' } });
  if (files.length === 0) throw new UsageError('name at least one document to read');
  const documents: DocumentRead[] = [];
  for (const file of files) {
    if (documents.length > 0 && !context.terminal.isJson) context.terminal.write('\n');
    documents.push(await readDocument(file, values.password, context));
  }
  if (context.terminal.isJson) context.terminal.writeJson({ documents });
}

async function readDocument(givenPath: string, password: string | undefined, context: CommandContext): Promise<DocumentRead> {
  const { terminal } = context;
  const name = path.basename(givenPath);
  const absolute = path.resolve(givenPath);
  const open = (candidate: string | undefined): Promise<OpenDocument> =>
    openDocument(candidate === undefined ? { path: absolute } : { path: absolute, password: candidate });
  const document = await withPassword({ name, password, open }, context);
  try {
    const pages = await readPages({ document, name }, context);
    const reasons = pages
      .filter((page) => page.read === 'none')
      .map(({ pageNumber, because = 'it is empty' }) => ({ pageNumber, because }));
    if (reasons.length === pages.length) throw documentEmpty(absolute, reasons);
    noteUnread(reasons, terminal);
    return { path: givenPath, pages: pages.map(reportPage) };
  } finally {
    await document.close();
  }
}

/** Reads page after page; without --json, the text goes out as it comes in. */
async function readPages(
  { document, name }: { document: OpenDocument; name: string },
  { terminal, signal }: CommandContext,
): Promise<PageText[]> {
  const pages: PageText[] = [];
  let hasText = false;
  for await (const page of document.pages(signal)) {
    await setImmediate(); // pages may come without a pause: here Ctrl-C and a closed output get through
    throwIfCancelled(signal);
    pages.push(page);
    if (!terminal.isJson && page.text !== '') {
      // Pages are joined by an empty line, as they are in the encoder.
      terminal.write(hasText ? `\n\n${page.text}` : page.text);
      hasText = true;
    }
    terminal.progress.show(`${name}: page ${page.pageNumber} of ${document.pageCount}`, pages.length / document.pageCount);
  }
  terminal.progress.end();
  if (hasText) terminal.write('\n');
  return pages;
}

function reportPage({ pageNumber, read: readAs, because, text, blocks }: PageText): DocumentRead['pages'][number] {
  return {
    page: pageNumber,
    read: readAs,
    ...(because === undefined ? {} : { because }),
    blocks: blocks.map(({ kind, start, end, box }) => ({ kind, text: text.slice(start, end), box })),
  };
}

function documentEmpty(file: string, because: { pageNumber: number; because: string }[]): RuntimeError<'document-empty'> {
  return new RuntimeError({
    code: 'document-empty',
    message: `read ${file}: none of its ${showAmount(because.length, 'page')} holds text that can be read`,
    details: { path: file, pageCount: because.length, because },
  });
}
