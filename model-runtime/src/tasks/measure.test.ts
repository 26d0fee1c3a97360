import { expect, it } from 'vitest';
import { goldenModel } from '../../test/golden-case.ts';
import { LoadedModel } from '../loaded-model.ts';
import { measure } from './measure.ts';

it('times reading, answering and beginning to answer', async () => {
  const model = await LoadedModel.open(await goldenModel('plain'));
  const options = { repetitions: 1, steps: 6 };
  const encode = await measure(model, { row: 'encode', tokens: 40 }, options);
  expect(encode.tokensPerSecond).toBeCloseTo(40 / encode.seconds);
  const windows = await measure(model, { row: 'encode', tokens: 40, windowTokens: 16 }, options);
  expect(windows).toMatchObject({ tokens: 40, windowTokens: 16 });
  for (const form of ['cached', 'absorbed'] as const) {
    const alone = await measure(model, { row: 'decode', tokens: 30, form }, options);
    expect(alone.tokensPerSecond).toBeCloseTo(6 / alone.seconds);
    const together = await measure(model, { row: 'decode', tokens: 0, form, texts: 3 }, options);
    expect(together.tokensPerSecond).toBeCloseTo(18 / together.seconds);
    const first = await measure(model, { row: 'first-token', tokens: 30, form, reopened: true }, options);
    expect(first).toMatchObject({ tokensPerSecond: null, reopened: true });
    expect(first.peakBytes).toBeGreaterThan(10_000_000);
  }
  const quoting = await measure(model, { row: 'decode', tokens: 30, form: 'cached', quotes: true }, { repetitions: 1, steps: 40 });
  expect(quoting.accepted).toBeGreaterThan(0);
  await model.close();
});
