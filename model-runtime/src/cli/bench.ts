/** `recto bench`: how fast a model runs on this machine. */
import { cpus } from 'node:os';
import path from 'node:path';
import { resolveDataFolder } from '../library/data-folder.ts';
import { findModel, modelFoldersIn, ownModelsFolder } from '../models/model-folders.ts';
import type { Measure, Measured } from '../tasks/measure.ts';
import { showBytes, showCount, showDuration } from './amounts.ts';
import type { Command, CommandContext } from './command.ts';
import { showTable } from './table.ts';
import { UsageError, oneOf, parseCommandLine, wholeNumber } from './usage.ts';

const usage = `recto bench [--model NAME|DIR] [options]

Times a model on this machine: reading (tokens a second through the encoder), answering (tokens a second beside documents of some
length, one question alone, four together, an answer that quotes), and the time until an answer begins.

      --model NAME|DIR  the model to time (default: the one that comes with Recto)
      --encode N,...    lengths of documents to read (default: 512,2048,8192)
      --window N        read in windows of N tokens, as in book mode (default: each document at once)
      --decode N,...    lengths of documents to answer beside (default: 0,2048,8192)
      --first N,...     lengths of documents to begin an answer on (default: 8192)
      --texts N,...     how many questions are answered together (default: 1,4)
      --quotes          also an answer that quotes the document throughout
      --form cached|absorbed   what documents are to the decoder (default: cached)
      --steps N         tokens of each answer (default: 32)
      --repeat N        times each is timed; the median counts (default: 3)
      --json            print one JSON value: the machine, the model, the rows`;

/** See the file's head. */
export const bench: Command = { usage, run: runBench };

async function runBench(args: readonly string[], { terminal, signal }: CommandContext): Promise<void> {
  const { values, positionals } = parseCommandLine(args, {
    model: { type: 'string' },
    encode: { type: 'string' },
    window: { type: 'string' },
    decode: { type: 'string' },
    first: { type: 'string' },
    texts: { type: 'string' },
    quotes: { type: 'boolean' },
    form: { type: 'string' },
    steps: { type: 'string' },
    repeat: { type: 'string' },
  });
  if (positionals[0] !== undefined) throw new UsageError(`bench takes options alone, not '${positionals[0]}'`);
  const form = oneOf('--form', values.form, { words: ['cached', 'absorbed'] }) ?? 'cached';
  const steps = wholeNumber('--steps', values.steps, { from: 1, to: 4096 }) ?? 32;
  const windowTokens = wholeNumber('--window', values.window, { from: 1, to: 4_000_000 });
  const repetitions = wholeNumber('--repeat', values.repeat, { from: 1, to: 100 }) ?? 3;
  // Who names some rows wants those alone.
  const asked = values.encode ?? values.decode ?? values.first;
  const lengths = (option: string, given: string | undefined, usual: readonly number[]): readonly number[] =>
    given === undefined ? (asked === undefined ? usual : []) : numbers(option, given);
  const texts = values.texts === undefined ? [1, 4] : numbers('--texts', values.texts);
  const measures: Measure[] = [
    ...lengths('--encode', values.encode, [512, 2048, 8192]).map((tokens) => ({
      row: 'encode' as const,
      tokens,
      ...(windowTokens === undefined ? {} : { windowTokens }),
    })),
    ...lengths('--decode', values.decode, [0, 2048, 8192]).flatMap((tokens) => [
      ...texts.map((count) => ({ row: 'decode' as const, tokens, form, texts: count })),
      ...(values.quotes === true ? [{ row: 'decode' as const, tokens, form, texts: 1, quotes: true }] : []),
    ]),
    ...lengths('--first', values.first, [8192]).flatMap((tokens) =>
      [false, true].map((reopened) => ({ row: 'first-token' as const, tokens, form, reopened })),
    ),
  ];

  const places = { modelsFolder: path.join(resolveDataFolder(), 'models'), builtIn: await modelFoldersIn(ownModelsFolder) };
  const { summary } = await findModel(values.model ?? places.builtIn[0] ?? '', places);
  const { measureModel, measuredThreads } = await import('../tasks/measure.ts');
  const rows: Measured[] = [];
  const announce = (): void => {
    const next = measures[rows.length];
    if (next !== undefined) terminal.progress.show(`Timing: ${nameOf(next)}`, rows.length / measures.length);
  };
  try {
    announce();
    for await (const row of measureModel(summary.folder, measures, { repetitions, steps, signal })) {
      rows.push(row);
      announce();
    }
  } finally {
    terminal.progress.end();
  }
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', threads: measuredThreads };
  if (terminal.isJson) return terminal.writeJson({ machine, model: { name: summary.name, precision: summary.precision }, rows });
  terminal.write(showTable([['WHAT', 'TIME', 'TOKENS/S', 'PEAK SO FAR'], ...rows.map(cells)]));
  return terminal.note(`${summary.name} (${summary.precision}) on ${machine.cpu}, ${machine.threads} threads; medians of ${repetitions}`);
}

function numbers(option: string, given: string): number[] {
  return given.split(',').map((part) => wholeNumber(option, part.trim(), { from: 0, to: 4_000_000 }) ?? 0);
}

function nameOf(wanted: Measure): string {
  const document = `${showCount(wanted.tokens)} tokens`;
  if (wanted.row === 'encode') {
    return wanted.windowTokens === undefined ? `read ${document}` : `read ${document} in windows of ${showCount(wanted.windowTokens)}`;
  }
  if (wanted.row === 'first-token') return `first token, ${document}, ${wanted.reopened ? 'reopened' : 'asked again'}, ${wanted.form}`;
  const texts = wanted.quotes === true ? ', quoting' : wanted.texts === undefined || wanted.texts === 1 ? '' : `, ${wanted.texts} together`;
  return `answer beside ${document}, ${wanted.form}${texts}`;
}

function cells(row: Measured): string[] {
  const rate = row.tokensPerSecond === null ? '' : row.tokensPerSecond.toFixed(row.tokensPerSecond < 100 ? 1 : 0);
  return [nameOf(row), showDuration(row.seconds * 1000), rate, showBytes(row.peakBytes)];
}
