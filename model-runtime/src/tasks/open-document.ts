/** Opening a document: its file is read, its pages go through the encoder (or their states are found on disk), and it can be asked. */
import { basename } from 'node:path';
import type { DocumentPage, DocumentSummary, EventOf, ParamsOf, RuntimeFailure } from '../contract.ts';
import { openDocument } from '../documents/open.ts';
import type { OpenDocument, PageText } from '../documents/page.ts';
import { RuntimeError, throwIfCancelled, toFailure } from '../errors.ts';
import { fileSha256 } from '../file-sha256.ts';
import { stateName } from '../library/stored-states.ts';
import type { KeptSubject, StoredStates } from '../library/stored-states.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { readDocument } from '../reading/read-document.ts';
import { putTogether, takeApart } from '../reading/encoder-snapshot.ts';
import { DocumentTokens } from '../reading/document-tokens.ts';

/** A document that is open: its pages can be shown, and once it has been read it can be asked. */
export interface OpenedDocument {
  documentId: string;
  /** The model that reads it; its states mean nothing to another. */
  model: LoadedModel;
  file: OpenDocument;
  /** The pages parsed so far. */
  tokens: DocumentTokens;
  /** Undefined while it is being read. */
  read: { summary: DocumentSummary; ids: readonly number[]; states: Float32Array<ArrayBuffer> } | undefined;
}

/** A file that is open, and the name of the states that its bytes and the model lead to. */
export interface OpenedFile {
  document: OpenedDocument;
  stateName: string;
}

/** Opens a document's file. Throws 'file-unreadable', 'file-unsupported', 'file-encrypted'. */
export async function openFile({ path, password }: ParamsOf<'documents.open'>, model: LoadedModel): Promise<OpenedFile> {
  const file = await openDocument(password === undefined ? { path } : { path, password });
  try {
    const name = stateName({ fileSha256: await documentSha256(path), manifestSha256: model.manifestSha256, mode: 'exact' });
    const tokens = new DocumentTokens(model.tokenizer, model.manifest);
    return { stateName: name, document: { documentId: name.slice(0, 16), model, file, tokens, read: undefined } };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What reading needs besides the file. */
export interface ReadingTools {
  states: StoredStates;
  /** How often an unfinished reading is kept; see ReadingStore. */
  keepEveryMs: number;
  onEvent: (event: EventOf<'documents.open'>) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Reads an opened file: from here on it can be asked. Throws 'document-empty', 'document-too-long', 'cancelled'. States
 * that cannot be kept are no failure: the summary says so.
 */
export async function readFile(opened: OpenedFile, params: ParamsOf<'documents.open'>, tools: ReadingTools): Promise<DocumentSummary> {
  const startedMs = performance.now();
  const { document, stateName: name } = opened;
  const { model, file, tokens } = document;
  tools.onEvent({ kind: 'opened', documentId: document.documentId, title: file.title ?? null, pageCount: file.pageCount });
  const subject = (ids: readonly number[]): KeptSubject => ({
    ids,
    about: { path: params.path, name: params.name ?? basename(params.path), pageCount: file.pageCount, tokens: ids.length, model: model.manifest.name },
  });
  const read = await readDocument(
    { manifest: model.manifest, tokenizer: model.tokenizer, encoder: await model.encoder() },
    {
      path: params.path,
      document: file,
      tokens,
      store: {
        isThere: await tools.states.has(name),
        keepEveryMs: tools.keepEveryMs,
        states: (ids) => tools.states.load(name, ids),
        unfinished: async (ids) => {
          const found = await tools.states.loadUnfinished(name, ids);
          return found && putTogether(found.outline, found.tensors);
        },
        keep: (ids, snapshot) => tools.states.saveUnfinished(name, subject(ids), takeApart(snapshot)),
      },
      onEvent: tools.onEvent,
      signal: tools.signal,
    },
  );
  const storeFailure = read.isFromStore ? null : await keep(() => tools.states.save(name, subject(read.ids), read.states));
  throwIfCancelled(tools.signal); // what was read is kept, but nobody waits for it any more
  const pages = pagesOf(document);
  const summary: DocumentSummary = {
    documentId: document.documentId,
    path: params.path,
    name: params.name ?? basename(params.path),
    title: file.title ?? null,
    pageCount: file.pageCount,
    tokens: read.ids.length,
    cached: read.isFromStore,
    read: { text: pages.filter((page) => page.read === 'text').map((page) => page.pageNumber), recognised: [], seen: [] },
    unread: pages
      .filter((page) => page.read === 'none')
      .map(({ pageNumber, because }) => ({ pageNumber, because: because ?? 'it is empty' })),
    model: model.manifest.name,
    mode: 'exact',
    storeFailure,
    elapsedMs: performance.now() - startedMs,
  };
  document.read = { summary, ids: read.ids, states: read.states };
  return summary;
}

/** One page of an open document as the contract has it. Throws 'request-invalid' for a page that is not there (yet). */
export function documentPage(document: OpenedDocument, pageNumber: number): DocumentPage {
  checkPage(document, pageNumber);
  const found = document.tokens.pages.find(({ page }) => page.pageNumber === pageNumber);
  if (found === undefined) throw invalid(`page ${pageNumber} has not been read yet`);
  const { page, starts } = found;
  return {
    pageNumber,
    widthPt: page.widthPt,
    heightPt: page.heightPt,
    read: page.read,
    because: page.because ?? null,
    tokens: starts.length,
    blocks: page.blocks.map((block) => ({ kind: block.kind, text: page.text.slice(block.start, block.end), box: block.box })),
  };
}

/** A picture of one page as a PNG data URL; null where the document has no look of its own. Throws 'request-invalid'. */
export async function pagePicture(document: OpenedDocument, pageNumber: number, widthPx: number): Promise<string | null> {
  checkPage(document, pageNumber);
  const png = await document.file.renderPng?.(pageNumber, widthPx);
  return png ? `data:image/png;base64,${Buffer.from(png).toString('base64')}` : null;
}

function checkPage({ file }: OpenedDocument, pageNumber: number): void {
  if (pageNumber > file.pageCount) throw invalid(`there is no page ${pageNumber}: the document has ${file.pageCount}`);
}

function invalid(problem: string): RuntimeError<'request-invalid'> {
  return new RuntimeError({ code: 'request-invalid', message: problem, details: { problem } });
}

/** The pages of an open document. */
export function pagesOf({ tokens }: OpenedDocument): PageText[] {
  return tokens.pages.map(({ page }) => page);
}

async function keep(save: () => Promise<void>): Promise<RuntimeFailure | null> {
  try {
    await save();
    return null;
  } catch (error) {
    return toFailure(error);
  }
}

async function documentSha256(path: string): Promise<string> {
  try {
    return (await fileSha256(path)).sha256;
  } catch (cause) {
    throw new RuntimeError({ code: 'file-unreadable', message: `read ${path}: it went away`, details: { path, reason: 'io' }, cause });
  }
}
