/**
 * Reads the documents of the library one after another, since the runtime reads one at a time: the queue is here, where
 * people can see it. Keeps what must not be shown: passwords, and the means to stop.
 *
 * Works on the library's state; how documents come, go and are chosen is library-store.ts.
 */
import type { EventOf, RuntimeClient } from 'model-runtime/contract';
import { isRuntimeError, toFailure } from 'model-runtime/errors';
import type { StoreApi } from 'zustand/vanilla';
import type { OpenDocument, ReadingState } from '../../open-document.ts';

/** What the library shows. */
export interface LibraryState {
  documents: readonly OpenDocument[];
  selectedKey: string | null;
  /** The document removed last, while that can still be undone. */
  removed: OpenDocument | null;
}

/** What the queue can be told. */
export interface ReadingQueue {
  /** Reads the next document that waits, unless one is being read. */
  advance(): void;
  /** Puts a document into the queue (again), if given with a password to open it. */
  queue(key: string, password?: string): void;
  /** Stops the reading of a document, or takes it from the queue. */
  stop(key: string): void;
  /** Queues again what the runtime has forgotten because it was started anew; each document once, until it succeeds. */
  reopenAll(): void;
  /** Forgets what is kept about a document. */
  forget(key: string): void;
}

/** What is kept about a document beside what is shown. */
interface Background {
  password: string | undefined;
  reading: AbortController | undefined;
  wasReopened: boolean;
}

/** A queue over the documents of this state. */
export function createReadingQueue(state: StoreApi<LibraryState>, client: RuntimeClient): ReadingQueue {
  const backgrounds = new Map<string, Background>();

  function backgroundOf(key: string): Background {
    const known = backgrounds.get(key) ?? { password: undefined, reading: undefined, wasReopened: false };
    backgrounds.set(key, known);
    return known;
  }

  function advance(): void {
    const { documents } = state.getState();
    if (documents.some((document) => document.state.kind === 'reading')) return;
    const next = documents.find((document) => document.state.kind === 'waiting');
    if (next !== undefined) void read(next);
  }

  async function read(document: OpenDocument): Promise<void> {
    const { key } = document;
    const background = backgroundOf(key);
    const reading = new AbortController();
    background.reading = reading;
    change(state, key, { state: { kind: 'reading', progress: null } });
    const outcome = await open(client, { document, background, signal: reading.signal, onEvent: (event) => noteEvent(state, key, event) });
    background.reading = undefined;
    if (outcome.kind === 'ready') background.wasReopened = false;
    settle(state, key, outcome);
    advance();
  }

  function queue(key: string, password?: string): void {
    if (password !== undefined) backgroundOf(key).password = password;
    change(state, key, { state: { kind: 'waiting' }, pages: new Map() });
    advance();
  }

  return {
    advance,
    queue,
    stop(key) {
      backgrounds.get(key)?.reading?.abort();
      const document = state.getState().documents.find((candidate) => candidate.key === key);
      if (document?.state.kind === 'waiting') change(state, key, { state: { kind: 'stopped' } });
    },
    reopenAll() {
      const lost = state.getState().documents.filter((document) => isLost(document.state) && !backgroundOf(document.key).wasReopened);
      for (const { key } of lost) {
        backgroundOf(key).wasReopened = true;
        change(state, key, { state: { kind: 'waiting' }, pages: new Map() });
      }
      advance();
    },
    forget: (key) => backgrounds.delete(key),
  };
}

interface Opening {
  document: OpenDocument;
  background: Background;
  signal: AbortSignal;
  onEvent: (event: EventOf<'documents.open'>) => void;
}

async function open(client: RuntimeClient, { document, background, signal, onEvent }: Opening): Promise<ReadingState> {
  const { path, name } = document;
  const { password } = background;
  try {
    const params = { path, name, ...(password === undefined ? {} : { password }) };
    return { kind: 'ready', summary: await client.call('documents.open', params, { signal, onEvent }) };
  } catch (error) {
    if (isRuntimeError(error, 'cancelled')) return { kind: 'stopped' };
    if (isRuntimeError(error, 'file-encrypted')) return { kind: 'locked', password: error.details.password };
    return { kind: 'failed', failure: toFailure(error) };
  }
}

function change(state: StoreApi<LibraryState>, key: string, update: Partial<OpenDocument>): void {
  state.setState(({ documents }) => ({
    documents: documents.map((document) => (document.key === key ? { ...document, ...update } : document)),
  }));
}

function noteEvent(state: StoreApi<LibraryState>, key: string, event: EventOf<'documents.open'>): void {
  const document = state.getState().documents.find((candidate) => candidate.key === key);
  if (document?.state.kind !== 'reading') return;
  if (event.kind === 'opened') change(state, key, { documentId: event.documentId, pageCount: event.pageCount });
  else if (event.kind === 'page') change(state, key, { pages: new Map(document.pages).set(event.pageNumber, event) });
  else if (event.kind === 'not-kept') change(state, key, { state: { ...document.state, notKept: event.failure } });
  else change(state, key, { state: { ...document.state, progress: event }, pageCount: event.pageCount });
}

/** Where the same bytes were handed over twice, the first row stays and the second goes. */
function settle(state: StoreApi<LibraryState>, key: string, outcome: ReadingState): void {
  if (outcome.kind !== 'ready') return change(state, key, { state: outcome });
  const { documentId, pageCount } = outcome.summary;
  const isTwin = (other: OpenDocument): boolean => other.key !== key && other.documentId === documentId && other.state.kind === 'ready';
  const twin = state.getState().documents.find(isTwin);
  if (twin === undefined) return change(state, key, { state: outcome, documentId, pageCount });
  return state.setState(({ documents, selectedKey }) => ({
    documents: documents.filter((document) => document.key !== key),
    selectedKey: selectedKey === key ? twin.key : selectedKey,
  }));
}

function isLost(state: ReadingState): boolean {
  return state.kind === 'ready' || (state.kind === 'failed' && state.failure.code === 'runtime-stopped');
}
