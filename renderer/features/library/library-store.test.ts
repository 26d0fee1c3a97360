/** The library between a call and its answer: queue, failures, passwords, removal, a runtime started anew. */
import type { DocumentSummary } from 'model-runtime/contract';
import { describe, expect, it } from 'vitest';
import { type ScriptedClient, scriptedClient, settle } from '../../test/scripted-client.ts';
import { type Library, createLibrary } from './library-store.ts';

const lease = { path: '/home/a/lease.pdf', name: 'lease.pdf' };
const invoice = { path: '/home/a/invoice.pdf', name: 'invoice.pdf' };

function summaryOf(documentId: string, pageCount = 2): DocumentSummary {
  const text = Array.from({ length: pageCount }, (_, index) => index + 1);
  return {
    documentId,
    path: `/home/a/${documentId}.pdf`,
    name: `${documentId}.pdf`,
    title: null,
    pageCount,
    tokens: 900,
    cached: false,
    read: { text, recognised: [], seen: [] },
    unread: [],
    model: 'starter',
    mode: 'exact',
    storeFailure: null,
    elapsedMs: 800,
  };
}

function newLibrary(): ScriptedClient & { library: Library; kinds: () => string[] } {
  const scripted = scriptedClient();
  const library = createLibrary(scripted.client);
  return { ...scripted, library, kinds: () => library.state.getState().documents.map(({ state }) => state.kind) };
}

function keyOf(library: Library, name: string): string {
  return library.state.getState().documents.find((document) => document.name === name)?.key ?? 'none';
}

describe('library', () => {
  it('reads one document at a time, in the order they came', async () => {
    const { library, kinds, take, names } = newLibrary();
    library.add([lease, invoice]);
    expect(kinds()).toEqual(['reading', 'waiting']);
    const first = take('documents.open');
    expect(first.params).toEqual(lease);
    await first.succeed(summaryOf('lease'));
    expect(kinds()).toEqual(['ready', 'reading']);
    await take('documents.open').succeed(summaryOf('invoice'));
    expect(kinds()).toEqual(['ready', 'ready']);
    expect(names).toEqual(['documents.open', 'documents.open']);
  });

  it('knows pages and progress while a document is being read', () => {
    const { library, take } = newLibrary();
    library.add([lease]);
    const opening = take('documents.open');
    opening.event({ kind: 'opened', documentId: 'lease', title: null, pageCount: 3 });
    opening.event({ kind: 'page', pageNumber: 1, read: 'none', because: 'no text layer', tokens: 0 });
    opening.event({ kind: 'progress', pagesRead: 1, pageCount: 3, tokens: 0, fraction: 0.2, tokensPerSecond: 0, secondsLeft: 4 });
    expect(library.state.getState().documents[0]).toMatchObject({
      documentId: 'lease',
      pageCount: 3,
      pages: new Map([[1, { read: 'none', because: 'no text layer' }]]),
      state: { kind: 'reading', progress: { fraction: 0.2, secondsLeft: 4 } },
    });
    const failure = { code: 'disk-full', message: 'ENOSPC', details: { path: '', problem: 'full' } } as const;
    opening.event({ kind: 'not-kept', failure });
    opening.event({ kind: 'progress', pagesRead: 2, pageCount: 3, tokens: 0, fraction: 0.4, tokensPerSecond: 0, secondsLeft: 3 });
    expect(library.state.getState().documents[0]?.state).toMatchObject({ kind: 'reading', progress: { fraction: 0.4 }, notKept: failure });
  });

  it('goes on with the next document when one is refused, and reads it again on demand', async () => {
    const { library, kinds, take } = newLibrary();
    library.add([lease, invoice]);
    const details = { path: lease.path, reason: 'damaged' } as const;
    await take('documents.open').fail({ code: 'file-unreadable', message: 'open: damaged', details });
    expect(kinds()).toEqual(['failed', 'reading']);
    library.retry(keyOf(library, 'lease.pdf'));
    expect(kinds()).toEqual(['waiting', 'reading']);
    await take('documents.open').succeed(summaryOf('invoice'));
    expect(kinds()).toEqual(['reading', 'ready']);
  });

  it('shows a file that could not be handed over, without asking the runtime', () => {
    const { library, kinds, names } = newLibrary();
    library.add([
      { name: 'photo.png', failure: { code: 'file-unsupported', message: 'x', details: { path: 'photo.png', found: 'a picture' } } },
    ]);
    expect(kinds()).toEqual(['failed']);
    expect(names).toEqual([]);
  });

  it('asks for a password, says that one is wrong, and opens with the right one', async () => {
    const { library, take } = newLibrary();
    library.add([lease]);
    const key = keyOf(library, 'lease.pdf');
    await take('documents.open').fail({ code: 'file-encrypted', message: 'x', details: { path: lease.path, password: 'missing' } });
    expect(library.state.getState().documents[0]?.state).toEqual({ kind: 'locked', password: 'missing' });
    library.unlock(key, 'guess');
    const guess = take('documents.open');
    expect(guess.params.password).toBe('guess');
    await guess.fail({ code: 'file-encrypted', message: 'x', details: { path: lease.path, password: 'wrong' } });
    expect(library.state.getState().documents[0]?.state).toEqual({ kind: 'locked', password: 'wrong' });
    library.unlock(key, 'right');
    await take('documents.open').succeed(summaryOf('lease'));
    expect(library.state.getState().documents[0]?.state.kind).toBe('ready');
  });

  it('stops a reading at once and goes on with the next', async () => {
    const { library, kinds } = newLibrary();
    library.add([lease, invoice]);
    library.stop(keyOf(library, 'lease.pdf'));
    await settle();
    expect(kinds()).toEqual(['stopped', 'reading']);
  });

  it('selects a document that is there already instead of reading it twice', async () => {
    const { library, take, names } = newLibrary();
    library.add([lease, invoice]);
    await take('documents.open').succeed(summaryOf('lease'));
    await take('documents.open').succeed(summaryOf('invoice'));
    library.add([invoice]);
    expect(library.state.getState().selectedKey).toBe(keyOf(library, 'invoice.pdf'));
    expect(names).toHaveLength(2);
  });

  it('keeps one row where the same bytes come under two names', async () => {
    const { library, take } = newLibrary();
    library.add([lease, { path: '/tmp/copy.pdf', name: 'copy.pdf' }]);
    await take('documents.open').succeed(summaryOf('lease'));
    library.select(keyOf(library, 'copy.pdf'));
    await take('documents.open').succeed(summaryOf('lease'));
    const { documents, selectedKey } = library.state.getState();
    expect(documents.map(({ name }) => name)).toEqual(['lease.pdf']);
    expect(selectedKey).toBe(documents[0]?.key);
  });
});

describe('removing', () => {
  it('closes a document only when the removal can no longer be undone', async () => {
    const { library, take, names } = newLibrary();
    library.add([lease, invoice]);
    await take('documents.open').succeed(summaryOf('lease'));
    await take('documents.open').succeed(summaryOf('invoice'));
    library.remove(keyOf(library, 'lease.pdf'));
    expect(library.state.getState()).toMatchObject({ removed: { name: 'lease.pdf' }, selectedKey: keyOf(library, 'invoice.pdf') });
    expect(names).not.toContain('documents.close');
    library.forgetRemoved();
    expect(take('documents.close').params).toEqual({ documentId: 'lease' });
  });

  it('undone, brings a ready document back as it was and one being read back into the queue', async () => {
    const { library, kinds, take } = newLibrary();
    library.add([lease, invoice]);
    await take('documents.open').succeed(summaryOf('lease'));
    library.remove(keyOf(library, 'lease.pdf'));
    library.undoRemove();
    expect(kinds()).toEqual(['reading', 'ready']);
    library.remove(keyOf(library, 'invoice.pdf'));
    await settle();
    expect(kinds()).toEqual(['ready']);
    library.undoRemove();
    expect(kinds()).toEqual(['ready', 'reading']);
  });
});

describe('a runtime started anew', () => {
  it('reads again what was ready or under way, each once until it succeeds', async () => {
    const { library, kinds, take } = newLibrary();
    const stopped = { code: 'runtime-stopped', message: 'x', details: { reason: 'killed' } } as const;
    library.add([lease, invoice]);
    await take('documents.open').succeed(summaryOf('lease'));
    await take('documents.open').fail(stopped);
    expect(kinds()).toEqual(['ready', 'failed']);

    library.reopenAll();
    expect(kinds()).toEqual(['reading', 'waiting']);
    await take('documents.open').succeed(summaryOf('lease'));
    await take('documents.open').fail(stopped); // the document that takes the runtime down with it
    library.reopenAll();
    expect(kinds()).toEqual(['reading', 'failed']);
  });
});

describe('whenReady', () => {
  it('waits for documents that are still being read', async () => {
    const { library, take } = newLibrary();
    library.add([lease, invoice]);
    const keys = [keyOf(library, 'lease.pdf'), keyOf(library, 'invoice.pdf')];
    const both = library.whenReady(keys, new AbortController().signal);
    await take('documents.open').succeed(summaryOf('lease'));
    await take('documents.open').succeed(summaryOf('invoice'));
    expect((await both).map(({ documentId }) => documentId)).toEqual(['lease', 'invoice']);
  });

  it('fails as the document fails, and as cancelled where it is removed or the waiting is given up', async () => {
    const { library, take } = newLibrary();
    library.add([lease, invoice]);
    const giveUp = new AbortController();
    const waitFor = (name: string): Promise<unknown> =>
      library.whenReady([keyOf(library, name)], giveUp.signal).catch((error: unknown) => error);
    const refused = waitFor('lease.pdf');
    await take('documents.open').fail({ code: 'document-too-long', message: 'x', details: { path: '', tokens: 9, limitTokens: 5 } });
    expect(await refused).toMatchObject({ code: 'document-too-long' });
    const removed = waitFor('invoice.pdf');
    library.remove(keyOf(library, 'invoice.pdf'));
    expect(await removed).toMatchObject({ code: 'cancelled' });
    library.undoRemove();
    const givenUp = waitFor('invoice.pdf');
    giveUp.abort();
    expect(await givenUp).toMatchObject({ code: 'cancelled' });
  });
});
