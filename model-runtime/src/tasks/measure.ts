/**
 * How fast a model runs on this machine: the encoder, the decoder beside documents of some length, and the time until an
 * answer begins. Tokens are made up; how long they take does not depend on what they say.
 *
 * Encoder states for the decoder's rows are made up as well, so that a long document need not be encoded to time a step.
 */
import { DraftSource } from '../answering/drafts.ts';
import type { Decoder, DocumentRows } from '../answering/decoder.ts';
import { generate } from '../answering/generate.ts';
import type { DocumentForm } from '../contract.ts';
import { throwIfCancelled } from '../errors.ts';
import { sessionThreads } from '../session/graph-session.ts';
import { peakMemoryBytes } from '../session/peak-memory.ts';
import { LoadedModel } from '../loaded-model.ts';
import { EncoderRun } from '../reading/encoder-run.ts';

/** One thing to measure. */
export type Measure =
  /** A document of so many tokens goes through the encoder, at once or in windows of so many, as in book mode. */
  | { row: 'encode'; tokens: number; windowTokens?: number }
  /** Tokens are decoded beside a document of so many tokens: of one text, of several at once, or of one that quotes it. */
  | { row: 'decode'; tokens: number; form: DocumentForm; texts?: number; quotes?: boolean }
  /** The first token of an answer: of a document that was asked before, or (`reopened`) whose states were just read from disk. */
  | { row: 'first-token'; tokens: number; form: DocumentForm; reopened: boolean };

/** What was measured: medians over the repetitions. */
export type Measured = Measure & {
  seconds: number;
  /** Encoded, or decoded in all texts; null for a first token. */
  tokensPerSecond: number | null;
  /** Of the guesses copied from the document, the share that was right; where there were any. */
  accepted?: number;
  /** The largest memory this process ever had: see each row of a process of its own for what a row takes. */
  peakBytes: number;
};

/** How to measure. */
export interface MeasureOptions {
  repetitions: number;
  /** Decoded in each repetition of a decode row. */
  steps: number;
  signal?: AbortSignal | undefined;
}

/** Tokens of a question with its template: enough for most. */
const promptTokens = 16;
/** A run that takes longer than this is not warmed up and not repeated. */
const longMs = 60_000;

/** Threads that what is measured runs on. */
export const measuredThreads: number = sessionThreads;

/** Measures row after row with the model of a folder. Throws 'model-missing', 'model-corrupt', 'cancelled', 'out-of-memory'. */
export async function* measureModel(folder: string, wanted: readonly Measure[], options: MeasureOptions): AsyncGenerator<Measured> {
  const model = await LoadedModel.open(folder);
  try {
    for (const row of wanted) yield await measure(model, row, options);
  } finally {
    await model.close();
  }
}

/** Measures one row. Throws 'cancelled', 'out-of-memory'. */
export async function measure(model: LoadedModel, wanted: Measure, options: MeasureOptions): Promise<Measured> {
  const { seconds, tokens, accepted } = await timed(model, wanted, options);
  return {
    ...wanted,
    seconds,
    tokensPerSecond: tokens === null ? null : tokens / seconds,
    ...(accepted === undefined ? {} : { accepted }),
    peakBytes: peakMemoryBytes(),
  };
}

interface Timed {
  seconds: number;
  tokens: number | null;
  accepted?: number;
}

async function timed(model: LoadedModel, wanted: Measure, options: MeasureOptions): Promise<Timed> {
  if (wanted.row === 'encode') {
    return { seconds: await median(options, () => encode(model, wanted, options)), tokens: wanted.tokens };
  }
  const { decoder } = model;
  const states = madeUpStates(model, wanted.tokens);
  const stored = { states, keyScales: await decoder.keyScales([states], options) };
  const ready = (): Promise<DocumentRows> => decoder.documentRows([stored], { form: wanted.form, signal: options.signal });
  if (wanted.row === 'first-token') {
    const atHand = await ready();
    const seconds = await median(options, async () => {
      const document = wanted.reopened ? await ready() : atHand;
      await decode(model, { document, texts: 1, tokens: 1 }, options);
    });
    return { seconds, tokens: null };
  }
  return decodeRow(model, { document: await ready(), texts: wanted.texts ?? 1, quotes: wanted.quotes ?? false }, options);
}

/** The steps after the first, which reads the whole prompt. */
async function decodeRow(
  model: LoadedModel,
  wanted: { document: DocumentRows; texts: number; quotes: boolean },
  options: MeasureOptions,
): Promise<Timed> {
  const tokens = options.steps + 1;
  const plain = await decode(model, { ...wanted, tokens }, options);
  const drafts = wanted.quotes ? new DraftSource(plain.ids) : undefined;
  let accepted: number | undefined;
  const seconds = await median({ ...options, isWarm: true }, async () => {
    const run = await decode(model, { ...wanted, tokens, drafts }, options);
    accepted = run.drafted === 0 ? undefined : run.accepted / run.drafted;
    return run.afterFirstMs;
  });
  return { seconds, tokens: wanted.texts * options.steps, ...(accepted === undefined ? {} : { accepted }) };
}

async function encode(
  model: LoadedModel,
  { tokens, windowTokens = tokens }: { tokens: number; windowTokens?: number },
  { signal }: MeasureOptions,
): Promise<void> {
  const states: Float32Array[] = []; // of every window, as the reading holds them
  for (let from = 0; from < tokens; from += windowTokens) {
    const rows = Math.min(windowTokens, tokens - from);
    const run = new EncoderRun(await model.encoder(), model.manifest, { expectedRows: rows });
    run.append(madeUpIds(model, rows, from));
    run.end();
    while (await run.advance()) {
      await new Promise(setImmediate);
      throwIfCancelled(signal);
    }
    states.push(run.states());
  }
}

async function decode(
  { decoder, manifest, ...model }: { decoder: Decoder; manifest: LoadedModel['manifest'] },
  { document, texts, tokens, drafts }: { document: DocumentRows; texts: number; tokens: number; drafts?: DraftSource | undefined },
  { signal }: MeasureOptions,
): Promise<{ afterFirstMs: number; ids: number[]; drafted: number; accepted: number }> {
  const prompts = Array.from({ length: texts }, (_, text) => madeUpIds({ manifest, ...model }, promptTokens, text));
  const endless = { ...manifest.tokens, eos: [] };
  const result = { afterFirstMs: 0, ids: [] as number[], drafted: 0, accepted: 0 };
  let firstMs: number | undefined;
  for await (const { ids, ended } of generate(decoder, { prompts, document, tokens: endless, maxTokens: tokens, drafts, signal })) {
    firstMs ??= performance.now();
    result.ids.push(...ids);
    result.drafted += ended?.drafted ?? 0;
    result.accepted += ended?.accepted ?? 0;
  }
  result.afterFirstMs = performance.now() - (firstMs ?? 0);
  return result;
}

/** Seconds, the median of the repetitions; `work` may say itself how many milliseconds counted. */
async function median(
  { repetitions, isWarm = false }: { repetitions: number; isWarm?: boolean },
  work: () => Promise<number | void>,
): Promise<number> {
  const times: number[] = [];
  const wanted = repetitions + (isWarm ? 0 : 1);
  for (let i = 0; i < wanted; i++) {
    const startedMs = performance.now();
    const counted = await work();
    const elapsedMs = counted ?? performance.now() - startedMs;
    if (elapsedMs > longMs) return elapsedMs / 1000;
    if (isWarm || i > 0) times.push(elapsedMs);
  }
  times.sort((a, b) => a - b);
  return (times[Math.floor(times.length / 2)] ?? 0) / 1000;
}

/** Ids spread over the vocabulary, none of them one that means something to the model itself. */
function madeUpIds({ manifest }: { manifest: LoadedModel['manifest'] }, count: number, seed = 0): number[] {
  const { vocabSize } = manifest.sizes;
  const first = Math.min(300, Math.floor(vocabSize / 2));
  return Array.from({ length: count }, (_, index) => first + (((index + 1) * 7919 + seed * 104_729) % (vocabSize - first)));
}

function madeUpStates({ manifest }: LoadedModel, rows: number): Float32Array<ArrayBuffer> {
  let state = 1;
  return Float32Array.from({ length: rows * manifest.sizes.hiddenSize }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 30 - 1) * Math.sqrt(3); // mean square 1, like the states behind the last norm
  });
}
