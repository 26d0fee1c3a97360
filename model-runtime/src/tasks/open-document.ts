/** Opening a document: its file is read, its pages go through the encoder (or their states are found on disk), and it can be asked. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { DocumentPage, DocumentSummary, EventOf, ParamsOf, RuntimeFailure } from '../contract.ts';
import { openDocument } from '../documents/open.ts';
import type { OpenDocument, PageText } from '../documents/page.ts';
import { isRuntimeError, RuntimeError, throwIfCancelled, toFailure } from '../errors.ts';
import { stateName } from '../library/stored-states.ts';
import type { StoredStates } from '../library/stored-states.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { readDocument } from '../reading/read-document.ts';
import type { DocumentTokens } from '../reading/document-tokens.ts';

/** A document that stands open: it can be asked, and its pages shown. */
export interface OpenedDocument {
  summary: DocumentSummary;
  /** The model that read it; its states mean nothing to another. */
  model: LoadedModel;
  tokens: DocumentTokens;
  /** Encoder states [S, C]. */
  states: Float32Array<ArrayBuffer>;
  file: OpenDocument;
}

/** What opening needs besides the call's own parameters. */
export interface OpeningTools {
  model: LoadedModel;
  states: StoredStates;
  onEvent: (event: EventOf<'documents.open'>) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Opens a document. Throws the file's own failures ('file-unreadable', 'file-unsupported', 'file-encrypted'),
 * 'document-empty', 'document-too-long' and 'cancelled'. States that cannot be kept are no failure: the summary says so.
 */
export async function openForAsking(params: ParamsOf<'documents.open'>, tools: OpeningTools): Promise<OpenedDocument> {
  const startedMs = performance.now();
  const { model, states, signal } = tools;
  const { path, password } = params;
  const file = await openDocument(password === undefined ? { path } : { path, password });
  try {
    throwIfCancelled(signal);
    const name = stateName({ fileSha256: await fileSha256(path), manifestSha256: model.manifestSha256, mode: 'exact' });
    const read = await readDocument(
      { manifest: model.manifest, tokenizer: model.tokenizer, encoder: await model.encoder() },
      {
        path,
        document: file,
        stored: (ids) => states.load(name, ids),
        expectsStored: await states.has(name),
        onEvent: tools.onEvent,
        signal,
      },
    );
    const storeFailure = read.isFromStore ? null : await keep(states, name, read, model.manifest.sizes.hiddenSize);
    const pages = read.tokens.pages.map(({ page }) => page);
    const summary: DocumentSummary = {
      documentId: name.slice(0, 16),
      path,
      name: params.name ?? basename(path),
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
    return { summary, model, tokens: read.tokens, states: read.states, file };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** One page of an open document as the contract has it. Throws 'request-invalid' for a page it does not have. */
export function documentPage({ tokens, summary }: OpenedDocument, pageNumber: number): DocumentPage {
  const found = tokens.pages.find(({ page }) => page.pageNumber === pageNumber);
  if (found === undefined) {
    const problem = `page ${pageNumber}: ${summary.name} has ${summary.pageCount} pages`;
    throw new RuntimeError({ code: 'request-invalid', message: problem, details: { problem } });
  }
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

/** The pages of an open document. */
export function pagesOf({ tokens }: OpenedDocument): PageText[] {
  return tokens.pages.map(({ page }) => page);
}

async function keep(
  store: StoredStates,
  name: string,
  read: { ids: readonly number[]; states: Float32Array<ArrayBuffer> },
  width: number,
): Promise<RuntimeFailure | null> {
  try {
    await store.save(name, read.ids, read.states, width);
    return null;
  } catch (error) {
    return toFailure(error);
  }
}

async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  } catch (cause) {
    if (isRuntimeError(cause)) throw cause;
    throw new RuntimeError({ code: 'file-unreadable', message: `read ${path}: it went away`, details: { path, reason: 'io' }, cause });
  }
  return hash.digest('hex');
}
