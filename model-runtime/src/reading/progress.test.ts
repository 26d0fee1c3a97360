/** The time left, over a clock of this test's own and machines that it makes up. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelSizes } from '../manifest.ts';
import { addWork, encodingWork, noWork, tileWork } from './cost.ts';
import { Pace, ReadingMeter } from './progress.ts';

const rope = { theta: 10_000, factor: 1 };
const stack = {
  layerTypes: Array.from({ length: 18 }, (_, layer) =>
    (layer + 1) % 6 === 0 ? ('full_attention' as const) : ('sliding_attention' as const),
  ),
  intermediateSize: 2048,
  heads: 4,
  kvHeads: 1,
  headDim: 256,
  slidingWindow: 512,
  rmsNormEps: 1e-6,
  attentionScale: 1 / 16,
  rope: { full_attention: rope, sliding_attention: rope },
};
const sizes: ModelSizes = {
  vocabSize: 1000,
  hiddenSize: 640,
  encoder: stack,
  decoder: stack,
  finalLogitSoftcap: null,
  contextTokens: 131_072,
};
const [rows, pageCount] = [1024, 100];

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** Reads a document layer by layer on a machine where full attention is so slow; returns what was said at each tile and what was true. */
function read(
  lookingWeight: number,
  { documentRows, pace }: { documentRows: number; pace: Pace },
): { fraction: number; said: number | null; left: number }[] {
  const meter = new ReadingMeter(pageCount, pace);
  const told: { fraction: number; said: number | null; atMs: number }[] = [];
  let done = noWork;
  meter.start();
  for (const layer of stack.layerTypes.keys()) {
    for (let from = 0; from < documentRows; from += rows) {
      const work = tileWork(sizes, layer, { rows, documentRows });
      const elapsedMs = (work.steady + lookingWeight * work.looking) * 1e-8;
      vi.advanceTimersByTime(elapsedMs);
      meter.note(work, elapsedMs);
      done = addWork(done, work);
      const standing = { pagesRead: pageCount, tokens: documentRows, done, workOf: (tokens: number) => encodingWork(sizes, tokens) };
      const { fraction, secondsLeft } = meter.report(standing);
      told.push({ fraction, said: secondsLeft, atMs: performance.now() });
    }
  }
  const endMs = performance.now();
  return told.map(({ fraction, said, atMs }) => ({ fraction, said, left: (endMs - atMs) / 1000 }));
}

/** The largest error of the time left, as a share of it, from a fraction on; the last moments say nothing. */
function worst(told: ReturnType<typeof read>, from: number): number {
  const meant = told.filter(({ fraction }) => fraction >= from && fraction < 0.98);
  return Math.max(...meant.map(({ said, left }) => Math.abs((said ?? Infinity) / left - 1)));
}

describe('ReadingMeter', () => {
  it.each([0.5, 1.1, 1.7, 4])(
    'R9: the time left is right within a fifth after the first tenth, where full attention weighs %d',
    (weight) => {
      expect(worst(read(weight, { documentRows: 32_768, pace: new Pace() }), 0.1)).toBeLessThan(0.2);
    },
  );

  it('R9: what one document could not know in time, the next one knows', () => {
    const pace = new Pace();
    expect(worst(read(4, { documentRows: 8192, pace }), 0.1)).toBeGreaterThan(0.2);
    expect(worst(read(4, { documentRows: 8192, pace }), 0.1)).toBeLessThan(0.05);
  });
});
