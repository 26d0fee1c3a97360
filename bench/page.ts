/**
 * Makes the tables of docs/performance.md out of a run's results: what stands between its two marks is written anew, the prose
 * around them is left as it is.
 *
 *   node bench/page.ts RESULTS.json
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { lengthsOf, runners } from './cells.ts';
import type { Cell, Runner } from './cells.ts';
import type { Results } from './compare.ts';
import { leastDecodeSeconds, leastEncodeSeconds, shape270m } from './roofline.ts';
import type { Form } from './roofline.ts';

const page = 'docs/performance.md';
const marks = ['<!-- made by bench/page.ts: -->', '<!-- :made by bench/page.ts -->'] as const;

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('wanted: node bench/page.ts RESULTS.json');
const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
const text = readFileSync(page, 'utf8');
const [before, rest] = text.split(marks[0]);
const [, after] = (rest ?? '').split(marks[1]);
if (before === undefined || after === undefined) throw new Error(`${page} lacks its marks`);
const notes: string[] = [];
writeFileSync(page, `${before}${marks[0]}\n\n${tables(results)}\n\n${marks[1]}${after}`);

function tables({ date, node, limits, cells }: Results): string {
  const now = limits.before.threads['2'];
  const later = limits.after?.threads['2'];
  const range = (of: (limit: typeof now) => number): string =>
    later === undefined ? of(now).toFixed(0) : `${of(now).toFixed(0)} (after the run ${of(later).toFixed(0)})`;
  const parts = [
    `${limits.before.cpu}, 2 threads (${limits.before.int8Instructions}), Node ${node}, ${date}. Its own limits, measured: ${range((l) => l.fp32Gflops)} GFLOP/s in float32, ${range((l) => l.int8Gops)} GOP/s in eight bits, ${range((l) => l.readGBs)} GB/s read.`,
    `### Reading: tokens a second\n\n${speeds('encode', cells)}`,
    `### Answering: tokens a second, by the document's length\n\n${speeds('decode', cells)}`,
    `### Share of the machine's limit\n\n${shares(results)}`,
    `### Peak memory of a process, GB\n\n${memory(cells)}`,
    `### Recto alone\n\n${alone(cells)}`,
  ];
  return [...parts, notes.map((note, index) => `${index + 1}. ${note}`).join('\n')].join('\n\n');
}

function speeds(row: 'encode' | 'decode', cells: readonly Cell[]): string {
  const lengths = lengthsOf(row);
  const speed = (runner: Runner, tokens: number): number | undefined =>
    cellOf(cells, runner, row, tokens)?.figures?.[0]?.tokensPerSecond ?? undefined;
  const lines = runners.map((runner) => [
    runner.name,
    ...lengths.map((tokens) =>
      show(cells, runner, row, tokens, (figure) => figure.tokensPerSecond?.toFixed(figure.tokensPerSecond < 100 ? 1 : 0) ?? ''),
    ),
  ]);
  const ratio = (mine: string): string[] =>
    lengths.map((tokens) => {
      const own = speed(runners.find(({ name }) => name === mine) ?? { name: mine, kind: 'recto', form: '' }, tokens);
      const peers = runners.filter(({ kind }) => kind !== 'recto').flatMap((runner) => speed(runner, tokens) ?? []);
      return own === undefined || peers.length === 0 ? '' : `**${(own / Math.max(...peers)).toFixed(2)}x**`;
    });
  const compared = row === 'encode' ? ['Recto int8'] : ['Recto int8', 'Recto int4'];
  return table(['', ...lengths.map(String)], [...lines, ...compared.map((mine) => [`**${mine} to the fastest peer**`, ...ratio(mine)])]);
}

function shares({ cells, limits }: Results): string {
  const machine = limits.before.threads['2'];
  const share = (runner: Runner, row: 'encode' | 'decode', tokens: number): string => {
    const speed = cellOf(cells, runner, row, tokens)?.figures?.[0]?.tokensPerSecond;
    if (speed === undefined || speed === null) return '';
    const form = runner.form as Form;
    const least =
      row === 'encode'
        ? leastEncodeSeconds(shape270m, tokens, form, machine) / tokens
        : leastDecodeSeconds(shape270m, tokens, form, machine);
    return `${(100 * least * speed).toFixed(0)} %`;
  };
  const own = runners.filter(({ kind }) => kind === 'recto');
  return table(
    ['', ...lengthsOf('encode').map((tokens) => `read ${tokens}`), ...lengthsOf('decode').map((tokens) => `answer ${tokens}`)],
    own.map((runner) => [
      runner.name,
      ...lengthsOf('encode').map((tokens) => share(runner, 'encode', tokens)),
      ...lengthsOf('decode').map((tokens) => share(runner, 'decode', tokens)),
    ]),
  );
}

function memory(cells: readonly Cell[]): string {
  const head = ['', ...lengthsOf('encode').map((tokens) => `read ${tokens}`), ...lengthsOf('decode').map((tokens) => `answer ${tokens}`)];
  const peak = (runner: Runner, row: 'encode' | 'decode', tokens: number): string => {
    const bytes = cellOf(cells, runner, row, tokens)?.figures?.[0]?.peakBytes;
    return bytes === undefined ? '' : (bytes / 1e9).toFixed(1);
  };
  return table(
    head,
    runners.map((runner) => [
      runner.name,
      ...lengthsOf('encode').map((tokens) => peak(runner, 'encode', tokens)),
      ...lengthsOf('decode').map((tokens) => peak(runner, 'decode', tokens)),
    ]),
  );
}

function alone(cells: readonly Cell[]): string {
  const lines: string[][] = [];
  for (const { runner, column, figures } of cells) {
    if (column.row === 'encode' || column.row === 'decode') continue;
    for (const { what, seconds, tokensPerSecond } of figures ?? []) {
      const name = {
        quoting: what === 'quoting' ? 'an answer that quotes the document throughout' : 'the same without drafts',
        together: 'four questions together',
        first: `first token, ${what}`,
      }[column.row];
      lines.push([
        `${name}, ${column.tokens} tokens`,
        runner,
        tokensPerSecond === null ? `${seconds.toFixed(2)} s` : `${tokensPerSecond.toFixed(1)} tokens/s`,
      ]);
    }
  }
  return table(['', '', ''], lines);
}

function cellOf(cells: readonly Cell[], runner: Runner, row: string, tokens: number): Cell | undefined {
  return cells.find((cell) => cell.runner === runner.name && cell.column.row === row && cell.column.tokens === tokens);
}

/** A figure, or a dash with a note that says why there is none. */
function show(
  cells: readonly Cell[],
  runner: Runner,
  row: string,
  tokens: number,
  of: (figure: NonNullable<Cell['figures']>[number]) => string,
): string {
  const cell = cellOf(cells, runner, row, tokens);
  const figure = cell?.figures?.[0];
  if (figure !== undefined) return of(figure);
  const why = cell?.cannot ?? 'not run';
  let number = notes.indexOf(why) + 1;
  if (number === 0) number = notes.push(why);
  return `– (${number})`;
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n');
}
