/**
 * A document's pages go into the encoder while later pages are still being parsed.
 *
 * One tile runs at a time and the event loop turns between tiles, so that progress is sent and a cancel is heard
 * within half a second. In exact mode the whole document is one encoder run, in book mode each window is one; which it
 * is may turn out only when every page has been parsed. SPEC R1 to R8.
 */
import type { PageRead, ReadingMode, ReadingProgress } from '../contract.ts';
import type { OpenDocument } from '../documents/page.ts';
import { RuntimeError, throwIfCancelled } from '../errors.ts';
import type { Manifest } from '../manifest.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { addWork, bookWork, encodingWork, noWork } from './cost.ts';
import type { Work } from './cost.ts';
import type { DocumentTokens } from './document-tokens.ts';
import { EncoderRun } from './encoder-run.ts';
import type { EncoderSessions } from './encoder-sessions.ts';
import type { EncoderSnapshot } from './encoder-snapshot.ts';
import { ReadingMeter } from './progress.ts';
import type { Pace } from './progress.ts';
import { WindowCutter } from './windows.ts';

/** Tokens of a window in book mode, where the model takes as many. */
const windowTokens = 8192;
/** Windows are encoded before the number of tokens is known where, after so many pages, so many times too many are to be expected. */
const bookForSure = { pages: 6, times: 1.5 };
/** Of a document's title, in the heading of each window. */
const mostTitleCharacters = 100;

/** What reads. */
export interface Reader {
  manifest: Manifest;
  tokenizer: Tokenizer;
  encoder: EncoderSessions;
  /** What earlier readings learned of this machine. */
  pace: Pace;
  /** What the decoder wants to have at hand of states [S, C] besides them (answering/decoder.ts); cancelled between tiles. */
  keyScales: (states: Float32Array<ArrayBuffer>, signal?: AbortSignal) => Promise<Float32Array<ArrayBuffer>>;
}

/** What to read, and whom to tell. */
export interface ReadOptions {
  /** For messages. */
  path: string;
  /** What people call it: its title, else its file's name. Stands in every window of book mode. */
  title: string;
  document: OpenDocument;
  /** Where absent: 'exact' if the document fits, else 'book'. */
  mode?: ReadingMode | undefined;
  /** Empty; filled as pages are parsed, so that pages can be shown while the rest is still being read. */
  tokens: DocumentTokens;
  store: (mode: ReadingMode) => ReadingStore;
  onEvent: (event: ReadingProgress | PageRead) => void;
  signal?: AbortSignal | undefined;
}

/** What was made of a piece. */
export interface EncodedRows {
  /** Encoder states [S, C]. */
  states: Float32Array<ArrayBuffer>;
  /** See Reader. */
  keyScales: Float32Array<ArrayBuffer>;
}

/** What was encoded in one piece. */
export interface EncodedPiece extends EncodedRows {
  ids: readonly number[];
}

/** What is kept of this document's readings in one mode, and where this one is kept while it goes on. */
export interface ReadingStore {
  /** Whether there is something of an earlier reading: then nothing is encoded until it is known whether it fits. */
  isThere: () => Promise<boolean>;
  /** The states of an earlier reading of the same ids; undefined where there are none. */
  states: (piece: Piece) => Promise<EncodedRows | undefined>;
  /** Keeps the states of a piece; what hinders it is nobody's concern here. */
  keepStates: (piece: Piece, rows: EncodedRows) => Promise<void>;
  /** Where an earlier reading of the same ids stood; undefined where there is none. */
  unfinished: (piece: Piece) => Promise<EncoderSnapshot | undefined>;
  /** Keeps where this one stands. Where it rejects, it has said so to whoever reads, and is not asked again for this piece. */
  keepUnfinished: (piece: Piece, snapshot: EncoderSnapshot) => Promise<void>;
  /** How much work may be lost when the process is killed: at least this long passes between two times of keeping. */
  keepEveryMs: number;
}

/** A piece of the document, and what is known of the whole by the time it is encoded. */
export interface Piece {
  ids: readonly number[];
  /** Tokens of all pages parsed so far, and the number of pieces once every page is. */
  documentTokens: number;
  pieces: number | null;
}

/** A document that has been read. */
export interface ReadDocument {
  mode: ReadingMode;
  /** One in exact mode, one a window in book mode. */
  pieces: EncodedPiece[];
  /** Tokens in all, headings of windows not among them. */
  tokens: number;
  isFromStore: boolean;
}

/**
 * Reads a document. Throws 'document-empty' where no page can be read, 'document-too-long' with both numbers where it was
 * to be read in exact mode, 'cancelled', and whatever the file itself throws.
 */
export async function readDocument(reader: Reader, options: ReadOptions): Promise<ReadDocument> {
  const reading = new Reading(reader, options);
  await reading.parse();
  return reading.encodeRest();
}

class Reading {
  readonly #reader: Reader;
  readonly #options: ReadOptions;
  readonly #tokens: DocumentTokens;
  readonly #ids: number[];
  readonly #meter: ReadingMeter;
  readonly #cutter: WindowCutter;
  /** Token ids of each. */
  readonly #windows: number[][] = [];
  readonly #pieces: EncodedPiece[] = [];
  /** The run of exact mode: it begins while pages come. */
  readonly #exactRun: EncoderRun;
  /** Of the pieces that are done. */
  #done = noWork;
  #encodedAny = false;
  #isParsed = false;
  /** Whether windows are encoded already though it is not known yet that there are too many tokens. */
  #isBookEarly = false;

  constructor(reader: Reader, options: ReadOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#tokens = options.tokens;
    this.#meter = new ReadingMeter(options.document.pageCount, reader.pace);
    this.#exactRun = new EncoderRun(reader.encoder, reader.manifest);
    this.#ids = [...this.#tokens.opening()];
    this.#cutter = new WindowCutter({
      limitTokens: this.#windowTokens,
      opening: [...this.#tokens.opening(), ...this.#heading()],
      closing: this.#tokens.closing(),
    });
  }

  /** Every page to tokens; encodes alongside unless it is open which mode it will be, or whether it is stored already. */
  async parse(): Promise<void> {
    const { document, mode, signal, onEvent, store } = this.#options;
    const isExactThere = mode !== 'book' && (await store('exact').isThere());
    for await (const page of document.pages(signal)) {
      throwIfCancelled(signal);
      const ids = this.#tokens.add(page);
      for (const id of ids) this.#ids.push(id);
      this.#windows.push(...this.#cutter.add(ids));
      onEvent({ kind: 'page', pageNumber: page.pageNumber, read: page.read, because: page.because ?? null, tokens: ids.length });
      this.#isBookEarly ||= mode === undefined && !isExactThere && this.#mustBeTooLong();
      if (mode === 'book' || this.#isBookEarly) await this.#encodeWindows();
      else if (isExactThere || this.#mayBeTooLong()) await nextTurn();
      else await this.#advanceExact();
      this.#report(this.#mode);
    }
    this.#ids.push(...this.#tokens.closing());
    this.#windows.push(...this.#cutter.end());
    this.#isParsed = true;
    this.#isBookEarly = false;
    this.#check();
    if (this.#mode === 'exact') [this.#pieces.length, this.#done] = [0, noWork]; // it fits after all
  }

  /** Whatever the encoder has not seen yet, in an earlier reading or in this one. */
  async encodeRest(): Promise<ReadDocument> {
    const mode = this.#mode;
    if (mode === 'book') await this.#encodeWindows();
    else this.#pieces.push(await this.#encodePiece(mode, this.#ids, this.#exactRun));
    this.#options.onEvent({ ...this.#progress(mode), fraction: 1, secondsLeft: 0 });
    return { mode, pieces: this.#pieces, tokens: this.#ids.length, isFromStore: !this.#encodedAny };
  }

  /** The mode as far as is known: what was asked for, else exact until there are too many tokens. */
  get #mode(): ReadingMode {
    const isTooLong = this.#isBookEarly || this.#ids.length > this.#reader.manifest.sizes.contextTokens;
    return this.#options.mode ?? (isTooLong ? 'book' : 'exact');
  }

  get #windowTokens(): number {
    return Math.min(windowTokens, this.#reader.manifest.sizes.contextTokens);
  }

  /** The title comes out of the file: whatever it is, it must leave room for the pages. */
  #heading(): readonly number[] {
    const title = this.#options.title.replace(/\s+/gu, ' ').slice(0, mostTitleCharacters);
    return this.#reader.tokenizer.encode(`${title}\n`).ids;
  }

  async #encodeWindows(): Promise<void> {
    for (const ids of this.#windows.slice(this.#pieces.length)) {
      const run = new EncoderRun(this.#reader.encoder, this.#reader.manifest, { expectedRows: ids.length });
      this.#pieces.push(await this.#encodePiece('book', ids, run));
    }
  }

  /** One piece: from the store, or through the encoder from where an earlier reading or this one has got. */
  async #encodePiece(mode: ReadingMode, ids: readonly number[], run: EncoderRun): Promise<EncodedPiece> {
    const store = this.#options.store(mode);
    const piece = { ids, documentTokens: this.#ids.length, pieces: this.#isParsed ? (mode === 'exact' ? 1 : this.#windows.length) : null };
    const stored = run.work.steady > 0 ? undefined : await store.states(piece);
    const before = this.#done;
    if (stored !== undefined) {
      const skipped = encodingWork(this.#reader.manifest.sizes, ids.length);
      this.#done = addWork(before, skipped);
      this.#meter.skip(skipped);
      this.#report(mode, this.#done);
      return { ids, ...stored };
    }
    const unfinished = run.hasBegun ? undefined : await store.unfinished(piece);
    if (unfinished !== undefined) run.restore(unfinished);
    this.#meter.skip(unfinished?.work ?? noWork);
    run.append(ids.slice(run.rows));
    run.end();
    const keeper = new Keeper(store.keepEveryMs);
    await this.#advance(run, mode, () => keeper.keepIfDue(() => store.keepUnfinished(piece, run.snapshot())));
    this.#done = addWork(before, run.work);
    const states = run.states();
    const rows = { states, keyScales: await this.#reader.keyScales(states, this.#options.signal) };
    await store.keepStates(piece, rows);
    return { ids, ...rows };
  }

  /** Exact mode while pages still come: whatever can run already. */
  async #advanceExact(): Promise<void> {
    this.#exactRun.append(this.#ids.slice(this.#exactRun.rows));
    await this.#advance(this.#exactRun, 'exact');
  }

  async #advance(run: EncoderRun, mode: ReadingMode, afterTile?: () => Promise<void>): Promise<void> {
    this.#meter.start();
    for (;;) {
      const [before, startedMs] = [run.work, performance.now()];
      if (!(await run.advance())) return;
      this.#meter.note(addWork(run.work, before, -1), performance.now() - startedMs);
      this.#encodedAny = true;
      this.#report(mode, addWork(this.#done, run.work));
      await afterTile?.();
      await nextTurn();
      throwIfCancelled(this.#options.signal);
    }
  }

  #report(mode: ReadingMode, done?: Work): void {
    this.#options.onEvent(this.#progress(mode, done));
  }

  #progress(mode: ReadingMode, done = mode === 'exact' ? this.#exactRun.work : this.#done): ReadingProgress {
    const { sizes } = this.#reader.manifest;
    const windows = { rows: this.#windows.map((ids) => ids.length), usualRows: this.#windowTokens };
    const workOf = (tokens: number): Work => (mode === 'exact' ? encodingWork(sizes, tokens) : bookWork(sizes, tokens, windows));
    return this.#meter.report({ pagesRead: this.#tokens.pages.length, tokens: this.#ids.length, done, workOf });
  }

  /** Then nothing is encoded until every page is counted. */
  #mayBeTooLong(): boolean {
    return this.#expectedTokens > 0.8 * this.#reader.manifest.sizes.contextTokens;
  }

  #mustBeTooLong(): boolean {
    const isMeasured = this.#tokens.pages.length >= bookForSure.pages;
    return isMeasured && this.#expectedTokens > bookForSure.times * this.#reader.manifest.sizes.contextTokens;
  }

  get #expectedTokens(): number {
    return this.#meter.expectedTokens(this.#tokens.pages.length, this.#ids.length);
  }

  #check(): void {
    const { path, document } = this.#options;
    const { contextTokens } = this.#reader.manifest.sizes;
    if (!this.#tokens.pages.some(({ page }) => page.read !== 'none')) {
      const because = this.#tokens.pages.map(({ page }) => ({ pageNumber: page.pageNumber, because: page.because ?? 'it is empty' }));
      const message = `read ${path}: expected text on at least one page, found none on ${document.pageCount}`;
      throw new RuntimeError({ code: 'document-empty', message, details: { path, pageCount: document.pageCount, because } });
    }
    const tokens = this.#ids.length;
    if (this.#mode === 'book' || tokens <= contextTokens) return;
    const message = `read ${path}: it holds ${tokens} tokens, the model takes ${contextTokens} at once; book mode reads it in parts`;
    throw new RuntimeError({ code: 'document-too-long', message, details: { path, tokens, limitTokens: contextTokens } });
  }
}

/**
 * Decides when a reading is kept: every so often, on a slow disk up to thirty times more seldom so that it costs no more
 * than a twentieth of the time; never again once it has failed.
 */
class Keeper {
  readonly #everyMs: number;
  #dueMs: number;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
    this.#dueMs = performance.now() + everyMs;
  }

  async keepIfDue(keep: () => Promise<void>): Promise<void> {
    const startedMs = performance.now();
    if (startedMs < this.#dueMs) return;
    const isKept = await keep().then(
      () => true,
      () => false, // a full disk, most likely: the reading goes on, and the store has said so
    );
    const endedMs = performance.now();
    const restMs = Math.max(this.#everyMs, Math.min(20 * (endedMs - startedMs), 30 * this.#everyMs));
    this.#dueMs = isKept ? endedMs + restMs : Infinity;
  }
}

/** Lets messages be heard: a run blocks the thread. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
