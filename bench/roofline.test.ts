import { describe, expect, it } from 'vitest';
import type { LayerKind, ModelSizes, StackSizes } from '../model-runtime/src/manifest.ts';
import { leastDecodeSeconds, leastEncodeSeconds } from './roofline.ts';

const limits = { fp32Gflops: 200, int8Gops: 400, readGBs: 30 };
const rope = { full_attention: { theta: 1e6, factor: 8 }, sliding_attention: { theta: 1e4, factor: 1 } };

function sizesOf(stack: Omit<StackSizes, 'rmsNormEps' | 'attentionScale' | 'rope'>, hiddenSize: number, vocabSize: number): ModelSizes {
  const whole = { ...stack, rmsNormEps: 1e-6, attentionScale: 1, rope };
  return { vocabSize, hiddenSize, encoder: whole, decoder: whole, finalLogitSoftcap: null, contextTokens: 32_768 };
}

/** One layer of 2 * (2 * 4 + 2 * 4 + 3 * 8) = 80 weights. */
function tiny(kind: LayerKind): ModelSizes {
  return sizesOf({ layerTypes: [kind], intermediateSize: 8, heads: 1, kvHeads: 1, headDim: 4, slidingWindow: 4 }, 2, 5);
}

describe('the least time of encoding', () => {
  it('is that of linear layers at eight bits and of attention at float32', () => {
    // 10 rows see 10 rows, with 4 numbers of the key and 4 of the value.
    expect(leastEncodeSeconds(tiny('full_attention'), 10, 'int8', limits)).toBeCloseTo((2 * 800) / 400e9 + (2 * 800) / 200e9, 18);
    expect(leastEncodeSeconds(tiny('full_attention'), 10, 'int4', limits)).toBe(
      leastEncodeSeconds(tiny('full_attention'), 10, 'int8', limits),
    );
    expect(leastEncodeSeconds(tiny('full_attention'), 10, 'fp32', limits)).toBeCloseTo((2 * 800 + 2 * 800) / 200e9, 18);
  });

  it.each([1, 2, 3, 10])('E4: counts the pairs of a sliding layer as they are, %i rows', (rows) => {
    let pairs = 0;
    for (let i = 0; i < rows; i++) {
      // W = 4: 0 <= i - j < 2 or 0 < j - i < 3.
      for (let j = 0; j < rows; j++) if ((i - j >= 0 && i - j < 2) || (j - i > 0 && j - i < 3)) pairs++;
    }
    expect(leastEncodeSeconds(tiny('sliding_attention'), rows, 'fp32', limits)).toBeCloseTo((2 * 80 * rows + 2 * 8 * pairs) / 200e9, 18);
  });
});

describe('the least time of a step', () => {
  const layerTypes = Array.from({ length: 18 }, (_, index): LayerKind => (index % 6 === 5 ? 'full_attention' : 'sliding_attention'));
  const stack = { layerTypes, intermediateSize: 2048, heads: 4, kvHeads: 1, headDim: 256, slidingWindow: 512 };
  const sizes270m = sizesOf(stack, 640, 262_144);

  it('is that of reading every weight of the decoder and the head once', () => {
    const weights = 18 * 640 * (2 * 1024 + 2 * 256 + 3 * 2048) + 262_144 * 640;
    expect(leastDecodeSeconds(sizes270m, 0, 'fp32', limits)).toBeCloseTo((weights * 4) / 30e9, 9);
    expect(leastDecodeSeconds(sizes270m, 0, 'int8', limits)).toBeCloseTo((weights * (1 + 1 / 32)) / 30e9, 9);
    expect(leastDecodeSeconds(sizes270m, 0, 'int4', limits)).toBeCloseTo((weights * (1 / 2 + 1 / 8)) / 30e9, 9);
  });

  it('D3: and the keys and values of the whole document in every layer', () => {
    const document = leastDecodeSeconds(sizes270m, 1000, 'int8', limits) - leastDecodeSeconds(sizes270m, 0, 'int8', limits);
    expect(document).toBeCloseTo((1000 * 18 * 2 * 256 * 4) / 30e9, 9);
  });
});
