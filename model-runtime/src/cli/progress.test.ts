import { describe, expect, it } from 'vitest';
import { showBytes, showDuration, showMagnitude, showPageNumbers, showSeconds } from './amounts.ts';
import { createProgress, readingLine } from './progress.ts';

/** A stream that keeps what is written, and a clock that the test turns. */
function record(isTTY: boolean): { written: string[]; clock: { ms: number }; progress: ReturnType<typeof createProgress> } {
  const written: string[] = [];
  const clock = { ms: 0 };
  const progress = createProgress({ isTTY, columns: 20, write: (text) => written.push(text) }, () => clock.ms);
  return { written, clock, progress };
}

describe('progress', () => {
  it('rewrites one line on a terminal, never wider than it, and takes it away at the end', () => {
    const { written, clock, progress } = record(true);
    progress.show('page 1', 0.1);
    clock.ms = 40;
    progress.show('too soon', 0.2);
    clock.ms = 100;
    progress.show('a line that is wider than twenty columns', 0.3);
    progress.end();
    progress.end();
    expect(written).toEqual(['\r\u001b[2Kpage 1', '\r\u001b[2Ka line that is wid…', '\r\u001b[2K']);
  });

  it('elsewhere writes plain lines: each two seconds, or each tenth of the work, and none for what is quick', () => {
    const { written, clock, progress } = record(false);
    const at = (ms: number, fraction: number): void => {
      clock.ms = ms;
      progress.show(`${ms}`, fraction);
    };
    for (let fraction = 0; fraction < 1; fraction += 0.05) at(fraction * 400, fraction);
    expect(written).toEqual([]);
    progress.end();
    at(9000, 0.11);
    at(9400, 0.9);
    at(9600, 0.9);
    at(10_500, 0.91);
    at(11_600, 0.91);
    progress.end();
    expect(written).toEqual(['9600\n', '11600\n']);
  });

  it('says pages, tokens, rate, share and time left', () => {
    const event = {
      kind: 'progress',
      pagesRead: 12,
      pageCount: 50,
      tokens: 8431,
      fraction: 0.429,
      tokensPerSecond: 2310.4,
      secondsLeft: 83.2,
    } as const;
    expect(readingLine('a.pdf', event)).toBe('a.pdf: page 12 of 50, 8,431 tokens, 2,310 tokens/s, 42%, 1 min 23 s left');
    expect(readingLine('a.pdf', { ...event, pagesRead: 50, tokensPerSecond: 0, secondsLeft: null })).toBe(
      'a.pdf: 50 pages, 8,431 tokens, 42%',
    );
  });
});

it('amounts read as people write them', () => {
  expect([0, 999, 1000, 12_345_678, 999_999].map(showBytes)).toEqual(['0 bytes', '999 bytes', '1.0 kB', '12 MB', '1.0 MB']);
  expect([500, 7_012_345, 270_000_000].map(showMagnitude)).toEqual(['500', '7.0 M', '270 M']);
  expect([340, 12_340, 83_000, 3_700_000].map(showDuration)).toEqual(['0.34 s', '12.3 s', '1 min 23 s', '1 h 1 min']);
  expect([0.2, 59.6, 3599.7].map(showSeconds)).toEqual(['0 s', '1 min 0 s', '1 h 0 min']);
  expect([[], [1], [1, 2, 3, 5, 7, 8]].map(showPageNumbers)).toEqual(['', '1', '1-3, 5, 7-8']);
});
