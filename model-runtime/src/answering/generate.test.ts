import { describe, expect, it } from 'vitest';
import { goldenModel, readGolden } from '../../test/golden-case.ts';
import { invariant } from '../errors.ts';
import { readManifest } from '../manifest.ts';
import { GraphFolder } from '../session/graph-folder.ts';
import { forwardPass } from '../tasks/forward.ts';
import { Decoder } from './decoder.ts';
import { DraftSource } from './drafts.ts';
import { generate, mostLikely, probabilityOf } from './generate.ts';
import type { Generated, GeneratedTokens } from './generate.ts';

const folder = await goldenModel('plain');
const golden = await readGolden('plain');
const { tokens } = await readManifest(folder);
const decoder = new Decoder(new GraphFolder(folder), await readManifest(folder));
const document = await decoder.documentRows([await forwardPass(folder, golden)]);
const common = { prompts: [[tokens.bos]], document, tokens };

type Whole = Generated & { ids: number[] };

/** Every text as it ended. */
async function texts(generated: AsyncGenerator<GeneratedTokens, void>): Promise<Whole[]> {
  const ids: number[][] = [];
  const whole: Whole[] = [];
  for await (const { text, ids: added, ended } of generated) {
    const written = (ids[text] ??= []);
    written.push(...added);
    if (ended !== undefined) whole[text] = { ...ended, ids: written };
  }
  return whole;
}

async function all(generated: AsyncGenerator<GeneratedTokens, void>): Promise<Whole> {
  const [only] = await texts(generated);
  invariant(only !== undefined, 'one text');
  return only;
}

describe('generate', () => {
  it('D6: ends at any end token, which is not part of the answer', async () => {
    const end = golden.greedyIds[7] ?? 0;
    const expected = golden.greedyIds.slice(0, golden.greedyIds.indexOf(end));
    expect(await all(generate(decoder, { ...common, tokens: { ...tokens, eos: [1, end] }, maxTokens: 50 }))).toMatchObject({
      ids: expected,
      finish: 'end',
    });
  });

  it('D6: ends at the limit', async () => {
    const generated = generate(decoder, { ...common, tokens: { ...tokens, eos: [] }, maxTokens: 5 });
    expect(await all(generated)).toMatchObject({ ids: golden.greedyIds.slice(0, 5), finish: 'max-tokens' });
  });

  it('D6, R6: a cancel is heard between tokens', async () => {
    const abort = new AbortController();
    const generated = generate(decoder, { ...common, tokens: { ...tokens, eos: [] }, maxTokens: 50, signal: abort.signal });
    await generated.next();
    abort.abort();
    await expect(generated.next()).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('D11: knows how likely the whole text is, with drafts and without', async () => {
    const expected = golden.greedyIds.slice(0, 10);
    const { logits, vocabSize } = await forwardPass(folder, { ...golden, decoderInputIds: [tokens.bos, ...expected.slice(0, -1)] });
    const product = expected.reduce((soFar, id, place) => {
      const exponentials = logits.subarray(place * vocabSize, (place + 1) * vocabSize).map(Math.exp);
      return (soFar * (exponentials[id] ?? 0)) / exponentials.reduce((sum, one) => sum + one);
    }, 1);
    expect(product).toBeLessThan(0.9);
    for (const drafts of [undefined, new DraftSource(expected)]) {
      const generated = generate(decoder, {
        ...common,
        tokens: { ...tokens, eos: [] },
        maxTokens: expected.length,
        drafts,
        tellsProbability: true,
      });
      expect(((await all(generated)).probability ?? 0) / product).toBeCloseTo(1, 4);
    }
    expect(probabilityOf(Float32Array.of(-Infinity, 3, 3, 2), 1)).toBeCloseTo(1 / (2 + Math.exp(-1)), 6);
  });

  it('D6: never yields a suppressed id', async () => {
    const suppressed: [number, number][] = [[golden.greedyIds[0] ?? 0, golden.greedyIds[0] ?? 0]];
    const { ids } = await all(generate(decoder, { ...common, tokens: { ...tokens, eos: [], suppressed }, maxTokens: 20 }));
    expect(ids).not.toContain(golden.greedyIds[0]);
  });
});

describe('generate with drafts', () => {
  const plain = golden.greedyIds;
  const other = plain.map((id) => (id + 1) % 50);
  const generated = (source: readonly number[], options: { eos?: number[]; maxTokens?: number } = {}): Promise<Whole> =>
    all(
      generate(decoder, {
        ...common,
        tokens: { ...tokens, eos: options.eos ?? [] },
        maxTokens: options.maxTokens ?? plain.length,
        drafts: new DraftSource(source),
      }),
    );

  it('D7: a document that holds the whole answer saves most of the steps', async () => {
    const { ids, steps, accepted, drafted } = await generated(plain);
    expect(ids).toEqual(plain);
    expect(steps).toBeLessThan(plain.length / 2);
    expect(accepted).toBeGreaterThan(plain.length / 2);
    expect(drafted).toBeGreaterThanOrEqual(accepted);
  });

  it('D7: guesses that go wrong at any place change nothing', async () => {
    for (let from = 1; from < plain.length; from += 3) {
      const source = [...plain.slice(0, from), ...other.slice(from, from + 2), ...plain.slice(from - 1)];
      const { ids, drafted, accepted } = await generated(source);
      expect(ids, `wrong after ${from}`).toEqual(plain);
      expect(drafted, `wrong after ${from}`).toBeGreaterThan(accepted);
    }
  });

  it('D6, D7: an end token or the limit inside a draft ends the answer there', async () => {
    const end = plain[17] ?? 0;
    expect(await generated(plain, { eos: [end] })).toMatchObject({ ids: plain.slice(0, plain.indexOf(end)), finish: 'end' });
    for (const maxTokens of [1, 2, 6, 11]) {
      expect(await generated(plain, { maxTokens })).toMatchObject({ ids: plain.slice(0, maxTokens), finish: 'max-tokens' });
    }
  });
});

describe('several texts side by side', () => {
  const prompts = [[tokens.bos], [tokens.bos, 17, 30, 5], [tokens.bos, 40], [tokens.bos, 8, 8, 8, 8, 8, 8]];
  const options = { ...common, tokens: { ...tokens, eos: [golden.greedyIds[23] ?? 0] }, maxTokens: 40 };

  it('D9: each is what it is alone, with drafts and without, while others end', async () => {
    const alone: number[][] = [];
    for (const prompt of prompts) alone.push((await all(generate(decoder, { ...options, prompts: [prompt] }))).ids);
    expect(new Set(alone.map(({ length }) => length)).size).toBeGreaterThan(1); // they end at different steps
    for (const drafts of [
      undefined,
      new DraftSource(alone.flat()),
      new DraftSource(alone.flat().map((id, i) => (i % 5 === 4 ? id + 1 : id))),
    ]) {
      const together = await texts(generate(decoder, { ...options, prompts, drafts }));
      expect(together.map(({ ids }) => ids)).toEqual(alone);
    }
  });

  it('D9: a step is shared', async () => {
    let steps = 0;
    const counting = {
      newPast: (rows: number) => decoder.newPast(rows),
      step: (...args: Parameters<Decoder['step']>) => (steps++, decoder.step(...args)),
    };
    const together = await texts(generate(counting, { ...options, prompts }));
    expect(steps).toBe(Math.max(...together.map((text) => text.steps)));
  });
});

describe('mostLikely', () => {
  it('takes the first of the largest, outside suppressed ranges', () => {
    const logits = Float32Array.of(1, 5, 3, 5, 4);
    expect(mostLikely(logits, [])).toBe(1);
    expect(mostLikely(logits, [[1, 1]])).toBe(3);
    expect(
      mostLikely(logits, [
        [0, 1],
        [3, 4],
      ]),
    ).toBe(2);
  });
});
