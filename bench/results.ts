/**
 * What a run of the benchmark gives, as its file has it, and the file itself: written whole or not at all, after every cell.
 * Knows neither how anything is timed nor how a page is made of it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import type { ModelSizes } from '../model-runtime/src/manifest.ts';
import type { Limits } from './roofline.ts';

/** When and where something was timed, and which Recto. */
export interface Origin {
  date: string;
  cpu: string;
  /** `git describe` of Recto. */
  recto: string;
}

/** What every runner is timed at. */
export type TimedRow = 'encode' | 'decode' | 'quoting' | 'together' | 'first';

/** A column of the tables: work on a document of so many tokens, or the greedy ids of a golden case. */
export type Column = { row: TimedRow; tokens: number } | { row: 'tokens'; golden: string };

/** One thing that was timed. Most cells have one, first tokens and quoting several. */
export interface Figure {
  /** 'encode', 'decode', 'quoting', or of first tokens how the document was at hand. */
  what: string;
  /** A median. */
  seconds: number;
  tokensPerSecond: number | null;
  /** The most memory that the cell's process ever held. */
  peakBytes: number;
  /** Of the tokens guessed from the document, the share that was right. */
  accepted?: number;
  /** What the peer says that the figure holds. */
  note?: string;
}

/** One runner in one column: figures, or where its ids part from the golden ones (null: nowhere), or why there is neither. */
export interface Cell {
  runner: string;
  column: Column;
  /** Of a peer. */
  version?: string;
  figures?: Figure[];
  firstDifference?: number | null;
  cannot?: string;
}

/** The machine's limits by number of threads, as limits.py prints them, and when; or why they are not known. */
export type MachineLimits = { time: string } & (
  | { cpu: string; int8Instructions: string; threads: Record<string, Limits> }
  | { cannot: string }
);

/** See the file's head. */
export interface Results extends Origin {
  columns: 'quick' | 'full';
  /** As many as the runtimes use. */
  threads: number;
  node: string;
  /** Of the model that Recto ran; null where there was none. */
  sizes: ModelSizes | null;
  /** The first measured before everything, the last after; more where the run was interrupted. */
  limits: MachineLimits[];
  cells: Cell[];
}

/** Of what is timed now. */
export function originHere(): Origin {
  return { date: new Date().toISOString().slice(0, 10), cpu: cpus()[0]?.model ?? 'unknown', recto: rectoVersion() };
}

function rectoVersion(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/** A column's name, for people and as a key. */
export function columnName(column: Column): string {
  return column.row === 'tokens' ? `tokens ${column.golden}` : `${column.row} ${column.tokens}`;
}

/** The cell of a runner in a column. */
export function cellOf(cells: readonly Cell[], runner: string, column: Column): Cell | undefined {
  return cells.find((cell) => cell.runner === runner && columnName(cell.column) === columnName(column));
}

/** Reads a results file. Throws where there is none. */
export function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}

/** Writes a results file; whoever reads it meanwhile finds the one before. */
export function writeResults(file: string, results: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, `${JSON.stringify(results, null, 2)}\n`);
  renameSync(`${file}.part`, file);
}

/** Whether there is one already. */
export function hasResults(file: string): boolean {
  return existsSync(file);
}
