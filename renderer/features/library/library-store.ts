/**
 * The documents of this session: handed over, chosen, removed and brought back. Their reading: reading-queue.ts.
 *
 * Knows nothing of React or of how documents look.
 */
import type { DocumentSummary, RuntimeClient, RuntimeFailure } from 'model-runtime/contract';
import { cancelled, fromFailure, isRuntimeError } from 'model-runtime/errors';
import { type StoreApi, createStore } from 'zustand/vanilla';
import type { OpenDocument } from '../../open-document.ts';
import { type LibraryState, type ReadingQueue, createReadingQueue } from './reading-queue.ts';

/** A file handed over: a document, or why it is none. */
export type Arrival = { path: string; name: string; questions?: readonly string[] } | { name: string; failure: RuntimeFailure };

/** The library and what can be done with it. */
export interface Library {
  readonly state: StoreApi<LibraryState>;
  /** Puts documents in the queue and selects the first; those that are there already are only selected. */
  add(arrivals: readonly Arrival[]): void;
  select(key: string): void;
  /** Reads a document again that failed or was stopped. */
  retry(key: string): void;
  unlock(key: string, password: string): void;
  /** Stops the reading of a document, or takes it from the queue. */
  stop(key: string): void;
  /** Takes a document away; `undoRemove` brings it back until `forgetRemoved` or the next removal. */
  remove(key: string): void;
  undoRemove(): void;
  forgetRemoved(): void;
  /** Reads again what the runtime has forgotten because it was started anew; each document once, until it succeeds. */
  reopenAll(): void;
  /** Waits until all these documents are ready. Rejects with the RuntimeError of the first that cannot be. */
  whenReady(keys: readonly string[], signal: AbortSignal): Promise<DocumentSummary[]>;
}

/** An empty library over this runtime. */
export function createLibrary(client: RuntimeClient): Library {
  const state = createStore<LibraryState>(() => ({ documents: [], selectedKey: null, removed: null }));
  const reading = createReadingQueue(state, client);
  let lastKey = 0;

  function add(arrivals: readonly Arrival[]): void {
    const keys = arrivals.map((arrival) => {
      const known = 'path' in arrival ? state.getState().documents.find((document) => document.path === arrival.path) : undefined;
      if (known !== undefined) return known.key;
      const document = newDocument(`document-${++lastKey}`, arrival);
      state.setState(({ documents }) => ({ documents: [...documents, document] }));
      return document.key;
    });
    if (keys[0] !== undefined) state.setState({ selectedKey: keys[0] });
    reading.advance();
  }

  return {
    state,
    add,
    ...removal(state, reading, client),
    select: (key) => state.setState({ selectedKey: key }),
    retry: (key) => reading.queue(key),
    unlock: reading.queue,
    stop: reading.stop,
    reopenAll: reading.reopenAll,
    whenReady: (keys, signal) => whenReady(state, keys, signal),
  };
}

function removal(
  state: StoreApi<LibraryState>,
  reading: ReadingQueue,
  client: RuntimeClient,
): Pick<Library, 'remove' | 'undoRemove' | 'forgetRemoved'> {
  function forgetRemoved(): void {
    const { removed, documents } = state.getState();
    if (removed === null) return;
    state.setState({ removed: null });
    reading.forget(removed.key);
    const isStillOpen = documents.some((document) => document.documentId === removed.documentId);
    if (removed.documentId !== null && !isStillOpen) void close(client, removed.documentId);
  }

  return {
    forgetRemoved,
    remove(key) {
      const removed = state.getState().documents.find((document) => document.key === key);
      if (removed === undefined) return;
      forgetRemoved();
      reading.stop(key);
      state.setState(({ documents, selectedKey }) => {
        const position = documents.findIndex((document) => document.key === key);
        const rest = documents.toSpliced(position, 1);
        const next = rest[Math.min(position, rest.length - 1)]?.key ?? null;
        return { documents: rest, removed, selectedKey: selectedKey === key ? next : selectedKey };
      });
    },
    undoRemove() {
      const { removed } = state.getState();
      if (removed === null) return;
      state.setState(({ documents }) => ({ documents: [...documents, removed], removed: null, selectedKey: removed.key }));
      if (removed.state.kind === 'reading' || removed.state.kind === 'waiting') reading.queue(removed.key);
    },
  };
}

function newDocument(key: string, arrival: Arrival): OpenDocument {
  const questions = 'path' in arrival ? (arrival.questions ?? []) : [];
  const fresh = { key, name: arrival.name, questions, documentId: null, pageCount: null, pages: new Map() };
  if ('path' in arrival) return { ...fresh, path: arrival.path, state: { kind: 'waiting' } };
  return { ...fresh, path: arrival.name, state: { kind: 'failed', failure: arrival.failure } };
}

async function close(client: RuntimeClient, documentId: string): Promise<void> {
  try {
    await client.call('documents.close', { documentId });
  } catch (error) {
    if (!isRuntimeError(error)) throw error; // gone already, or the runtime is: either way it is closed
  }
}

function whenReady(state: StoreApi<LibraryState>, keys: readonly string[], signal: AbortSignal): Promise<DocumentSummary[]> {
  const { promise, resolve, reject } = Promise.withResolvers<DocumentSummary[]>();
  function look(): void {
    const summaries: DocumentSummary[] = [];
    for (const key of keys) {
      const document = state.getState().documents.find((candidate) => candidate.key === key);
      if (document === undefined || document.state.kind === 'stopped') return reject(cancelled());
      if (document.state.kind === 'failed') return reject(fromFailure(document.state.failure));
      if (document.state.kind === 'ready') summaries.push(document.state.summary);
    }
    if (summaries.length === keys.length) resolve(summaries);
  }
  const unsubscribe = state.subscribe(look);
  const onAbort = (): void => reject(cancelled());
  signal.addEventListener('abort', onAbort, { once: true });
  look();
  return promise.finally(() => {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  });
}
