import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatVersion } from '../manifest.ts';
import type { Manifest, StackSizes } from '../manifest.ts';
import { findModel, findModelFolder, isPlainName, listModels, modelFoldersIn, removeModel } from './model-folders.ts';
import type { ModelPlaces } from './model-folders.ts';
import { verifyModel } from './verify-model.ts';

let root: string;
let places: ModelPlaces;

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'recto-models-'));
  writeModel(path.join(root, 'models', 'mine'));
  writeModel(path.join(root, 'assets', 'starter-model'), { name: 'starter' });
  mkdirSync(path.join(root, 'assets', 'samples'));
  places = { modelsFolder: path.join(root, 'models'), builtIn: await modelFoldersIn(path.join(root, 'assets')) };
});
afterEach(() => rmSync(root, { recursive: true }));

const contents: Record<string, string> = { 'step.onnx': 'step', 'weights-0.bin': 'w'.repeat(3_000_000), 'tokenizer.json': '{}' };

function writeModel(folder: string, change: Partial<Manifest> = {}): void {
  mkdirSync(folder, { recursive: true });
  const files: Manifest['files'] = {};
  for (const [file, content] of Object.entries(contents)) {
    writeFileSync(path.join(folder, file), content);
    files[file] = { sha256: createHash('sha256').update(content).digest('hex'), sizeBytes: content.length };
  }
  const rope = { theta: 10_000, factor: 1 };
  const stack: StackSizes = {
    layerTypes: ['sliding_attention', 'full_attention'],
    intermediateSize: 64,
    heads: 2,
    kvHeads: 1,
    headDim: 16,
    slidingWindow: 8,
    rmsNormEps: 1e-6,
    attentionScale: 0.25,
    rope: { sliding_attention: rope, full_attention: rope },
  };
  const manifest: Manifest = {
    format: formatVersion,
    name: path.basename(folder),
    architecture: 't5gemma2',
    madeBy: 'model-folders.test.ts',
    source: { folder: '/checkpoints/small', configSha256: '0' },
    precision: 'int8',
    parameters: 1234,
    sizes: { vocabSize: 100, hiddenSize: 32, encoder: stack, decoder: stack, finalLogitSoftcap: null, contextTokens: 4096 },
    tokens: { bos: 2, eos: [1], pad: 0, endOfImage: null, image: null, suppressed: [] },
    hasVision: false,
    slidingBlocks: { rows: 128, before: 1, after: 1 },
    graphs: {
      embed: 'step.onnx',
      encoderEntry: 'step.onnx',
      encoderLayers: ['step.onnx'],
      decoderDocument: 'step.onnx',
      decoderScales: 'step.onnx',
      decoderSteps: { cached: 'step.onnx', absorbed: 'step.onnx' },
    },
    weights: {},
    prompts: { ask: { encoder: '{document}', decoder: '{question}' } },
    files,
    ...change,
  };
  writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
}

const mine = (): string => path.join(root, 'models', 'mine');
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );

describe('listModels', () => {
  it("lists the user's own and the built-in models, and nothing else of the folders", async () => {
    mkdirSync(path.join(root, 'models', '.removing-1'));
    writeFileSync(path.join(root, 'models', 'notes.txt'), '');
    const { models, unusable } = await listModels(places);
    expect(models).toMatchObject([
      { name: 'mine', isBuiltIn: false, precision: 'int8', parameters: 1234, sizeBytes: 3_000_006, contextTokens: 4096 },
      { name: 'starter', isBuiltIn: true },
    ]);
    expect(unusable).toEqual([]);
  });

  it('names what is wrong with a folder that cannot be used, and still lists the others', async () => {
    writeFileSync(path.join(mine(), 'weights-0.bin'), 'short');
    mkdirSync(path.join(root, 'models', 'broken-off'));
    const { models, unusable } = await listModels(places);
    expect(models.map(({ name }) => name)).toEqual(['starter']);
    expect(unusable).toMatchObject([
      { name: 'broken-off', problem: 'manifest.json: missing' },
      { name: 'mine', problem: 'weights-0.bin: expected 3000000 bytes, got 5' },
    ]);
  });

  it('is empty where there is no models folder yet', async () => {
    expect(await listModels({ modelsFolder: path.join(root, 'none'), builtIn: [] })).toEqual({ models: [], unusable: [] });
  });
});

describe('findModel', () => {
  it('finds by own name, by built-in name or folder name, and by path', async () => {
    expect((await findModel('mine', places)).summary.folder).toBe(mine());
    expect((await findModel('starter', places)).summary.isBuiltIn).toBe(true);
    expect((await findModel('starter-model', places)).summary.name).toBe('starter');
    writeModel(path.join(root, 'elsewhere'));
    expect((await findModel(path.join(root, 'elsewhere'), places)).summary).toMatchObject({ name: 'elsewhere', isBuiltIn: false });
  });

  it('says which models there are where a name means none, and that a checkpoint wants importing', async () => {
    expect(await failure(findModel('other', places))).toMatchObject({
      code: 'model-missing',
      message: "no model 'other': there are: mine, starter",
      details: { model: 'other' },
    });
    const checkpoint = path.join(root, 'checkpoint');
    mkdirSync(checkpoint);
    writeFileSync(path.join(checkpoint, 'config.json'), '{}');
    expect(await failure(findModel(checkpoint, places))).toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('import'),
    });
    expect(await failure(findModel('../models/none', places))).toMatchObject({ code: 'model-missing' });
  });

  it.each([
    ['a missing file', () => unlinkSync(path.join(mine(), 'tokenizer.json')), 'tokenizer.json', 'missing'],
    ['a missing manifest', () => unlinkSync(path.join(mine(), 'manifest.json')), 'manifest.json', 'missing'],
    ['a file of another size', () => writeFileSync(path.join(mine(), 'step.onnx'), 'longer'), 'step.onnx', 'expected 4 bytes, got 6'],
    ['a misshapen manifest', () => writeModel(mine(), { parameters: -1 }), 'manifest.json', 'parameters'],
    [
      'a manifest that leads out of its folder',
      () => writeModel(mine(), { files: { '../secret': { sha256: '0'.repeat(64), sizeBytes: 1 } } }),
      'manifest.json',
      'files',
    ],
    ['a manifest without one of its graphs', () => writeModel(mine(), { files: {} }), 'manifest.json', 'step.onnx'],
  ])('names %s', async (_what, damage, file, problem) => {
    damage();
    expect(await failure(findModel('mine', places))).toMatchObject({
      code: 'model-corrupt',
      details: { folder: mine(), file, problem: expect.stringContaining(problem) },
    });
  });
});

describe('verifyModel', () => {
  it('reads every byte of a sound model and reports its progress', async () => {
    const fractions: number[] = [];
    expect(await verifyModel(mine(), ({ fraction }) => fractions.push(fraction))).toEqual({ files: 3 });
    expect(fractions.length).toBeGreaterThan(3);
    expect(fractions.toSorted((one, other) => one - other)).toEqual(fractions);
    expect(fractions.at(-1)).toBe(1);
  });

  it('names a file altered without a change of size, which the quick check lets pass', async () => {
    writeFileSync(path.join(mine(), 'weights-0.bin'), `${'w'.repeat(2_999_999)}x`);
    expect((await findModel('mine', places)).summary.name).toBe('mine');
    expect(await failure(verifyModel(mine()))).toMatchObject({
      code: 'model-corrupt',
      details: { file: 'weights-0.bin', problem: expect.stringContaining('altered') },
    });
  });

  it('names a missing file and one of another size', async () => {
    writeFileSync(path.join(mine(), 'step.onnx'), '');
    expect(await failure(verifyModel(mine()))).toMatchObject({ details: { file: 'step.onnx', problem: 'expected 4 bytes, got 0' } });
    unlinkSync(path.join(mine(), 'step.onnx'));
    expect(await failure(verifyModel(mine()))).toMatchObject({ details: { file: 'step.onnx', problem: 'missing' } });
  });

  it('stops when it is cancelled', async () => {
    const abort = new AbortController();
    const verifying = verifyModel(mine(), () => abort.abort(), abort.signal);
    expect(await failure(verifying)).toMatchObject({ code: 'cancelled' });
  });
});

describe('removeModel', () => {
  it('takes the whole folder away, even a broken one, and says what that freed', async () => {
    unlinkSync(path.join(mine(), 'manifest.json'));
    mkdirSync(path.join(root, 'models', '.removing-4194304999-left-by-a-kill'));
    mkdirSync(path.join(root, 'models', '.other.4194304999.part'));
    mkdirSync(path.join(root, 'models', `.under-way.${process.pid}.part`));
    expect(await removeModel('mine', places)).toEqual({ freedBytes: 3_000_006 });
    expect(readdirSync(path.join(root, 'models'))).toEqual([`.under-way.${process.pid}.part`]);
  });

  it('refuses built-in models, paths, and names of none, and touches nothing', async () => {
    expect(await failure(removeModel('starter', places))).toMatchObject({ code: 'model-protected', details: { problem: 'built-in' } });
    for (const name of ['..', '.', '../assets', path.join(root, 'models', 'mine'), 'none', '']) {
      expect(await failure(removeModel(name, places)), name).toMatchObject({ code: 'model-missing' });
    }
    expect(await findModelFolder('mine', places)).toBe(mine());
    expect((await listModels(places)).models).toHaveLength(2);
  });
});

it('isPlainName takes folder names and nothing that leads elsewhere', () => {
  expect(['t5gemma-2-270m', 'Größe 2 (int8)', 'a.b'].map(isPlainName)).toEqual([true, true, true]);
  expect(['', '.', '..', '.hidden', 'a/b', 'a\\b', 'a ', 'a.', 'a\0', 'C:x'].filter(isPlainName)).toEqual([]);
});
