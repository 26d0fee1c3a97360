/**
 * The documents of this session: handed over, read one at a time, retried, unlocked, removed and brought back.
 *
 * Knows nothing of React or of how documents look. The runtime reads one document at a time, so the queue is here and
 * everybody can see it.
 */
import type { DocumentSummary, EventOf, RuntimeClient, RuntimeFailure } from 'model-runtime/contract';
import { RuntimeError, cancelled, fromFailure, isRuntimeError, toFailure } from 'model-runtime/errors';
import { type StoreApi, createStore } from 'zustand/vanilla';
import type { OpenDocument, ReadingState } from '../../open-document.ts';

/** What the library shows. */
export interface LibraryState {
  documents: readonly OpenDocument[];
  selectedKey: string | null;
  /** The document removed last, while that can still be undone. */
  removed: OpenDocument | null;
}

/** A file handed over: a document, or why it is none. */
export type Arrival = { path: string; name: string } | { name: string; failure: RuntimeFailure };

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

/** What the library keeps about a document beside what it shows. */
interface Background {
  password?: string | undefined;
  reading?: AbortController | undefined;
  wasReopened: boolean;
}

/** An empty library over this runtime. */
export function createLibrary(client: RuntimeClient): Library {
  const state = createStore<LibraryState>(() => ({ documents: [], selectedKey: null, removed: null }));
  const backgrounds = new Map<string, Background>();
  let lastKey = 0;

  const find = (key: string): OpenDocument | undefined => state.getState().documents.find((document) => document.key === key);

  function backgroundOf(key: string): Background {
    const known = backgrounds.get(key) ?? { wasReopened: false };
    backgrounds.set(key, known);
    return known;
  }

  function change(key: string, update: Partial<OpenDocument>): void {
    state.setState(({ documents }) => ({
      documents: documents.map((document) => (document.key === key ? { ...document, ...update } : document)),
    }));
  }

  function queue(key: string): void {
    change(key, { state: { kind: 'waiting' }, pages: new Map() });
    advance();
  }

  function advance(): void {
    const { documents } = state.getState();
    if (documents.some((document) => document.state.kind === 'reading')) return;
    const next = documents.find((document) => document.state.kind === 'waiting');
    if (next !== undefined) void read(next);
  }

  async function read({ key, path, name }: OpenDocument): Promise<void> {
    const background = backgroundOf(key);
    const reading = new AbortController();
    background.reading = reading;
    change(key, { state: { kind: 'reading', progress: null } });
    const { password } = background;
    let outcome: ReadingState;
    try {
      const summary = await client.call(
        'documents.open',
        { path, name, ...(password === undefined ? {} : { password }) },
        { signal: reading.signal, onEvent: (event) => noteEvent(key, event) },
      );
      background.wasReopened = false;
      outcome = { kind: 'ready', summary };
    } catch (error) {
      outcome = stateAfter(error);
    }
    background.reading = undefined;
    settle(key, outcome);
    advance();
  }

  function noteEvent(key: string, event: EventOf<'documents.open'>): void {
    const document = find(key);
    if (document?.state.kind !== 'reading') return;
    if (event.kind === 'opened') change(key, { documentId: event.documentId, pageCount: event.pageCount });
    else if (event.kind === 'page') change(key, { pages: new Map(document.pages).set(event.pageNumber, event) });
    else change(key, { state: { kind: 'reading', progress: event }, pageCount: event.pageCount });
  }

  function settle(key: string, outcome: ReadingState): void {
    if (outcome.kind !== 'ready') return change(key, { state: outcome });
    const { documentId, pageCount } = outcome.summary;
    const twin = state.getState().documents.find((document) => document.key !== key && document.documentId === documentId);
    if (twin?.state.kind === 'ready') dropTwin(key, twin.key);
    else change(key, { state: outcome, documentId, pageCount });
  }

  /** The same bytes were handed over twice: the first row stays. */
  function dropTwin(key: string, firstKey: string): void {
    state.setState(({ documents, selectedKey }) => ({
      documents: documents.filter((document) => document.key !== key),
      selectedKey: selectedKey === key ? firstKey : selectedKey,
    }));
  }

  function add(arrivals: readonly Arrival[]): void {
    const keys = arrivals.map((arrival) => {
      const known = 'path' in arrival ? state.getState().documents.find((document) => document.path === arrival.path) : undefined;
      if (known !== undefined) return known.key;
      const document = newDocument(`document-${++lastKey}`, arrival);
      state.setState(({ documents }) => ({ documents: [...documents, document] }));
      return document.key;
    });
    if (keys[0] !== undefined) state.setState({ selectedKey: keys[0] });
    advance();
  }

  function remove(key: string): void {
    const removed = find(key);
    if (removed === undefined) return;
    forgetRemoved();
    backgrounds.get(key)?.reading?.abort();
    state.setState(({ documents, selectedKey }) => {
      const position = documents.indexOf(removed);
      const rest = documents.toSpliced(position, 1);
      return {
        documents: rest,
        removed,
        selectedKey: selectedKey === key ? (rest[Math.min(position, rest.length - 1)]?.key ?? null) : selectedKey,
      };
    });
  }

  function undoRemove(): void {
    const { removed } = state.getState();
    if (removed === null) return;
    state.setState(({ documents }) => ({ documents: [...documents, removed], removed: null, selectedKey: removed.key }));
    if (removed.state.kind === 'reading' || removed.state.kind === 'waiting') queue(removed.key);
  }

  function forgetRemoved(): void {
    const { removed, documents } = state.getState();
    if (removed === null) return;
    state.setState({ removed: null });
    backgrounds.delete(removed.key);
    const isStillOpen = documents.some((document) => document.documentId === removed.documentId);
    if (removed.documentId !== null && !isStillOpen) void close(client, removed.documentId);
  }

  return {
    state,
    add,
    remove,
    undoRemove,
    forgetRemoved,
    select: (key) => state.setState({ selectedKey: key }),
    retry: queue,
    unlock(key, password) {
      backgroundOf(key).password = password;
      queue(key);
    },
    stop(key) {
      const document = find(key);
      if (document?.state.kind === 'reading') backgrounds.get(key)?.reading?.abort();
      if (document?.state.kind === 'waiting') change(key, { state: { kind: 'stopped' } });
    },
    reopenAll() {
      for (const { key, state: current } of state.getState().documents) {
        const background = backgroundOf(key);
        const wasLost = current.kind === 'ready' || (current.kind === 'failed' && current.failure.code === 'runtime-stopped');
        if (!wasLost || background.wasReopened) continue;
        background.wasReopened = true;
        change(key, { state: { kind: 'waiting' }, pages: new Map() });
      }
      advance();
    },
    whenReady: (keys, signal) => whenReady(state, keys, signal),
  };
}

function newDocument(key: string, arrival: Arrival): OpenDocument {
  const fresh = { key, name: arrival.name, documentId: null, pageCount: null, pages: new Map() };
  if ('path' in arrival) return { ...fresh, path: arrival.path, state: { kind: 'waiting' } };
  return { ...fresh, path: arrival.name, state: { kind: 'failed', failure: arrival.failure } };
}

function stateAfter(error: unknown): ReadingState {
  if (isRuntimeError(error, 'cancelled')) return { kind: 'stopped' };
  if (isRuntimeError(error, 'file-encrypted')) return { kind: 'locked', password: error.details.password };
  return { kind: 'failed', failure: toFailure(error) };
}

async function close(client: RuntimeClient, documentId: string): Promise<void> {
  try {
    await client.call('documents.close', { documentId });
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error; // gone already, or the runtime is: either way it is closed
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
