/**
 * What is timed: every runner in every column, and the commands that time it. One cell is a process of its own (first tokens:
 * two), so that its peak of memory is its own. The commands' contract: bench/peers/README.md, `recto bench --json`.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cell, Column, TimedRow } from './results.ts';
import { cutOff } from './run-process.ts';

/** One runtime in one numeric form. */
export interface Runner {
  name: string;
  kind: 'recto' | 'transformers' | 'ctranslate2' | 'llama.cpp';
  form: string;
}

/** Where things lie, and how thoroughly they are timed. */
export interface Setup {
  /** The work folder of bench/peers/README.md. */
  work: string;
  /** Recto's model folders, by form. */
  models: string;
  python: string;
  threads: number;
  /** Tokens decoded in a cell of answering. */
  steps: number;
  /** Median of so many, where they take no minutes. */
  repeat: number;
}

/** Every runner, Recto first. */
export const runners: readonly Runner[] = [
  { name: 'Recto int8', kind: 'recto', form: 'int8' },
  { name: 'Recto int4', kind: 'recto', form: 'int4' },
  { name: 'Recto fp32', kind: 'recto', form: 'fp32' },
  { name: 'CTranslate2 int8', kind: 'ctranslate2', form: 'int8' },
  { name: 'CTranslate2 fp32', kind: 'ctranslate2', form: 'fp32' },
  { name: 'transformers fp32', kind: 'transformers', form: 'fp32' },
  { name: 'transformers bf16', kind: 'transformers', form: 'bf16' },
  { name: 'llama.cpp Q8_0', kind: 'llama.cpp', form: 'q8_0' },
  { name: 'llama.cpp Q4_0', kind: 'llama.cpp', form: 'q4_0' },
];

function timed(row: TimedRow, tokens: number): Column {
  return { row, tokens };
}

/** The columns in the order in which they are timed: short ones first, so that an interrupted run has the most of them. */
export const columnSets: Record<'quick' | 'full', readonly Column[]> = {
  quick: [
    timed('encode', 512),
    timed('decode', 0),
    timed('decode', 512),
    timed('quoting', 512),
    timed('together', 512),
    timed('first', 512),
    { row: 'tokens', golden: 'short' },
  ],
  full: [
    timed('encode', 512),
    timed('decode', 0),
    timed('encode', 2048),
    timed('decode', 2048),
    timed('quoting', 2048),
    timed('together', 2048),
    ...['plain', 'window', 'edge', 'short'].map((golden): Column => ({ row: 'tokens', golden })),
    timed('encode', 8192),
    timed('decode', 8192),
    timed('first', 8192),
    timed('encode', 32_768),
    timed('decode', 32_768),
    timed('first', 32_768),
  ],
};

/** Why a cell need not be tried, given those that were; null where it is to be. */
export function whyNot(runner: Runner, column: Column, cells: readonly Cell[]): string | null {
  if (column.row === 'tokens') return null;
  if (column.row === 'encode' && runner.form === 'int4') return 'its encoder is that of int8';
  if (column.row !== 'encode' && column.row !== 'decode') return runner.kind === 'recto' ? null : 'measured of Recto alone';
  const own = cells.filter((cell) => cell.runner === runner.name);
  const isLate = (tokens: number, row: string): boolean =>
    own.some(
      (cell) => cell.column.row === row && 'tokens' in cell.column && cell.column.tokens === tokens && cell.cannot?.startsWith(cutOff),
    );
  const late = columnLengths(own, column.row).find((tokens) => tokens < column.tokens && isLate(tokens, column.row));
  if (late !== undefined) return `not tried, as ${late} tokens were cut off`;
  // These two read the document before every run of a decode row (bench/peers/README.md).
  const readsFirst = runner.kind === 'ctranslate2' || runner.kind === 'llama.cpp';
  const unread = columnLengths(own, 'encode').find((tokens) => tokens <= column.tokens && isLate(tokens, 'encode'));
  return readsFirst && unread !== undefined ? `not tried, as reading ${unread} tokens, which it does first, was cut off` : null;
}

/** The lengths at which a row was timed. */
function columnLengths(cells: readonly Cell[], row: TimedRow): number[] {
  return cells.flatMap(({ column }) => (column.row === row && 'tokens' in column ? [column.tokens] : []));
}

/** The processes of one cell. */
export function commands(runner: Runner, column: Column, setup: Setup): string[][] {
  return runner.kind === 'recto' ? rectoCommands(runner, column, setup) : [peerCommand(runner, column, setup)];
}

function rectoCommands({ form }: Runner, column: Column, { models, steps, ...setup }: Setup): string[][] {
  if (column.row === 'tokens') return [['node', fileURLToPath(import.meta.resolve('./golden-tokens.ts')), form, column.golden]];
  const { row } = column;
  const tokens = String(column.tokens);
  const recto = ['node', 'model-runtime/src/cli/main.ts', 'bench', '--json', '--model', join(models, form)];
  const bench = [...recto, '--repeat', String(repeatOf(column, setup.repeat))];
  if (row === 'encode') return [[...bench, '--encode', tokens]];
  if (row === 'first') return ['cached', 'absorbed'].map((documentForm) => [...bench, '--first', tokens, '--form', documentForm]);
  const decode = [...bench, '--decode', tokens, '--steps', String(steps), '--texts', row === 'together' ? '4' : '1'];
  return [row === 'quoting' ? [...decode, '--quotes'] : decode];
}

function peerCommand({ kind, form }: Runner, column: Column, { work, python, threads, steps, repeat }: Setup): string[] {
  const program = {
    recto: [],
    transformers: [python, 'bench/peers/transformers_peer.py'],
    ctranslate2: [python, 'bench/peers/ctranslate2_peer.py'],
    'llama.cpp': ['node', 'bench/peers/llama-peer.mjs'],
  }[kind];
  const common = [...program, '--work', work, '--form', form, '--threads', String(threads)];
  if (column.row === 'tokens') return [...common, 'tokens', join('model-runtime', 'test', 'golden', column.golden)];
  const counted = [...common, '--repeat', String(repeatOf(column, repeat))];
  // An empty document stops transformers, and one of <bos> alone CTranslate2: two tokens for every peer (tables.ts says so on the page).
  const length = String(Math.max(2, column.tokens));
  return column.row === 'encode' ? [...counted, 'encode', length] : [...counted, 'decode', length, '--steps', String(steps)];
}

/** What may take minutes is timed less often, by every runner alike. */
function repeatOf({ tokens }: { tokens: number }, repeat: number): number {
  return tokens >= 32_768 ? 1 : tokens >= 8192 ? Math.min(2, repeat) : repeat;
}
