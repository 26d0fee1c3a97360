/** The graphs of a tiny model as text: a change of the model's computation shows up as a diff of these snapshots. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goldenFolder } from '../../test/golden-case.ts';
import type { ModelSizes, StackSizes } from '../manifest.ts';
import { dumpGraph } from '../onnx/dump.ts';
import type { StoredTensor } from '../onnx/graph.ts';
import { decoderDocumentGraph, decoderScalesGraph, decoderStepGraph } from './decoder.ts';
import type { Embedding } from './embedding.ts';
import { embedGraph, encoderEntryGraph, encoderLayerGraph } from './encoder.ts';
import { slidingBlocks, windowMask, windowReach } from './sliding-blocks.ts';
import { WeightTable, textShapes } from './weight-table.ts';

const { windows } = JSON.parse(readFileSync(join(goldenFolder, 'sliding-windows.json'), 'utf8')) as {
  windows: { window: number; encoder: { before: number; after: number } }[];
};

const stack: StackSizes = {
  layerTypes: ['sliding_attention', 'full_attention'],
  intermediateSize: 24,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  slidingWindow: 8,
  rmsNormEps: 1e-6,
  attentionScale: 8 ** -0.5,
  rope: { sliding_attention: { theta: 10_000, factor: 1 }, full_attention: { theta: 1_000_000, factor: 8 } },
};
const sizes: ModelSizes = { vocabSize: 50, hiddenSize: 16, encoder: stack, decoder: stack, finalLogitSoftcap: 30, contextTokens: 512 };

const weights = new WeightTable();
for (const [name, shape] of Object.entries(textShapes(sizes))) {
  const tensor: StoredTensor = { name, dtype: 'float32', shape, file: 'weights.bin', offset: 0, sizeBytes: 0 };
  if (shape.length === 2) weights.addMatrix(name, { steps: { form: 'fp32', matrix: tensor }, tiles: { form: 'fp32', matrix: tensor } });
  else weights.addVector(name, tensor);
}
const table: StoredTensor = {
  name: 'encoder.embed_tokens.weight',
  dtype: 'float32',
  shape: [50, 16],
  file: 'weights.bin',
  offset: 0,
  sizeBytes: 0,
};
const embedding: Embedding = { table: { form: 'fp32', matrix: table }, hiddenSize: 16, endOfImage: null };
const encoder = { sizes, weights: weights.tiles, blocks: slidingBlocks(stack.slidingWindow) };
const decoder = { sizes, weights, embedding };

describe('graphs', () => {
  it.each([
    ['embed', () => embedGraph(embedding)],
    ['encoder.entry', () => encoderEntryGraph(encoder)],
    ['encoder.layers.0 (sliding)', () => encoderLayerGraph(encoder, 0)],
    ['encoder.layers.1 (full, the last)', () => encoderLayerGraph(encoder, 1)],
    ['decoder.document', () => decoderDocumentGraph(decoder)],
    ['decoder.scales', () => decoderScalesGraph(decoder)],
    ['decoder.cached', () => decoderStepGraph(decoder, 'cached')],
    ['decoder.absorbed', () => decoderStepGraph(decoder, 'absorbed')],
  ])('%s', async (name, build) => {
    await expect(dumpGraph(build())).toMatchFileSnapshot(`__snapshots__/${name.replace(/ .*/, '')}.txt`);
  });
});

describe('sliding blocks', () => {
  it.each(windows)('E4: a window of $window reaches as far as the reference’s', ({ window, encoder: reach }) => {
    expect(windowReach(window)).toEqual(reach);
  });

  it.each([1, 2, 3, 7, 8, 16, 33, 512, 1024])(
    'E4: blocks of a window of %i hold every row that is seen, and the mask says which',
    (window) => {
      const blocks = slidingBlocks(window);
      const reach = windowReach(window);
      expect(blocks.before * blocks.rows).toBeGreaterThanOrEqual(reach.before);
      expect(blocks.after * blocks.rows).toBeGreaterThanOrEqual(reach.after);
      const mask = windowMask(window, blocks, -1);
      const width = mask.length / blocks.rows;
      for (let row = 0; row < blocks.rows; row++) {
        const seen = mask.subarray(row * width, (row + 1) * width).filter((value) => value === 0).length;
        expect(seen).toBe(reach.before + 1 + reach.after);
      }
    },
  );
});
