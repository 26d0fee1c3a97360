import { describe, expect, it } from 'vitest';
import { columnSets, commands, runners, whyNot } from './cells.ts';
import type { Runner } from './cells.ts';
import type { Cell, TimedRow } from './results.ts';

const setup = { work: 'work', models: 'work/models', python: 'python3', threads: 2, steps: 32, repeat: 3 };
const runner = (name: string): Runner => runners.find((known) => known.name === name)!;
const cell = (name: string, row: TimedRow, tokens: number): Cell => ({
  runner: name,
  column: { row, tokens },
  cannot: 'not done in 8 min',
});

describe('a cell', () => {
  it('is one process, of first tokens two', () => {
    const counts = columnSets.full.map((column) => commands(runner('Recto int8'), column, setup).length);
    expect(columnSets.full.map(({ row }) => (row === 'first' ? 2 : 1))).toEqual(counts);
  });

  it('of a long document is timed less often, by Recto and the peers alike', () => {
    const repeats = ['Recto int8', 'transformers fp32', 'llama.cpp Q8_0'].map((name) =>
      [512, 8192, 32_768].map((tokens) => {
        const [command = []] = commands(runner(name), { row: 'encode', tokens }, setup);
        return command[command.indexOf('--repeat') + 1];
      }),
    );
    expect(repeats).toEqual([
      ['3', '2', '1'],
      ['3', '2', '1'],
      ['3', '2', '1'],
    ]);
  });

  it('is not tried where a shorter one of its row was cut off', () => {
    const cells = [cell('transformers bf16', 'encode', 2048)];
    expect(whyNot(runner('transformers bf16'), { row: 'encode', tokens: 8192 }, cells)).toBe('not tried, as 2048 tokens were cut off');
    expect(whyNot(runner('transformers fp32'), { row: 'encode', tokens: 8192 }, cells)).toBeNull();
    expect(whyNot(runner('transformers bf16'), { row: 'decode', tokens: 8192 }, cells)).toBeNull();
  });

  it('of answering is not tried where the runner reads first and could not', () => {
    const cells = [cell('CTranslate2 int8', 'encode', 8192)];
    expect(whyNot(runner('CTranslate2 int8'), { row: 'decode', tokens: 8192 }, cells)).toContain('was cut off');
    expect(whyNot(runner('CTranslate2 int8'), { row: 'decode', tokens: 2048 }, cells)).toBeNull();
    expect(whyNot(runner('Recto int8'), { row: 'decode', tokens: 8192 }, [cell('Recto int8', 'encode', 8192)])).toBeNull();
  });

  it('beside no document has two tokens of one where the runner is a peer', () => {
    const [command = []] = commands(runner('CTranslate2 int8'), { row: 'decode', tokens: 0 }, setup);
    expect(command.slice(-4)).toEqual(['decode', '2', '--steps', '32']);
    expect(commands(runner('Recto int8'), { row: 'decode', tokens: 0 }, setup)[0]).toContain('0');
  });

  it('that asks for what Recto alone does is no peer’s', () => {
    expect(whyNot(runner('llama.cpp Q4_0'), { row: 'together', tokens: 2048 }, [])).toBe('measured of Recto alone');
    expect(whyNot(runner('Recto int4'), { row: 'encode', tokens: 512 }, [])).toBe('its encoder is that of int8');
  });
});
