/** Reading in one piece and in windows, over a tiny real model that takes few tokens at once. */
import { afterAll, describe, expect, it } from 'vitest';
import { goldenModel } from '../../test/golden-case.ts';
import type { ReadingMode } from '../contract.ts';
import type { OpenDocument, PageText } from '../documents/page.ts';
import { readManifest } from '../manifest.ts';
import { GraphFolder } from '../session/graph-folder.ts';
import { Tokenizer } from '../tokenizer/tokenizer.ts';
import { DocumentTokens } from './document-tokens.ts';
import { EncoderRun } from './encoder-run.ts';
import { closeEncoder, openEncoder } from './encoder-sessions.ts';
import { Pace } from './progress.ts';
import { readDocument } from './read-document.ts';
import type { EncodedRows, Piece, ReadDocument, ReadingStore } from './read-document.ts';

const folder = await goldenModel('plain');
const whole = await readManifest(folder);
const manifest = { ...whole, sizes: { ...whole.sizes, contextTokens: 300 } };
const tokenizer = await Tokenizer.open(folder);
const encoder = await openEncoder(new GraphFolder(folder), manifest);
/** What the decoder would make of states is of no matter to the reading: it is only kept. */
const keyScales = (states: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> => Promise.resolve(states.slice(0, 3));
afterAll(() => closeEncoder(encoder));

function documentOf(pageTexts: readonly string[]): OpenDocument {
  return {
    pageCount: pageTexts.length,
    title: undefined,
    sha256: '',
    async *pages() {
      for (const [index, text] of pageTexts.entries()) {
        const page: PageText = { pageNumber: index + 1, widthPt: 595, heightPt: 842, read: 'text', text, blocks: [], words: [] };
        yield await Promise.resolve(page);
      }
    },
    close: () => Promise.resolve(),
  };
}

/** Keeps states in memory, by their ids. */
class MemoryStore implements ReadingStore {
  readonly keepEveryMs = Infinity;
  readonly kept = new Map<string, EncodedRows>();
  readonly pieces: Piece[] = [];
  isThere = (): Promise<boolean> => Promise.resolve(this.kept.size > 0);
  states = ({ ids }: Piece): Promise<EncodedRows | undefined> => Promise.resolve(this.kept.get(ids.join()));
  unfinished = (): Promise<undefined> => Promise.resolve(undefined);
  keepUnfinished = (): Promise<void> => Promise.resolve();
  keepStates = (piece: Piece, rows: EncodedRows): Promise<void> => {
    this.pieces.push(piece);
    this.kept.set(piece.ids.join(), rows);
    return Promise.resolve();
  };
}

interface Wish {
  mode?: ReadingMode;
  store?: MemoryStore;
  title?: string;
  onEvent?: (event: { kind: string }) => void;
}

function read(
  pageTexts: readonly string[],
  { mode, store = new MemoryStore(), title = 'A book', onEvent = () => {} }: Wish = {},
): Promise<ReadDocument> {
  const tokens = new DocumentTokens(tokenizer, manifest);
  const options = { path: '/a.pdf', title, document: documentOf(pageTexts), tokens, store: () => store, onEvent };
  return readDocument({ manifest, tokenizer, encoder, keyScales, pace: new Pace() }, { ...options, mode });
}

async function statesOf(ids: readonly number[]): Promise<Float32Array> {
  const run = new EncoderRun(encoder, manifest);
  run.append(ids);
  run.end();
  while (await run.advance());
  return run.states();
}

const pageTexts = Array.from(
  { length: 9 },
  (_, index) => `Page ${index + 1} tells of ${'the weather '.repeat(8)}and of item ${index * 7}.`,
);

describe('readDocument', () => {
  it('R8: exact for what fits, book for what does not, and what was asked for where it was', async () => {
    expect(await read(pageTexts.slice(0, 1))).toMatchObject({ mode: 'exact', isFromStore: false });
    expect(await read(pageTexts)).toMatchObject({ mode: 'book' });
    expect(await read(pageTexts.slice(0, 1), { mode: 'book' })).toMatchObject({ mode: 'book' });
    await expect(read(pageTexts, { mode: 'exact' })).rejects.toMatchObject({ code: 'document-too-long', details: { limitTokens: 300 } });
  });

  it('R7: each window is encoded by itself, whether pages were still coming or not', async () => {
    const [late, early] = [await read(pageTexts), await read(pageTexts, { mode: 'book' })];
    expect(early.pieces).toEqual(late.pieces);
    expect(late.pieces.length).toBeGreaterThan(2);
    for (const { ids, states } of late.pieces) {
      expect(ids.length).toBeLessThanOrEqual(300);
      expect(tokenizer.decode([...ids])).toMatch(/^A book\n+Page \d/u);
      expect(states).toEqual(await statesOf(ids));
    }
    expect(late.pieces.map(({ ids }) => tokenizer.decode([...ids]).replace(/^A book\n/u, '')).join('')).toBe(pageTexts.join('\n\n'));
  });

  it('R2, R8: windows of what is bound to be too long are encoded while pages still come', async () => {
    const book = Array.from({ length: 30 }, (_, index) => `${pageTexts[index % 9]} ${index}`);
    const store = new MemoryStore();
    const first = (): void => void (pagesAtFirstPiece ??= store.pieces.length > 0 ? pages : undefined);
    let pages = 0;
    let pagesAtFirstPiece: number | undefined;
    const early = await read(book, { store, onEvent: ({ kind }) => (kind === 'page' ? pages++ : first()) });
    expect(pagesAtFirstPiece).toBeLessThan(12);
    expect(early).toEqual(await read(book, { mode: 'book' }));
  });

  it('R8: what fits after all, though its first pages made believe that it would not, is read in exact mode', async () => {
    const short = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const pages = [...pageTexts.slice(0, 3), ...short, ...Array.from({ length: 40 }, () => '')];
    const store = new MemoryStore();
    const exact = await read(pages, { mode: 'exact' });
    expect(await read(pages, { store })).toEqual(exact);
    expect(store.pieces.map(({ ids }) => ids.length)).toEqual([expect.any(Number), exact.tokens]); // a window that was of no use, too
  });

  it('R7: a title of any length leaves room for the pages', async () => {
    const { pieces } = await read(pageTexts, { title: 'A very long title. '.repeat(500) });
    for (const { ids } of pieces) expect(ids.length).toBeLessThanOrEqual(300);
    expect(pieces.length).toBeLessThan(20);
  });

  it('L8, R7: pages taken out or in another order cost the windows around them only', async () => {
    const store = new MemoryStore();
    const longer = [...pageTexts, ...pageTexts.map((text) => `${text} So it says, and more.`)];
    const whole = await read(longer, { mode: 'book', store });
    const encodedFor = async (texts: readonly string[]): Promise<number> => {
      const before = store.pieces.length;
      expect((await read(texts, { mode: 'book', store })).pieces).toEqual((await read(texts, { mode: 'book' })).pieces);
      return store.pieces.length - before;
    };
    expect(await encodedFor(longer.toSpliced(3, 1))).toBeLessThan(whole.pieces.length / 2);
    expect(await encodedFor([...longer.slice(9), ...longer.slice(0, 9)])).toBeLessThan(whole.pieces.length / 2);
  });

  it('L8, R7: pages added at the end cost their own windows only', async () => {
    const store = new MemoryStore();
    await read(pageTexts.slice(0, 6), { mode: 'book', store });
    const before = store.pieces.length;
    const longer = await read(pageTexts, { mode: 'book', store });
    expect(longer.isFromStore).toBe(false);
    expect(store.pieces.length - before).toBeLessThan(longer.pieces.length);
    expect(longer.pieces).toEqual((await read(pageTexts, { mode: 'book' })).pieces);
    expect(store.pieces.at(-1)).toMatchObject({ pieces: longer.pieces.length, documentTokens: longer.tokens });
    expect((await read(pageTexts, { mode: 'book', store })).isFromStore).toBe(true);
  });
});
