import { expect, it } from 'vitest';
import { goldenModel } from '../../test/golden-case.ts';
import { readManifest } from '../manifest.ts';
import { cachedBytes, firstForm, fitsCached } from './document-form.ts';

it('D8: keys and values where they fit into half of the memory at hand and are made soon, else the states alone', async () => {
  const { sizes } = await readManifest(await goldenModel('plain'));
  const { layerTypes, kvHeads, headDim } = sizes.decoder;
  const bytes = cachedBytes(sizes, 1000);
  expect(bytes).toBe(1000 * layerTypes.length * 2 * kvHeads * headDim * 4);
  expect(fitsCached(sizes, 1000, 2 * bytes)).toBe(true);
  expect(fitsCached(sizes, 1000, 2 * bytes - 1)).toBe(false);
  const cost = (bytes / 4) * sizes.hiddenSize;
  expect(firstForm(sizes, 1000, { availableBytes: 2 * bytes, mostCost: cost })).toBe('cached');
  expect(firstForm(sizes, 1000, { availableBytes: 2 * bytes, mostCost: cost - 1 })).toBe('absorbed');
  expect(firstForm(sizes, 1000, { availableBytes: 2 * bytes - 1, mostCost: cost })).toBe('absorbed');
});
