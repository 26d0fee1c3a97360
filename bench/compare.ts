/**
 * Recto beside its peers: every cell of cells.ts in a process of its own, one after another, column by column, so that what is
 * compared is timed close together; the machine's limits before and after. Written down after every cell.
 *
 *   node bench/compare.ts --work FOLDER --python PYTHON --out FILE [--models FOLDER] [--columns quick|full] [--only NAME,...]
 *                         [--minutes N] [--resume]
 *
 * Knows no runtime and no table: what a runner lacks is written down as the reason that its cell is empty.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { columnSets, commands, runners, whyNot } from './cells.ts';
import type { Runner, Setup } from './cells.ts';
import { readManifest } from '../model-runtime/src/manifest.ts';
import type { ModelSizes } from '../model-runtime/src/manifest.ts';
import { cellOf, columnName, hasResults, originHere, readResults, writeResults } from './results.ts';
import type { Cell, Column, Figure, MachineLimits, Results } from './results.ts';
import { endRunning, printedBy, withoutPaths } from './run-process.ts';

const { values } = parseArgs({
  options: {
    work: { type: 'string' },
    models: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    out: { type: 'string' },
    columns: { type: 'string', default: 'full' },
    only: { type: 'string' },
    minutes: { type: 'string', default: '8' },
    resume: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.once('exit', endRunning);
await compare();

async function compare(): Promise<void> {
  const { work, out, columns } = values;
  if (work === undefined || out === undefined || !(minutes > 0) || (columns !== 'quick' && columns !== 'full')) {
    throw new Error('wanted: --work FOLDER --out FILE [--columns quick|full] [--minutes N] (see bench/README.md)');
  }
  const models = values.models ?? join(work, 'models');
  const thorough = columns === 'full' ? { steps: 32, repeat: 3 } : { steps: 4, repeat: 1 };
  // As many threads as Recto takes by itself (model-runtime/src/session/graph-session.ts).
  const setup: Setup = { work, models, python: values.python, threads: Math.min(8, availableParallelism()), ...thorough };
  const wanted = wantedRunners(values.only);
  const results = await resultsSoFar(out, columns, setup);
  results.limits.push(await limitsNow(setup));
  writeResults(out, results);
  for (const column of columnSets[columns]) {
    for (const runner of wanted) {
      if (cellOf(results.cells, runner.name, column) !== undefined) continue;
      results.cells.push(await cell(runner, column, { setup, cells: results.cells }));
      writeResults(out, results);
    }
  }
  results.limits.push(await limitsNow(setup));
  writeResults(out, results);
}

/** By kind or by name. */
function wantedRunners(only: string | undefined): readonly Runner[] {
  if (only === undefined) return runners;
  const words = only.split(',');
  const unknown = words.find((word) => !runners.some(({ kind, name }) => word === kind || word === name));
  if (unknown !== undefined) throw new Error(`no runner '${unknown}'; there are ${runners.map(({ name }) => name).join(', ')}`);
  return runners.filter(({ kind, name }) => words.includes(kind) || words.includes(name));
}

/** Those of the run that is resumed, or new ones. A file of figures is never begun anew by mistake. */
async function resultsSoFar(out: string, columns: 'quick' | 'full', { models, threads }: Setup): Promise<Results> {
  const origin = originHere();
  if (!hasResults(out)) {
    const sizes = await sizesOf(models);
    return {
      columns,
      ...origin,
      threads,
      node: process.version,
      sizes,
      limits: [],
      cells: [],
    };
  }
  if (!values.resume) throw new Error('there is such a results file already: --resume goes on with it');
  const results = readResults(out);
  const isSame = results.columns === columns && results.cpu === origin.cpu && results.threads === threads && results.recto === origin.recto;
  if (!isSame) throw new Error('the results to be resumed are of other columns, another machine or another Recto');
  return results;
}

async function sizesOf(models: string): Promise<ModelSizes | null> {
  for (const { form } of runners.filter(({ kind }) => kind === 'recto')) {
    try {
      return (await readManifest(join(models, form))).sizes;
    } catch {
      // The runner's own cells say that it is missing.
    }
  }
  return null;
}

async function limitsNow({ python, work }: Setup): Promise<MachineLimits> {
  const time = new Date().toISOString();
  try {
    const { cpu, int8Instructions, threads } = (await printedBy([python, 'bench/peers/limits.py', '--work', work], { minutes })) as Exclude<
      MachineLimits,
      { cannot: string }
    >;
    return { time, cpu, int8Instructions, threads };
  } catch (error) {
    return { time, cannot: sentence(error) };
  }
}

async function cell(runner: Runner, column: Column, { setup, cells }: { setup: Setup; cells: readonly Cell[] }): Promise<Cell> {
  const foreseen = whyNot(runner, column, cells);
  if (foreseen !== null) return { runner: runner.name, column, cannot: foreseen };
  process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${columnName(column)}: ${runner.name} … `);
  const begunMs = performance.now();
  const found: Cell = { runner: runner.name, column };
  try {
    for (const command of commands(runner, column, setup)) take(found, (await printedBy(command, { minutes })) as Printed, runner);
  } catch (error) {
    delete found.figures;
    found.cannot = sentence(error);
  }
  process.stderr.write(`${outcome(found)} (${((performance.now() - begunMs) / 1000).toFixed(0)} s)\n`);
  return found;
}

/** What the commands print: Recto several rows, everything else one. */
type Printed = PrintedRow | { model: { precision: string }; rows: PrintedRow[] };

interface PrintedRow extends Omit<Figure, 'what'> {
  row: string;
  version?: string;
  cannot?: string;
  form?: string;
  reopened?: boolean;
  quotes?: boolean;
  first_difference?: number | null;
}

/** Adds what was printed to a cell. Throws where it says that it cannot. */
function take(found: Cell, printed: Printed, { form }: Runner): void {
  if ('rows' in printed && printed.model.precision !== form) throw new Error(`models/${form} holds a model of ${printed.model.precision}`);
  for (const row of 'rows' in printed ? printed.rows : [printed]) {
    if (row.version !== undefined) found.version = row.version;
    if (row.cannot !== undefined) throw new Error(row.cannot);
    if (row.first_difference !== undefined) found.firstDifference = row.first_difference;
    else (found.figures ??= []).push(figureOf(row));
  }
}

function figureOf({ row, form, reopened, quotes, seconds, tokensPerSecond, peakBytes, accepted, note }: PrintedRow): Figure {
  const what = row === 'first-token' ? `${reopened === true ? 'reopened' : 'asked again'}, ${form}` : quotes === true ? 'quoting' : row;
  return {
    what,
    seconds,
    tokensPerSecond,
    peakBytes,
    ...(accepted === undefined ? {} : { accepted }),
    ...(note === undefined ? {} : { note }),
  };
}

function outcome({ figures, firstDifference, cannot }: Cell): string {
  if (cannot !== undefined) return cannot;
  if (figures === undefined) return firstDifference === null ? 'equal' : `equal up to ${firstDifference}`;
  return figures
    .map(({ what, seconds, tokensPerSecond }) =>
      tokensPerSecond === null ? `${what} ${seconds.toFixed(2)} s` : `${what} ${tokensPerSecond.toFixed(1)} tokens/s`,
    )
    .join(', ');
}

function sentence(error: unknown): string {
  return withoutPaths(error instanceof Error ? error.message : String(error));
}
