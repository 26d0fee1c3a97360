/**
 * Recto against the reference on every golden checkpoint: embeddings, encoder states, logits, greedy tokens.
 * Set RECTO_GOLDEN_TABLE=1 to have the figures printed as the table of docs/parity.md.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { Decoder } from '../src/answering/decoder.ts';
import { generate } from '../src/answering/generate.ts';
import { readManifest } from '../src/manifest.ts';
import { EncoderRun } from '../src/reading/encoder-run.ts';
import { closeEncoder, openEncoder } from '../src/reading/encoder-sessions.ts';
import { GraphFolder } from '../src/session/graph-folder.ts';
import { forwardPass } from '../src/tasks/forward.ts';
import { integers } from '../src/tensors/tensor.ts';
import { goldenModel, goldenNames, largestDifference, pickRows, readGolden, smallestCosine } from './golden-case.ts';

const tolerance = 3e-5;
const table: string[] = [];

afterAll(() => {
  if (process.env['RECTO_GOLDEN_TABLE'] === undefined) return;
  const head =
    '| checkpoint | tokens in | worst encoder error | worst logit error | step by step, cached | step by step, absorbed | greedy tokens equal |\n|---|---|---|---|---|---|---|';
  process.stdout.write(`\n${head}\n${table.join('\n')}\n`);
});

describe.each(goldenNames)('golden checkpoint %s, fp32', (name) => {
  it('E1, E2: embeddings are exact', async () => {
    const folder = await goldenModel(name);
    const golden = await readGolden(name);
    const manifest = await readManifest(folder);
    const encoder = await openEncoder(new GraphFolder(folder), manifest);
    const outputs = await encoder.embed.run({ ids: integers(golden.inputIds) });
    expect(pickRows(outputs.floats('hidden'), manifest.sizes.hiddenSize, golden.encoderRows)).toEqual(golden.embeddings);
    await closeEncoder(encoder);
  });

  it('E5, D4, D6, D8: states and logits within 3e-5, cached as uncached, in both forms of the document; 50 greedy tokens the same', async () => {
    const folder = await goldenModel(name);
    const golden = await readGolden(name);
    const manifest = await readManifest(folder);
    const whole = await forwardPass(folder, golden);
    const encoderError = largestDifference(pickRows(whole.states, whole.hiddenSize, golden.encoderRows), golden.states);
    const logitError = largestDifference(whole.logits, golden.logits);
    expect(encoderError).toBeLessThanOrEqual(tolerance);
    expect(logitError).toBeLessThanOrEqual(tolerance);

    const decoder = new Decoder(new GraphFolder(folder), manifest);
    const errors: number[] = [];
    for (const form of ['cached', 'absorbed'] as const) {
      const document = await decoder.documentRows([whole], { form });
      const past = decoder.newPast(4); // fewer than needed: it must grow
      const stepped = new Float32Array(golden.logits.length);
      for (const [index, id] of golden.decoderInputIds.entries()) {
        const tokens = { ids: [id], positions: [index], texts: [0] };
        stepped.set(await decoder.step(tokens, { document, past }, [0]), index * whole.vocabSize);
      }
      errors.push(largestDifference(stepped, golden.logits));
      expect(largestDifference(stepped, whole.logits), form).toBeLessThanOrEqual(tolerance);
      expect(errors.at(-1), form).toBeLessThanOrEqual(tolerance);

      const greedy: number[] = [];
      const options = { prompts: [[manifest.tokens.bos]], document, tokens: { ...manifest.tokens, eos: [] } };
      for await (const { ids } of generate(decoder, { ...options, maxTokens: golden.greedyIds.length })) greedy.push(...ids);
      expect(greedy, form).toEqual(golden.greedyIds);
    }
    await decoder.close();

    expect(golden.greedyIds).toHaveLength(50);
    const figures = [encoderError, logitError, ...errors].map((error) => error.toExponential(1)).join(' | ');
    table.push(`| ${name} | ${golden.inputIds.length} | ${figures} | 50 of 50 |`);
  });
});

describe('tiles', () => {
  it.each([8, 16, 24, 64, 152])('E5: tiles of %i rows give the states of one tile', async (tileRows) => {
    const golden = await readGolden('window');
    const manifest = await readManifest(await goldenModel('window'));
    const rows = Math.ceil(tileRows / manifest.slidingBlocks.rows) * manifest.slidingBlocks.rows;
    const whole = await forwardPass(await goldenModel('window'), golden, { tileRows: rows });
    expect(largestDifference(whole.states, golden.states)).toBeLessThanOrEqual(tolerance);
  });

  it('E5: every length around a tile border', async () => {
    const golden = await readGolden('window');
    const folder = await goldenModel('window');
    const manifest = await readManifest(folder);
    const encoder = await openEncoder(new GraphFolder(folder), manifest);
    const statesOf = async (ids: readonly number[], tileRows: number): Promise<Float32Array> => {
      const run = new EncoderRun(encoder, manifest, { tileRows });
      run.append(ids);
      run.end();
      while (await run.advance());
      return run.states();
    };
    for (let length = 1; length <= 40; length++) {
      const ids = golden.inputIds.slice(0, length);
      const [small, large] = [await statesOf(ids, 16), await statesOf(ids, 1024)];
      expect(largestDifference(small, large), `length ${length}`).toBeLessThanOrEqual(tolerance);
    }
    await closeEncoder(encoder);
  });

  it('E6: rows that arrive in portions give the states of rows that arrive at once', async () => {
    const golden = await readGolden('window');
    const folder = await goldenModel('window');
    const manifest = await readManifest(folder);
    const encoder = await openEncoder(new GraphFolder(folder), manifest);
    const run = new EncoderRun(encoder, manifest, { tileRows: 16 });
    let tilesBeforeEnd = 0;
    for (let from = 0; from < golden.inputIds.length; from += 13) {
      run.append(golden.inputIds.slice(from, from + 13));
      while (await run.advance()) tilesBeforeEnd++;
    }
    run.end();
    while (await run.advance());
    await closeEncoder(encoder);
    expect(tilesBeforeEnd).toBeGreaterThan(5); // R2: work is done before the document has ended
    expect(largestDifference(run.states(), golden.states)).toBeLessThanOrEqual(tolerance);
  });
});

describe('int8', () => {
  it('E7: the cosine of every row of states is at least 0.999', async () => {
    const golden = await readGolden('plain');
    const whole = await forwardPass(await goldenModel('plain', 'int8'), golden);
    expect(smallestCosine(whole.states, golden.states, whole.hiddenSize)).toBeGreaterThanOrEqual(0.999);
  });
});

describe('int4', () => {
  it('E7: the encoder is that of int8; the decoder’s logits are near the reference’s', async () => {
    const golden = await readGolden('plain');
    const [four, eight] = [
      await forwardPass(await goldenModel('plain', 'int4'), golden),
      await forwardPass(await goldenModel('plain', 'int8'), golden),
    ];
    // All but the table it reads from, which has four bits too.
    expect(smallestCosine(four.states, eight.states, four.hiddenSize)).toBeGreaterThan(0.95);
    expect(smallestCosine(four.logits, golden.logits, four.vocabSize)).toBeGreaterThan(0.9);
  });
});

describe('several documents', () => {
  it('D2: rows of two documents may stand in either order', async () => {
    const golden = await readGolden('plain');
    const folder = await goldenModel('plain');
    const manifest = await readManifest(folder);
    const half = (ids: readonly number[]): Promise<{ states: Float32Array<ArrayBuffer> }> =>
      forwardPass(folder, { inputIds: ids, decoderInputIds: [2] });
    const [first, second] = [await half(golden.inputIds.slice(0, 17)), await half(golden.inputIds.slice(17))];
    const decoder = new Decoder(new GraphFolder(folder), manifest);
    const logitsOf = async (states: Float32Array<ArrayBuffer>[]): Promise<Float32Array> => {
      const caches = { document: await decoder.documentRows(states.map((rows) => ({ states: rows }))), past: decoder.newPast(4) };
      return decoder.step({ ids: [2, 7, 9], positions: [0, 1, 2], texts: [0, 0, 0] }, caches, [0, 1, 2]);
    };
    const [there, back] = [await logitsOf([first.states, second.states]), await logitsOf([second.states, first.states])];
    await decoder.close();
    expect(largestDifference(there, back)).toBeLessThanOrEqual(tolerance);
  });
});
