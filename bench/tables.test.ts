import { describe, expect, it } from 'vitest';
import type { Cell, Results, TimedRow } from './results.ts';
import { pageOf } from './tables.ts';

const cell = (runner: string, row: TimedRow, tokens: number, speed: number): Cell => ({
  runner,
  column: { row, tokens },
  figures: [{ what: row, seconds: tokens / speed, tokensPerSecond: speed, peakBytes: 1.5e9 }],
});
const late = (runner: string, row: TimedRow, tokens: number): Cell => ({ runner, column: { row, tokens }, cannot: 'not done in 8 min' });

const results: Results = {
  columns: 'full',
  date: '2026-01-02',
  cpu: 'a processor',
  threads: 2,
  node: 'v24.0.0',
  recto: 'abc1234',
  sizes: null,
  limits: [{ time: '2026-01-02T00:00:00Z', cannot: 'spawn gcc ENOENT' }],
  cells: [
    cell('Recto int8', 'encode', 512, 900),
    cell('CTranslate2 int8', 'encode', 512, 600),
    cell('llama.cpp Q8_0', 'encode', 512, 450.4),
    cell('Recto int8', 'encode', 8192, 500),
    late('CTranslate2 int8', 'encode', 8192),
    { runner: 'Recto int8', column: { row: 'tokens', golden: 'plain' }, firstDifference: 17 },
    { runner: 'Recto fp32', column: { row: 'tokens', golden: 'plain' }, firstDifference: null },
  ],
};

/** The cells of a line of the section that begins with this heading. */
function line(heading: string, name: string): string[] {
  const section =
    pageOf(results)
      .split('### ')
      .find((part) => part.startsWith(heading)) ?? '';
  const found = section.split('\n').find((one) => one.startsWith(`| ${name} `)) ?? '';
  return found
    .split('|')
    .slice(2, -1)
    .map((part) => part.trim());
}

describe('the page', () => {
  it('has the fastest peer of each column in bold, and Recto’s ratio to it', () => {
    expect(line('Reading', 'CTranslate2 int8')[0]).toBe('**600**');
    expect(line('Reading', 'llama.cpp Q8_0')[0]).toBe('450');
    expect(line('Reading', 'Recto int8 / fastest peer')).toEqual(['1.50 x', '–', '–', '–']);
  });

  it('says in a note why a cell is empty', () => {
    expect(line('Reading', 'CTranslate2 int8')[2]).toMatch(/^–<sup>\d+<\/sup>$/);
    expect(pageOf(results)).toMatch(/^\d+\. not done in 8 min$/m);
    expect(pageOf(results)).toMatch(/^\d+\. spawn gcc ENOENT$/m);
  });

  it('computes book mode from the cell of one window, and says so', () => {
    expect(line('Reading', 'Recto int8, book mode')[3]).toMatch(/^500<sup>\d+<\/sup>$/);
    expect(pageOf(results)).toContain('computed: 4 x the cell of Recto int8 at 8192');
  });

  it('says up to where tokens are equal', () => {
    expect(line('Tokens equal', 'Recto int8')[0]).toBe('17');
    expect(line('Tokens equal', 'Recto fp32')[0]).toBe('all');
  });

  it('is aligned: every line of a table is as long as the others', () => {
    for (const part of pageOf(results)
      .split('\n\n')
      .filter((one) => one.startsWith('|'))) {
      expect(new Set(part.split('\n').map((one) => [...one].length)).size).toBe(1);
    }
  });
});
