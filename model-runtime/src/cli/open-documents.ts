/**
 * Reads the files of a command line through the runtime: with progress, asking for passwords, telling what was read.
 *
 * Used by ask and encode. Knows the contract and the terminal.
 */
import path from 'node:path';
import type { DocumentSummary, ReadingMode, RuntimeClient, RuntimeFailure } from '../contract.ts';
import { isRuntimeError } from '../errors.ts';
import { showAmount, showDuration, showPageNumbers } from './amounts.ts';
import { askPassword } from './ask-password.ts';
import type { CommandContext } from './command.ts';
import { readingLine } from './progress.ts';
import { oneOf } from './usage.ts';

/** What to open, and how. */
export interface OpenRequest {
  files: readonly string[];
  model: string | undefined;
  password: string | undefined;
  mode: ReadingMode | undefined;
}

/** A document that has been read, under the path by which the person named it. */
export interface OpenedDocument {
  givenPath: string;
  summary: DocumentSummary;
}

/** A document in the JSON that ask and encode print. */
export interface DocumentReport {
  path: string;
  pages: number;
  tokens: number;
  cached: boolean;
  read: DocumentSummary['read'];
  unread: { page: number; because: string }[];
  model: string;
  mode: ReadingMode;
  /** Why it could not be stored, so that the next question will have it read again; null where it was. */
  storeFailure: RuntimeFailure | null;
  elapsedMs: number;
}

const passwordTries = 3;

/** What the usage of ask and encode says of --mode. */
export const modeUsage = `      --mode exact|book how documents are read: exact, every word seeing every other; book, window by window, however
                        long they are (default: exact for what the model takes at once, book for what is longer)`;

/** The value of --mode. Throws a usage error. */
export function readingMode(given: string | undefined): ReadingMode | undefined {
  return oneOf('--mode', given, { words: ['exact', 'book'] });
}

/** Opens the files one after the other; a document named twice is opened once. Throws the first failure. */
export async function openDocuments(runtime: RuntimeClient, request: OpenRequest, context: CommandContext): Promise<OpenedDocument[]> {
  const opened: OpenedDocument[] = [];
  for (const givenPath of request.files) {
    const summary = await openDocument(runtime, { ...request, givenPath }, context);
    if (opened.some((other) => other.summary.documentId === summary.documentId)) continue;
    opened.push({ givenPath, summary });
    noteReading(givenPath, summary, context);
  }
  return opened;
}

/** The document as the JSON of ask and encode has it. */
export function reportDocument({ givenPath, summary }: OpenedDocument): DocumentReport {
  const { pageCount, tokens, cached, read, unread, model, mode, storeFailure, elapsedMs } = summary;
  return {
    path: givenPath,
    pages: pageCount,
    tokens,
    cached,
    read,
    unread: unread.map(({ pageNumber, because }) => ({ page: pageNumber, because })),
    model,
    mode,
    storeFailure,
    elapsedMs,
  };
}

async function openDocument(
  runtime: RuntimeClient,
  { givenPath, model, password, mode }: OpenRequest & { givenPath: string },
  { terminal, signal }: CommandContext,
): Promise<DocumentSummary> {
  const name = path.basename(givenPath);
  const open = (candidate: string | undefined): Promise<DocumentSummary> =>
    runtime
      .call(
        'documents.open',
        { path: path.resolve(givenPath), password: candidate, model, mode },
        {
          signal,
          onEvent: (event) => {
            if (event.kind === 'progress') terminal.progress.show(readingLine(name, event), event.fraction);
            if (event.kind === 'not-kept') {
              terminal.note(
                `${name}: cannot be kept on the way, so if it is stopped it is read from the beginning: ${event.failure.message}`,
              );
            }
          },
        },
      )
      .finally(() => terminal.progress.end());
  return withPassword({ name, password, open }, { terminal, signal });
}

/**
 * Opens a document; where it wants a password and a person is there, asks for it, three times at most.
 * Throws what `open` throws.
 */
export async function withPassword<Opened>(
  { name, password, open }: { name: string; password: string | undefined; open: (password: string | undefined) => Promise<Opened> },
  { terminal, signal }: CommandContext,
): Promise<Opened> {
  let candidate = password;
  for (let tries = 0; ; tries++) {
    try {
      return await open(candidate);
    } catch (error) {
      if (!isRuntimeError(error, 'file-encrypted') || !terminal.canAsk || tries === passwordTries) throw error;
      const isWrong = error.details.password === 'wrong';
      candidate = await askPassword(isWrong ? `That is not the password of ${name}. Password: ` : `${name} wants a password: `, signal);
    }
  }
}

function noteReading(givenPath: string, summary: DocumentSummary, { terminal }: CommandContext): void {
  const { pageCount, tokens, cached, unread, mode, storeFailure, elapsedMs } = summary;
  const how = (cached ? 'read before' : `read in ${showDuration(elapsedMs)}`) + (mode === 'book' ? ', window by window' : '');
  terminal.note(`${path.basename(givenPath)}: ${showAmount(pageCount, 'page')}, ${showAmount(tokens, 'token')}, ${how}`);
  noteUnread(unread, terminal);
  if (storeFailure !== null) terminal.note(`  it could not be stored, so the next time it is read again: ${storeFailure.message}`);
}

/** One line for each reason why pages could not be read. */
export function noteUnread(unread: readonly { pageNumber: number; because: string }[], terminal: CommandContext['terminal']): void {
  for (const [because, pages] of Map.groupBy(unread, (page) => page.because)) {
    const pageNumbers = pages.map(({ pageNumber }) => pageNumber);
    terminal.note(`  ${pageNumbers.length === 1 ? 'page' : 'pages'} ${showPageNumbers(pageNumbers)} could not be read: ${because}`);
  }
}
