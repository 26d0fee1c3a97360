/**
 * Results as the tables of docs/performance.md. Every cell without a figure has a note that says why; so has every figure
 * that was computed and not measured. Knows neither where the page is nor how anything was timed.
 */
import { columnSets, runners } from './cells.ts';
import type { Runner } from './cells.ts';
import { Notes, section, table } from './markdown.ts';
import { cellOf } from './results.ts';
import type { Cell, Column, Figure, MachineLimits, Results, TimedRow } from './results.ts';
import { leastDecodeSeconds, leastEncodeSeconds } from './roofline.ts';
import type { Form, Limits } from './roofline.ts';

/** Tokens of a window of book mode (model-runtime/src/reading/read-document.ts). */
const bookTokens = 8192;
const own = runners.filter(({ kind }) => kind === 'recto');
const peers = runners.filter(({ kind }) => kind !== 'recto');
const lead = 'Recto int8';

/** All of them, and the machine before them. */
export function pageOf(results: Results): string {
  return [
    machine(results),
    reading(results),
    answering(results),
    together(results),
    firstTokens(results),
    memory(results),
    shares(results),
    tokens(results),
  ].join('\n\n');
}

type Measured = Extract<MachineLimits, { cpu: string }>;

function machine({ cpu, threads, node, recto, date, columns, limits, cells }: Results): string {
  const notes = new Notes();
  const versions = peers.flatMap(({ kind, name }) => {
    const version = cells.find((cell) => cell.runner === name && cell.version !== undefined)?.version;
    return version === undefined ? [] : [version.startsWith('node-') ? version : `${kind} ${version}`];
  });
  const instructions = limits.flatMap((limit) => ('cpu' in limit ? [limit.int8Instructions] : []))[0];
  const sentence = `${cpu}, ${threads} threads${instructions === undefined ? '' : `, ${instructions}`}. Node ${node}, Recto ${recto}; ${[...new Set(versions)].join(', ')}. ${date}${columns === 'quick' ? ', a quick trial whose figures mean nothing' : ''}.`;
  const ends = [limits[0], limits.length > 1 ? limits.at(-1) : undefined];
  const figure = (limit: MachineLimits | undefined, count: string, of: (limit: Limits) => number): string => {
    if (limit === undefined) return `–${notes.mark('the run did not come to its end')}`;
    if ('cannot' in limit) return `–${notes.mark(limit.cannot)}`;
    const found = limit.threads[count];
    return found === undefined ? `–${notes.mark(`measured on ${Object.keys(limit.threads).join(' and ')} threads`)}` : of(found).toFixed(1);
  };
  const line = (name: string, of: (limit: Limits) => number): string[] => [
    name,
    ...['1', String(threads)].flatMap((count) => ends.map((limit) => figure(limit, count, of))),
  ];
  const head = ['', ...['1 thread', `${threads} threads`].flatMap((count) => [`${count}, before`, `${count}, after`])];
  const lines = [
    line('float32, GFLOP/s', (limit) => limit.fp32Gflops),
    line('8-bit, GOP/s', (limit) => limit.int8Gops),
    line('read, GB/s', (limit) => limit.readGBs),
  ];
  return section('The machine and its limits', [sentence, table([head, ...lines]), notes.list()]);
}

function reading({ columns, cells }: Results): string {
  const notes = new Notes();
  const lengths = lengthsOf(columns, 'encode');
  const lines = speeds('encode', lengths, { cells, notes });
  const window = cellOf(cells, lead, { row: 'encode', tokens: bookTokens })?.figures?.[0];
  const book = lengths.map((length) => {
    if (length <= bookTokens || length % bookTokens !== 0) return `–${notes.mark(`book mode is for more than ${bookTokens} tokens`)}`;
    const times = length / bookTokens;
    const why = `computed: ${times} x the cell of ${lead} at ${bookTokens}, as book mode reads windows of at most ${bookTokens} tokens one by one`;
    return window === undefined
      ? `–${notes.mark('there is no cell to compute it from')}`
      : rate(length / (times * window.seconds)) + notes.mark(why);
  });
  lines.splice(own.length, 0, [`${lead}, book mode`, ...book]);
  const all = [['', ...lengths.map(String)], ...lines, ratios(lead, { row: 'encode', lengths, cells })];
  return section('Reading: tokens a second, by the document’s length', [table(all), notes.list()]);
}

function answering({ columns, cells }: Results): string {
  const notes = new Notes();
  const lengths = lengthsOf(columns, 'decode');
  const lines = speeds('decode', lengths, { cells, notes });
  const compared = [lead, 'Recto int4'].map((name) => ratios(name, { row: 'decode', lengths, cells }));
  return section('Answering: tokens a second, by the document’s length', [
    'At 0 the peers have a document of two tokens: not all of them take a shorter one.',
    table([['', ...lengths.map(String)], ...lines, ...compared]),
    notes.list(),
  ]);
}

interface Source {
  cells: readonly Cell[];
  notes: Notes;
}

function speeds(row: 'encode' | 'decode', lengths: readonly number[], { cells, notes }: Source): string[][] {
  return runners.map((runner) => [
    // What a peer says of its figures stands behind its name.
    runner.name +
      (lengths
        .flatMap((length) => cellOf(cells, runner.name, { row, tokens: length })?.figures?.[0]?.note ?? [])
        .slice(0, 1)
        .map((note) => notes.mark(note))[0] ?? ''),
    ...lengths.map((length) => {
      const shown = show(runner, { row, tokens: length }, { cells, notes, of: ({ tokensPerSecond }) => rate(tokensPerSecond) });
      return runner === fastestPeer(cells, { row, tokens: length }) ? `**${shown}**` : shown;
    }),
  ]);
}

function fastestPeer(cells: readonly Cell[], column: Column): Runner | undefined {
  const timed = peers.filter(({ name }) => speedOf(cells, name, column) !== undefined);
  return timed.sort((a, b) => (speedOf(cells, b.name, column) ?? 0) - (speedOf(cells, a.name, column) ?? 0))[0];
}

function ratios(name: string, { row, lengths, cells }: { row: TimedRow; lengths: readonly number[]; cells: readonly Cell[] }): string[] {
  const ratio = (length: number): string => {
    const column: Column = { row, tokens: length };
    const mine = speedOf(cells, name, column);
    const fastest = speedOf(cells, fastestPeer(cells, column)?.name ?? '', column);
    return mine === undefined || fastest === undefined ? '–' : `${(mine / fastest).toFixed(2)} x`;
  };
  return [`${name} / fastest peer`, ...lengths.map(ratio)];
}

function together({ columns, cells }: Results): string {
  const notes = new Notes();
  const lines: string[][] = [];
  for (const tokens of lengthsOf(columns, 'quoting')) {
    for (const runner of own) {
      const line = (name: string, column: Column, what: string): string[] => {
        const source = { cells, notes, what };
        return [
          runner.name,
          `${name}, ${tokens} tokens`,
          show(runner, column, { ...source, of: (figure) => rate(figure.tokensPerSecond) }),
          show(runner, column, { ...source, of: ({ accepted }) => (accepted === undefined ? '' : percent(accepted)) }),
          show(runner, column, { ...source, of: gigabytes }),
        ];
      };
      lines.push(
        line('one question', { row: 'quoting', tokens }, 'decode'),
        line('an answer that quotes the document', { row: 'quoting', tokens }, 'quoting'),
        line('four questions together', { row: 'together', tokens }, 'decode'),
      );
    }
  }
  return section('Quoting and together', [table([['', '', 'tokens/s', 'guesses right', 'peak, GB'], ...lines]), notes.list()]);
}

function firstTokens({ columns, cells }: Results): string {
  const notes = new Notes();
  const ways = ['asked again, cached', 'reopened, cached', 'asked again, absorbed', 'reopened, absorbed'];
  const lines = own.flatMap((runner) =>
    lengthsOf(columns, 'first').map((tokens) => [
      runner.name,
      String(tokens),
      ...ways.map((what) => show(runner, { row: 'first', tokens }, { cells, notes, what, of: ({ seconds }) => seconds.toFixed(2) })),
    ]),
  );
  return section('The first token of an answer, seconds', [table([['', 'tokens', ...ways], ...lines]), notes.list()]);
}

function memory({ columns, cells }: Results): string {
  const notes = new Notes();
  const all = timedColumns(columns);
  const lines = runners.map((runner) => [runner.name, ...all.map((column) => show(runner, column, { cells, notes, of: gigabytes }))]);
  return section('Peak memory of a cell’s process, GB', [table([['', ...all.map(headOf)], ...lines]), notes.list()]);
}

function shares({ columns, cells, limits, sizes, threads }: Results): string {
  const measured = limits.filter((limit): limit is Measured => 'cpu' in limit).flatMap((limit) => limit.threads[String(threads)] ?? []);
  if (sizes === null || measured.length === 0)
    return section('Share of the machine’s limit', ['Unknown: the machine’s limits or the model’s sizes are.']);
  const most = (of: (limit: Limits) => number): number => Math.max(...measured.map(of));
  const best = { fp32Gflops: most((l) => l.fp32Gflops), int8Gops: most((l) => l.int8Gops), readGBs: most((l) => l.readGBs) };
  const notes = new Notes();
  const all = timedColumns(columns);
  const lines = own.map((runner) => [
    runner.name,
    ...all.map((column) => {
      const form = runner.form as Form;
      const least =
        column.row === 'encode'
          ? leastEncodeSeconds(sizes, column.tokens, form, best) / column.tokens
          : leastDecodeSeconds(sizes, column.tokens, form, best);
      return show(runner, column, { cells, notes, of: ({ tokensPerSecond }) => percent(least * (tokensPerSecond ?? 0)) });
    }),
  ]);
  return section('Share of the machine’s limit', [table([['', ...all.map(headOf)], ...lines]), notes.list()]);
}

function tokens({ columns, cells }: Results): string {
  const notes = new Notes();
  const all = columnSets[columns].filter((column) => column.row === 'tokens');
  const shown = (runner: Runner, column: Column): string => {
    const cell = cellOf(cells, runner.name, column);
    if (cell?.firstDifference === undefined) return `–${notes.mark(cell?.cannot ?? 'not run')}`;
    return cell.firstDifference === null ? 'all' : String(cell.firstDifference);
  };
  const lines = runners.map((runner) => [runner.name, ...all.map((column) => shown(runner, column))]);
  return section('Tokens equal to the reference’s, from the first on, of 50', [
    table([['', ...all.map(({ golden }) => golden)], ...lines]),
    notes.list(),
  ]);
}

/** A figure of a cell, or a dash with a note that says why there is none. */
function show(
  runner: Runner,
  column: Column,
  { cells, notes, what, of }: Source & { what?: string; of: (figure: Figure) => string },
): string {
  const cell = cellOf(cells, runner.name, column);
  const figure = what === undefined ? cell?.figures?.[0] : cell?.figures?.find((one) => one.what === what);
  return figure === undefined ? `–${notes.mark(cell?.cannot ?? 'not run')}` : of(figure);
}

function speedOf(cells: readonly Cell[], runner: string, column: Column): number | undefined {
  return cellOf(cells, runner, column)?.figures?.[0]?.tokensPerSecond ?? undefined;
}

function lengthsOf(columns: Results['columns'], row: TimedRow): number[] {
  return columnSets[columns].flatMap((column) => (column.row === row ? [column.tokens] : []));
}

function timedColumns(columns: Results['columns']): { row: 'encode' | 'decode'; tokens: number }[] {
  return (['encode', 'decode'] as const).flatMap((row) => lengthsOf(columns, row).map((length) => ({ row, tokens: length })));
}

function headOf({ row, tokens: length }: { row: 'encode' | 'decode'; tokens: number }): string {
  return `${row === 'encode' ? 'read' : 'answer'} ${length}`;
}

function rate(perSecond: number | null): string {
  return perSecond === null ? '' : perSecond.toFixed(perSecond < 100 ? 1 : 0);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function gigabytes({ peakBytes }: Figure): string {
  return (peakBytes / 1e9).toFixed(2);
}
