import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goldenCheckpoint, goldenFolder, goldenModel, goldenNames } from '../../test/golden-case.ts';
import type { LayerKind } from '../manifest.ts';
import { readManifest } from '../manifest.ts';
import { SafetensorsFile } from '../tensors/safetensors.ts';
import { inverseFrequencies } from './rope.ts';

describe.each(goldenNames)('inverse frequencies of %s', (name) => {
  it.each<LayerKind>(['sliding_attention', 'full_attention'])(
    'C1, C2, E3: %s layers turn as the reference’s do, bit for bit',
    async (kind) => {
      const { rope, headDim } = (await readManifest(await goldenModel(name))).sizes.encoder;
      const file = await SafetensorsFile.open(join(goldenFolder, name, 'case.safetensors'));
      const golden = await file.readFloats(`rope_inverse_frequencies.${kind}`);
      await file.close();
      expect(inverseFrequencies(rope[kind], headDim), goldenCheckpoint(name)).toEqual(golden);
    },
  );
});
