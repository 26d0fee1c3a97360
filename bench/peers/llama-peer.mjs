/**
 * llama.cpp as a peer, by node-llama-cpp: a random decoder-only Gemma 3 of the 270M shape (random_gguf.py), in q8_0 or q4_0.
 *
 * Knows: node-llama-cpp's low-level door (context, sequence, evaluate). It runs no encoder-decoder T5Gemma 2, so `encode` is the
 * processing of a prompt, which is half the work for the like purpose: to have read a document. `tokens` it cannot.
 * node-llama-cpp is looked for in the work folder's node_modules. The rows are README.md's, beside this file.
 *
 * Run: node llama-peer.mjs --work FOLDER --form q8_0|q4_0 encode N | decode S --steps K
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const peer = 'llama.cpp';
const forms = ['q8_0', 'q4_0'];
/** Seconds beyond which one repetition is enough, and is not warmed up for. */
const long = 60;
/** <bos>, and the ids of ordinary text: after the special ones and the bytes, before the image marks. */
const bosId = 2;
const textIds = { first: 261, end: 255_999 };
/** The sequence may be a little longer than what is written. */
const room = 8;

/** @typedef {{ work: string, form: string, threads: number, repeat: number, steps: number, row: string, operand: string }} Arguments */

/** The command line of every peer. @returns {Arguments} */
function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      work: { type: 'string', default: '.' },
      form: { type: 'string', default: '' },
      threads: { type: 'string', default: '2' },
      repeat: { type: 'string', default: '3' },
      steps: { type: 'string', default: '32' },
    },
  });
  const [row = '', operand = ''] = positionals;
  const { work, form } = values;
  return { work, form, threads: Number(values.threads), repeat: Number(values.repeat), steps: Number(values.steps), row, operand };
}

/** Random text ids after <bos>, the same in every run. @param {number} length @returns {number[]} */
function documentIds(length) {
  let seed = 1;
  const ids = Array.from({ length }, () => {
    // A linear congruential generator: any spread of ids does.
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return textIds.first + (seed % (textIds.end - textIds.first));
  });
  return [bosId, ...ids.slice(1)];
}

/** The most memory this process ever held, loading and the mapped file included. @returns {number} */
function peakBytes() {
  const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(match?.[1] ?? Number.NaN) * 1024;
}

/**
 * The median of `repeat` runs after one warm-up; where that first run is a long one, its own figure.
 * @param {() => Promise<number>} run gives the seconds that count, which may be less than it takes
 * @param {number} repeat
 */
async function medianSeconds(run, repeat) {
  const begin = performance.now();
  const first = await run();
  if ((performance.now() - begin) / 1000 > long) return first;
  const seconds = [];
  for (let index = 0; index < repeat; index++) seconds.push(await run());
  seconds.sort((a, b) => a - b);
  const middle = seconds.length >> 1;
  return seconds.length % 2 === 1 ? seconds[middle] : (seconds[middle - 1] + seconds[middle]) / 2;
}

/**
 * Opens the model and a context that holds so many tokens.
 * @param {Arguments} given
 * @param {number} tokens
 */
async function openContext(given, tokens) {
  const file = join(given.work, `gemma3-270m-${given.form}.gguf`);
  if (!existsSync(file)) throw new Error(`gemma3-270m-${given.form}.gguf is not in the work folder; random_gguf.py writes it`);
  const folder = resolve(given.work, 'node_modules', 'node-llama-cpp');
  const { getLlama } = await import(pathToFileURL(join(folder, 'dist', 'index.js')).href);
  const llama = await getLlama({ gpu: false, build: 'never', maxThreads: given.threads, progressLogs: false, logLevel: 'error' });
  const model = await llama.loadModel({ modelPath: file });
  const threads = { ideal: given.threads, min: given.threads };
  const context = await model.createContext({ contextSize: tokens + room, threads });
  // A checkpoint of a long sequence would be copied within the time that is measured.
  return { context, sequence: context.getSequence({ checkpoints: { interval: false } }) };
}

/** How fast a prompt is processed. @param {Arguments} given */
async function encode(given) {
  const ids = documentIds(Number(given.operand));
  const { sequence } = await openContext(given, ids.length);
  return medianSeconds(async () => {
    await sequence.clearHistory();
    const begin = performance.now();
    await sequence.evaluateWithoutGeneratingNewTokens(ids);
    return (performance.now() - begin) / 1000;
  }, given.repeat);
}

/** How long the steps after the first take. @param {Arguments} given */
async function decode(given) {
  const ids = documentIds(Number(given.operand));
  const { sequence } = await openContext(given, ids.length + given.steps + 1);
  return medianSeconds(async () => {
    await sequence.clearHistory();
    // Temperature 0 is greedy; end tokens are written like any other.
    const written = sequence.evaluate(ids, { temperature: 0, yieldEogToken: true });
    await written.next();
    const begin = performance.now();
    for (let step = 0; step < given.steps; step++) await written.next();
    const seconds = (performance.now() - begin) / 1000;
    await written.return();
    return seconds;
  }, given.repeat);
}

/** The fields of the row that was asked for. @param {Arguments} given */
async function measure(given) {
  if (!forms.includes(given.form)) throw new Error(`no form ${given.form}; there is ${forms.join(', ')}`);
  const tokens = Number(given.operand);
  switch (given.row) {
    case 'encode': {
      const seconds = await encode(given);
      const note = 'prompt processing (prefill) of a decoder-only Gemma 3 of 18 layers, causal; no T5Gemma 2';
      return { tokens, seconds, tokensPerSecond: tokens / seconds, peakBytes: peakBytes(), note };
    }
    case 'decode': {
      const seconds = await decode(given);
      const note = 'steps after the first, of a decoder-only Gemma 3 whose prompt was the document; the peak holds that prompt too';
      return { tokens, steps: given.steps, seconds, tokensPerSecond: given.steps / seconds, peakBytes: peakBytes(), note };
    }
    case 'tokens':
      throw new Error('it runs decoder-only models, and the golden cases are encoder-decoder ones');
    default:
      throw new Error(`no row ${given.row}; there is encode, decode, tokens`);
  }
}

/** The version of the package, which names the llama.cpp it was built with. @param {string} work */
function version(work) {
  const file = join(work, 'node_modules', 'node-llama-cpp', 'package.json');
  return existsSync(file) ? `node-llama-cpp ${JSON.parse(readFileSync(file, 'utf8')).version}` : 'not installed';
}

const given = readArguments();
const head = { peer, version: version(given.work), form: given.form, row: given.row };
const line = await measure(given).catch((/** @type {unknown} */ error) => ({
  cannot: error instanceof Error ? error.message : String(error),
}));
// Leaving waits for the line and not for the model's threads.
process.stdout.write(`${JSON.stringify({ ...head, ...line })}\n`, () => process.exit(0));
