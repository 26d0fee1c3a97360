/**
 * A document's pages go into the encoder while later pages are still being parsed.
 *
 * One tile runs at a time and the event loop turns between tiles, so that progress is sent and a cancel is heard
 * within half a second. SPEC R1 to R6.
 */
import type { PageRead, ReadingProgress } from '../contract.ts';
import type { OpenDocument } from '../documents/page.ts';
import { RuntimeError, throwIfCancelled } from '../errors.ts';
import type { Manifest } from '../manifest.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { DocumentTokens } from './document-tokens.ts';
import { EncoderRun } from './encoder-run.ts';
import type { EncoderSessions } from './encoder-sessions.ts';
import type { EncoderSnapshot } from './encoder-snapshot.ts';
import { ReadingMeter } from './progress.ts';

/** What reads. */
export interface Reader {
  manifest: Manifest;
  tokenizer: Tokenizer;
  encoder: EncoderSessions;
}

/** What to read, and whom to tell. */
export interface ReadOptions {
  /** For messages. */
  path: string;
  document: OpenDocument;
  /** Empty; filled as pages are parsed, so that pages can be shown while the rest is still being read. */
  tokens: DocumentTokens;
  store: ReadingStore;
  onEvent: (event: ReadingProgress | PageRead) => void;
  signal?: AbortSignal | undefined;
}

/** What is kept of this document's readings, and where this one is kept while it goes on. */
export interface ReadingStore {
  /** Whether there is something of an earlier reading: then nothing is encoded until it is known whether it fits. */
  isThere: boolean;
  /** The states of an earlier reading of the same ids; undefined where there are none. */
  states: (ids: readonly number[]) => Promise<Float32Array<ArrayBuffer> | undefined>;
  /** Where an earlier reading of the same ids stood; undefined where there is none. */
  unfinished: (ids: readonly number[]) => Promise<EncoderSnapshot | undefined>;
  /** Keeps where this one stands. */
  keep: (ids: readonly number[], snapshot: EncoderSnapshot) => Promise<void>;
  /** How much work may be lost when the process is killed: at least this long passes between two times of keeping. */
  keepEveryMs: number;
}

/** A document that has been read. */
export interface ReadDocument {
  ids: readonly number[];
  /** Encoder states [S, C]. */
  states: Float32Array<ArrayBuffer>;
  isFromStore: boolean;
}

/**
 * Reads a document. Throws 'document-empty' where no page can be read, 'document-too-long' with both numbers,
 * 'cancelled', and whatever the file itself throws.
 */
export async function readDocument(reader: Reader, options: ReadOptions): Promise<ReadDocument> {
  const reading = new Reading(reader, options);
  await reading.parse();
  const stored = options.store.isThere ? await options.store.states(reading.ids) : undefined;
  const states = stored ?? (await reading.encodeRest());
  reading.finish();
  return { ids: reading.ids, states, isFromStore: stored !== undefined };
}

class Reading {
  readonly tokens: DocumentTokens;
  readonly ids: number[] = [];
  readonly #reader: Reader;
  readonly #options: ReadOptions;
  readonly #meter: ReadingMeter;
  readonly #run: EncoderRun;
  #taken = 0; // ids handed to the encoder
  /** Once every page is parsed: before, the ids that a snapshot must belong to are not known. */
  #keeper: Keeper | undefined;

  constructor(reader: Reader, options: ReadOptions) {
    this.#reader = reader;
    this.#options = options;
    this.tokens = options.tokens;
    this.#meter = new ReadingMeter(reader.manifest.sizes, options.document.pageCount);
    this.#run = new EncoderRun(reader.encoder, reader.manifest);
    this.ids.push(...this.tokens.opening());
  }

  /** Every page to tokens; encodes alongside unless the document may turn out too long or to be stored already. */
  async parse(): Promise<void> {
    const { document, signal, onEvent } = this.#options;
    for await (const page of document.pages(signal)) {
      throwIfCancelled(signal);
      const ids = this.tokens.add(page);
      for (const id of ids) this.ids.push(id);
      onEvent({ kind: 'page', pageNumber: page.pageNumber, read: page.read, because: page.because ?? null, tokens: ids.length });
      if (this.#options.store.isThere || this.#mayBeTooLong()) await nextTurn();
      else await this.#encode();
      this.#report();
    }
    for (const id of this.tokens.closing()) this.ids.push(id);
    this.#checkLength();
  }

  /** Whatever the encoder has not seen yet, in an earlier reading or in this one. */
  async encodeRest(): Promise<Float32Array<ArrayBuffer>> {
    const { store } = this.#options;
    const unfinished = store.isThere ? await store.unfinished(this.ids) : undefined;
    if (unfinished !== undefined) this.#run.restore(unfinished);
    this.#meter.start(this.#run.costDone);
    this.#hand();
    this.#run.end();
    this.#keeper = new Keeper(store.keepEveryMs);
    await this.#encode();
    return this.#run.states();
  }

  /** Says that all of it is done. */
  finish(): void {
    this.#options.onEvent({ ...this.#progress(), fraction: 1, secondsLeft: 0 });
  }

  async #encode(): Promise<void> {
    this.#meter.start();
    this.#hand();
    while (await this.#run.advance()) {
      this.#report();
      await this.#keeper?.keepIfDue(() => this.#options.store.keep(this.ids, this.#run.snapshot()));
      await nextTurn();
      throwIfCancelled(this.#options.signal);
    }
  }

  #hand(): void {
    if (this.#taken === this.ids.length) return;
    this.#run.append(this.ids.slice(this.#taken));
    this.#taken = this.ids.length;
  }

  #report(): void {
    this.#options.onEvent(this.#progress());
  }

  #progress(): ReadingProgress {
    return this.#meter.report(this.tokens.pages.length, this.ids.length, this.#run.costDone);
  }

  /** Long documents are counted before any of the work is done. */
  #mayBeTooLong(): boolean {
    return this.#meter.expectedTokens(this.tokens.pages.length, this.ids.length) > 0.8 * this.#reader.manifest.sizes.contextTokens;
  }

  #checkLength(): void {
    const { path, document } = this.#options;
    const { contextTokens } = this.#reader.manifest.sizes;
    if (!this.tokens.pages.some(({ page }) => page.read !== 'none')) {
      const because = this.tokens.pages.map(({ page }) => ({ pageNumber: page.pageNumber, because: page.because ?? 'it is empty' }));
      const message = `read ${path}: expected text on at least one page, found none on ${document.pageCount}`;
      throw new RuntimeError({ code: 'document-empty', message, details: { path, pageCount: document.pageCount, because } });
    }
    if (this.ids.length > contextTokens) {
      const message = `read ${path}: it holds ${this.ids.length} tokens, the model takes ${contextTokens}`;
      throw new RuntimeError({
        code: 'document-too-long',
        message,
        details: { path, tokens: this.ids.length, limitTokens: contextTokens },
      });
    }
  }
}

/** Decides when a reading is kept: seldom enough to cost a twentieth of the time at most; never again once it has failed. */
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
      () => false, // a full disk, most likely: the reading goes on, and the summary will say why nothing was kept
    );
    const endedMs = performance.now();
    this.#dueMs = isKept ? endedMs + Math.max(this.#everyMs, 20 * (endedMs - startedMs)) : Infinity;
  }
}

/** Lets messages be heard: a run blocks the thread. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
