import { expect, it } from 'vitest';
import { goldenModel } from '../../test/golden-case.ts';
import { readManifest } from '../manifest.ts';
import { cachedBytes, documentFormFor } from './document-form.ts';

it('D8: keys and values where they fit into half of the memory at hand, the states alone where they do not', async () => {
  const { sizes } = await readManifest(await goldenModel('plain'));
  const { layerTypes, kvHeads, headDim } = sizes.decoder;
  const bytes = cachedBytes(sizes, 1000);
  expect(bytes).toBe(1000 * layerTypes.length * 2 * kvHeads * headDim * 4);
  expect(documentFormFor(sizes, 1000, 2 * bytes)).toBe('cached');
  expect(documentFormFor(sizes, 1000, 2 * bytes - 1)).toBe('absorbed');
});
