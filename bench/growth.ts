/**
 * How Recto's reading grows with the length of the document: at once (exact mode) and in windows (book mode), each length in a
 * process of its own, so that its peak of memory is its own. Written down after every length.
 *
 *   node bench/growth.ts --model FOLDER --name NAME --out FILE [--exact N,...] [--book N,...] [--window N] [--minutes N]
 *
 * Lengths that are in the file already are not timed again.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readManifest } from '../model-runtime/src/manifest.ts';
import type { Measured } from '../model-runtime/src/tasks/measure.ts';
import { hasResults, originHere, writeResults } from './results.ts';
import type { Origin } from './results.ts';
import { endRunning, printedBy } from './run-process.ts';

/** What the file holds. */
interface Growth extends Origin {
  model: { name: string; precision: string; parameters: number };
  points: { mode: 'exact' | 'book'; tokens: number; seconds?: number; peakBytes?: number; cannot?: string }[];
}

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    name: { type: 'string' },
    out: { type: 'string' },
    exact: { type: 'string', default: '' },
    book: { type: 'string', default: '' },
    window: { type: 'string', default: '8192' },
    minutes: { type: 'string', default: '60' },
  },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
process.once('exit', endRunning);
await grow();

async function grow(): Promise<void> {
  const { model, out, window } = values;
  if (model === undefined || out === undefined) throw new Error('wanted: --model FOLDER --out FILE (see bench/README.md)');
  const growth = hasResults(out) ? (JSON.parse(readFileSync(out, 'utf8')) as Growth) : await begun(model);
  const lengths = (list: string): number[] => list.split(',').filter(Boolean).map(Number);
  const wanted = [
    ...lengths(values.exact).map((tokens) => ({ mode: 'exact' as const, tokens })),
    ...lengths(values.book).map((tokens) => ({ mode: 'book' as const, tokens })),
  ];
  for (const { mode, tokens } of wanted) {
    if (growth.points.some((point) => point.mode === mode && point.tokens === tokens)) continue;
    const read = ['bench', '--json', '--model', model, '--encode', String(tokens), '--repeat', '1'];
    const command = ['node', 'model-runtime/src/cli/main.ts', ...read, ...(mode === 'book' ? ['--window', window] : [])];
    growth.points.push({ mode, tokens, ...(await timed(command)) });
    writeResults(out, growth);
  }
}

async function timed(command: readonly string[]): Promise<{ seconds: number; peakBytes: number } | { cannot: string }> {
  try {
    const { rows } = (await printedBy(command, { minutes: Number(values.minutes) })) as { rows: Measured[] };
    const [row] = rows;
    return row === undefined ? { cannot: 'printed no row' } : { seconds: row.seconds, peakBytes: row.peakBytes };
  } catch (error) {
    return { cannot: (error as Error).message };
  }
}

async function begun(model: string): Promise<Growth> {
  const { name: ownName, precision, parameters } = await readManifest(model);
  return { ...originHere(), model: { name: values.name ?? ownName, precision, parameters }, points: [] };
}
