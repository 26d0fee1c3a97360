/** Opening a document: its file is read, its pages go through the encoder (or their states are found on disk), and it can be asked. */
import { basename } from 'node:path';
import type { DocumentPage, DocumentSummary, EventOf, ParamsOf, ReadingMode, RuntimeFailure } from '../contract.ts';
import { openDocument } from '../documents/open.ts';
import type { OpenDocument, PageText } from '../documents/page.ts';
import { RuntimeError, throwIfCancelled, toFailure } from '../errors.ts';
import { documentKey } from '../library/stored-states.ts';
import type { AboutKept } from '../library/checked-file.ts';
import type { KeptSubject, StoredStates } from '../library/stored-states.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { readDocument } from '../reading/read-document.ts';
import type { EncodedPiece, Piece, ReadingStore } from '../reading/read-document.ts';
import { putTogether, takeApart } from '../reading/encoder-snapshot.ts';
import { DocumentTokens } from '../reading/document-tokens.ts';
import { floats } from '../tensors/tensor.ts';

/** A document that is open: its pages can be shown, and once it has been read it can be asked. */
export interface OpenedDocument {
  documentId: string;
  /** The model that reads it; its states mean nothing to another. */
  model: LoadedModel;
  file: OpenDocument;
  /** The pages parsed so far. */
  tokens: DocumentTokens;
  /** Undefined while it is being read. */
  read: { summary: DocumentSummary; pieces: readonly EncodedPiece[] } | undefined;
}

/** Opens a document's file. Throws 'file-unreadable', 'file-unsupported', 'file-encrypted'. */
export async function openFile({ path, password, mode }: ParamsOf<'documents.open'>, model: LoadedModel): Promise<OpenedDocument> {
  const file = await openDocument(password === undefined ? { path } : { path, password });
  // A mode that is left open is a third one here: the same file may be open in all of them.
  const key = documentKey({ fileSha256: file.sha256, manifestSha256: model.manifestSha256, mode: mode ?? 'any' });
  return { documentId: key.slice(0, 16), model, file, tokens: new DocumentTokens(model.tokenizer, model.manifest), read: undefined };
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
export async function readFile(
  document: OpenedDocument,
  params: ParamsOf<'documents.open'>,
  tools: ReadingTools,
): Promise<DocumentSummary> {
  const startedMs = performance.now();
  const { model, file, tokens } = document;
  const name = params.name ?? basename(params.path);
  tools.onEvent({ kind: 'opened', documentId: document.documentId, title: file.title ?? null, pageCount: file.pageCount });
  let storeFailure: RuntimeFailure | null = null;
  let isSaid = false;
  const keeping: Keeping = {
    ...tools,
    fileSha256: file.sha256,
    manifestSha256: model.manifestSha256,
    about: { path: params.path, name, pageCount: file.pageCount, model: model.manifest.name },
    onFailure: (failure) => (storeFailure = failure),
    onUnfinishedFailure: (failure) => {
      if (!isSaid) tools.onEvent({ kind: 'not-kept', failure });
      isSaid = true;
    },
  };
  const read = await readDocument(
    {
      manifest: model.manifest,
      tokenizer: model.tokenizer,
      encoder: await model.encoder(),
      pace: model.pace,
      keyScales: (states, signal) => model.decoder.keyScales([states], { signal }),
    },
    {
      path: params.path,
      title: file.title ?? name,
      document: file,
      mode: params.mode,
      tokens,
      store: (mode) => readingStore(mode, keeping),
      onEvent: tools.onEvent,
      signal: tools.signal,
    },
  );
  const { mode, pieces } = read;
  const { fileSha256, manifestSha256 } = keeping;
  await tools.states.of({ fileSha256, manifestSha256, mode }).keepOnly(pieces.map(({ ids }) => ids));
  throwIfCancelled(tools.signal); // what was read is kept, but nobody waits for it any more
  const pages = pagesOf(document);
  const summary: DocumentSummary = {
    documentId: document.documentId,
    path: params.path,
    name,
    title: file.title ?? null,
    pageCount: file.pageCount,
    tokens: read.tokens,
    cached: read.isFromStore,
    read: { text: pages.filter((page) => page.read === 'text').map((page) => page.pageNumber), recognised: [], seen: [] },
    unread: pages
      .filter((page) => page.read === 'none')
      .map(({ pageNumber, because }) => ({ pageNumber, because: because ?? 'it is empty' })),
    model: model.manifest.name,
    mode,
    storeFailure,
    elapsedMs: performance.now() - startedMs,
  };
  document.read = { summary, pieces };
  return summary;
}

/** What the keeping of one document's states needs to know. */
interface Keeping extends ReadingTools {
  fileSha256: string;
  manifestSha256: string;
  about: Omit<AboutKept, 'tokens' | 'pieces'>;
  /** States could not be kept. */
  onFailure: (failure: RuntimeFailure) => void;
  /** Where the reading stands could not be kept; that its states cannot is not said by it. */
  onUnfinishedFailure: (failure: RuntimeFailure) => void;
}

function readingStore(mode: ReadingMode, { states, fileSha256, manifestSha256, about, keepEveryMs, ...keeping }: Keeping): ReadingStore {
  const kept = states.of({ fileSha256, manifestSha256, mode });
  const subject = ({ ids, documentTokens, pieces }: Piece): KeptSubject => ({ ids, about: { ...about, tokens: documentTokens, pieces } });
  return {
    keepEveryMs,
    isThere: () => kept.isThere(),
    states: async (piece) => {
      const tensors = await kept.load(subject(piece));
      const [states, keyScales] = [tensors?.get('states')?.data, tensors?.get('key_scales')?.data];
      return states && keyScales && { states, keyScales };
    },
    keepStates: (piece, { states, keyScales }) => {
      const rows = piece.ids.length;
      const tensors = new Map([
        ['states', floats(states, [rows, states.length / rows])],
        ['key_scales', floats(keyScales, [keyScales.length / rows, rows])],
      ]);
      return kept.save(subject(piece), tensors).catch((error: unknown) => keeping.onFailure(toFailure(error)));
    },
    unfinished: async ({ ids }) => {
      const found = await kept.loadUnfinished(ids);
      return found && putTogether(found.outline, found.tensors);
    },
    keepUnfinished: (piece, snapshot) =>
      kept.saveUnfinished(subject(piece), takeApart(snapshot)).catch((error: unknown) => {
        keeping.onUnfinishedFailure(toFailure(error));
        throw error;
      }),
  };
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
