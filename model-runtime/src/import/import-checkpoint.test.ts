import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goldenCheckpoint, goldenModel, goldenNames, temporaryFolder } from '../../test/golden-case.ts';
import type { GoldenName } from '../../test/golden-case.ts';
import { importCheckpoint } from './import-checkpoint.ts';
import { readManifest } from '../manifest.ts';
import { SafetensorsFile, sourceOf, writeSafetensors } from '../tensors/safetensors.ts';
import { floats } from '../tensors/tensor.ts';

const folder = temporaryFolder();

/** A copy of a golden checkpoint that a test may damage. */
function copyOf(name: GoldenName): string {
  const copy = join(temporaryFolder(), name);
  cpSync(goldenCheckpoint(name), copy, { recursive: true });
  return copy;
}

/** Rewrites a checkpoint's only weights file with some tensors changed, renamed or left out. */
async function rewrite(
  checkpoint: string,
  change: (name: string) => { name: string; values?: Float32Array<ArrayBuffer>; shape?: number[] }[],
): Promise<void> {
  const path = join(checkpoint, 'model.safetensors');
  const file = await SafetensorsFile.open(path);
  const tensors = [];
  for (const entry of file.entries.values()) {
    for (const { name, values, shape } of change(entry.name)) {
      tensors.push(sourceOf(name, floats(values ?? (await file.readFloats(entry.name)), shape ?? entry.shape)));
    }
  }
  await file.close();
  await writeSafetensors(path, tensors);
}

function importTo(checkpoint: string, outFolder: string): Promise<unknown> {
  return importCheckpoint({ folder: checkpoint, outFolder, name: 'm', precision: 'fp32' });
}

describe('importCheckpoint', () => {
  it.each(goldenNames)('I2, I4: %s: every file is recorded with its size and sha256, weights are aligned', async (name) => {
    const model = await goldenModel(name);
    const { files } = await readManifest(model);
    expect(Object.keys(files).sort()).toEqual(
      readdirSync(model)
        .filter((file) => file !== 'manifest.json')
        .sort(),
    );
    for (const [file, { sha256, sizeBytes }] of Object.entries(files)) {
      const bytes = readFileSync(join(model, file));
      expect(bytes.length).toBe(sizeBytes);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
    const offsets = [
      ...readFileSync(join(model, 'decoder.cached.onnx'))
        .toString('latin1')
        .matchAll(/offset\x12.(\d+)/g),
    ].map(([, offset]) => Number(offset));
    expect(offsets.length).toBeGreaterThan(10);
    expect(offsets.filter((offset) => offset % 4096 !== 0)).toEqual([]);
  });

  it('I3: the tied table is stored once', async () => {
    const { sizes, files } = await readManifest(await goldenModel('plain', 'int8'));
    const tableBytes = sizes.vocabSize * sizes.hiddenSize;
    expect(files['weights-embedding.bin']?.sizeBytes).toBeLessThan(tableBytes * 1.5);
  });

  it('I5: vision weights are kept as they came, and their absence is no fault', async () => {
    expect((await readManifest(await goldenModel('plain'))).hasVision).toBe(false);
    const model = await goldenModel('released');
    expect((await readManifest(model)).hasVision).toBe(true);
    const kept = await SafetensorsFile.open(join(model, 'weights-vision.safetensors'));
    const names = [...kept.entries.keys()];
    await kept.close();
    expect(names).toContain('encoder.multi_modal_projector.mm_input_projection_weight');
    expect(names.some((name) => name.startsWith('encoder.vision_tower.encoder.layers.0.'))).toBe(true);
  });

  it('W2: the released spelling gives the bytes of the re-saved one', async () => {
    const checkpoint = copyOf('plain');
    await rewrite(checkpoint, (name) => [{ name: name.replace('model.encoder.text_model.', 'model.encoder.') }]);
    await importTo(checkpoint, join(folder, 'respelled'));
    const [a, b] = [await readManifest(join(folder, 'respelled')), await readManifest(await goldenModel('plain'))];
    expect(a.files).toEqual(b.files);
  });

  it('W3: every missing and misshapen tensor is listed, and nothing is left behind', async () => {
    const checkpoint = copyOf('plain');
    await rewrite(checkpoint, (name) => {
      if (name === 'model.decoder.layers.1.mlp.up_proj.weight') return [];
      return name === 'model.decoder.norm.weight' ? [{ name, values: new Float32Array(32), shape: [32] }] : [{ name }];
    });
    await expect(importTo(checkpoint, join(folder, 'lacking'))).rejects.toMatchObject({
      code: 'model-corrupt',
      message: expect.stringMatching(
        /decoder\.layers\.1\.mlp\.up_proj\.weight is missing.*decoder\.norm\.weight: expected \[64\], got \[32\]/,
      ),
    });
    expect(readdirSync(folder).filter((name) => name.includes('lacking'))).toEqual([]);
  });

  it('W4: the table may stand under another of its names; equal copies pass, a different one is named', async () => {
    const table = 'model.encoder.text_model.embed_tokens.weight';
    const renamed = copyOf('plain');
    await rewrite(renamed, (name) => [{ name: name === table ? 'lm_head.out_proj.weight' : name }]);
    await importTo(renamed, join(folder, 'renamed'));
    expect((await readManifest(join(folder, 'renamed'))).files).toEqual((await readManifest(await goldenModel('plain'))).files);

    const doubled = copyOf('plain');
    await rewrite(doubled, (name) => (name === table ? [{ name }, { name: 'model.decoder.embed_tokens.weight' }] : [{ name }]));
    await importTo(doubled, join(folder, 'doubled'));

    const differing = copyOf('plain');
    await rewrite(differing, (name) =>
      name === table ? [{ name }, { name: 'model.decoder.embed_tokens.weight', values: new Float32Array(384 * 64).fill(1) }] : [{ name }],
    );
    await expect(importTo(differing, join(folder, 'differing'))).rejects.toMatchObject({
      details: { file: 'decoder.embed_tokens.weight' },
    });
  });

  it.each([
    ['config.json', 'model-missing'],
    ['tokenizer.json', 'model-corrupt'],
    ['model.safetensors', 'model-corrupt'],
  ])('I1: without %s there is %s and no folder', async (file, code) => {
    const checkpoint = copyOf('plain');
    rmSync(join(checkpoint, file));
    await expect(importTo(checkpoint, join(folder, 'partial'))).rejects.toMatchObject({ code });
    expect(existsSync(join(folder, 'partial'))).toBe(false);
  });

  it('I1: a shard that the index names and the folder lacks is named', async () => {
    const checkpoint = copyOf('released');
    const shard =
      readdirSync(checkpoint)
        .filter((file) => file.endsWith('.safetensors'))
        .at(-1) ?? '';
    rmSync(join(checkpoint, shard));
    await expect(importTo(checkpoint, join(folder, 'shardless'))).rejects.toMatchObject({
      code: 'model-corrupt',
      details: { file: shard },
    });
  });

  it('I1: a target that exists is left alone', async () => {
    await expect(importTo(goldenCheckpoint('plain'), folder)).rejects.toMatchObject({ code: 'model-protected' });
  });

  it('I1: cancelled on its way it leaves nothing', async () => {
    const abort = new AbortController();
    const outFolder = join(folder, 'stopped');
    const options = { folder: goldenCheckpoint('plain'), outFolder, name: 'm', precision: 'int8' as const, signal: abort.signal };
    const importing = importCheckpoint({ ...options, onProgress: ({ fraction }) => fraction > 0.5 && abort.abort() });
    await expect(importing).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(folder).filter((name) => name.includes('stopped'))).toEqual([]);
  });

  it('I7: licences stay with the model', async () => {
    const checkpoint = copyOf('short');
    writeFileSync(join(checkpoint, 'LICENSE-Apache'), 'Apache License');
    writeFileSync(join(checkpoint, 'notice.txt'), 'changed');
    writeFileSync(join(checkpoint, 'noticeable.txt'), 'no licence');
    await importTo(checkpoint, join(folder, 'licensed'));
    const { files } = await readManifest(join(folder, 'licensed'));
    expect(Object.keys(files).filter((file) => /lic|not/i.test(file))).toEqual(['LICENSE-Apache', 'notice.txt']);
    expect(readFileSync(join(folder, 'licensed', 'notice.txt'), 'utf8')).toBe('changed');
  });

  it('C4: prompts that lack their places are refused', async () => {
    const checkpoint = copyOf('short');
    writeFileSync(join(checkpoint, 'prompts.json'), JSON.stringify({ ask: { encoder: 'no place', decoder: '{question}' } }));
    await expect(importTo(checkpoint, join(folder, 'prompts'))).rejects.toMatchObject({ details: { field: 'prompts.ask' } });
    const ask = { encoder: '{document}', decoder: '{question}', unsureBelow: 2 };
    writeFileSync(join(checkpoint, 'prompts.json'), JSON.stringify({ ask }));
    await expect(importTo(checkpoint, join(folder, 'prompts'))).rejects.toMatchObject({ details: { field: 'prompts.ask' } });
    writeFileSync(join(checkpoint, 'prompts.json'), JSON.stringify({ ask: { encoder: '{document}', decoder: '{question}', absent: '' } }));
    await expect(importTo(checkpoint, join(folder, 'prompts'))).rejects.toMatchObject({ details: { field: 'prompts.ask' } });
  });

  it('D11, D12: when an answer is doubtful, and what stands for no answer, go from the checkpoint into the manifest', async () => {
    const checkpoint = copyOf('short');
    const ask = { encoder: '{document}', decoder: '{question}', unsureBelow: 0.6, absent: 'Not in the document.' };
    writeFileSync(join(checkpoint, 'prompts.json'), JSON.stringify({ ask }));
    await importTo(checkpoint, join(folder, 'doubt'));
    expect((await readManifest(join(folder, 'doubt'))).prompts.ask).toEqual(ask);
  });
});
