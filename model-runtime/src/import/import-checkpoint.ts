/**
 * A checkpoint folder becomes a model folder: the build half from end to end.
 *
 * Everything is written into a folder beside the target and renamed when it is whole, so that a broken-off import
 * leaves nothing behind under the model's name. Weights pass through one run of rows at a time. SPEC I1 to I6.
 */
import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { readConfig } from '../checkpoint/read-config.ts';
import type { DescribedCheckpoint } from '../checkpoint/read-config.ts';
import { CheckpointWeights, embeddingName, endOfImageName } from '../checkpoint/weights.ts';
import type { Precision } from '../contract.ts';
import { RuntimeError, invariant, toWriteError } from '../errors.ts';
import { fileSha256 } from '../file-sha256.ts';
import { formatVersion, manifestFile } from '../manifest.ts';
import type { GraphFiles, Manifest, ModelSizes } from '../manifest.ts';
import type { Graph } from '../onnx/graph.ts';
import { encodeModel } from '../onnx/model-proto.ts';
import { decoderDocumentGraph, decoderScalesGraph, decoderStepGraph } from '../t5gemma2/decoder.ts';
import type { Embedding } from '../t5gemma2/embedding.ts';
import { embedGraph, encoderEntryGraph, encoderLayerGraph } from '../t5gemma2/encoder.ts';
import { slidingBlocks } from '../t5gemma2/sliding-blocks.ts';
import { textShapes } from '../t5gemma2/weight-table.ts';
import type { WeightTable } from '../t5gemma2/weight-table.ts';
import { fileExists, writeSafetensors } from '../tensors/safetensors.ts';
import { elementCount } from '../tensors/tensor.ts';
import { engineVersion } from '../version.ts';
import { storeWeights } from './store-weights.ts';

const visionFile = 'weights-vision.safetensors';
/** Files that go into the model folder as they came; the first must be there. */
const carriedFiles = ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json', 'preprocessor_config.json', 'README.md'];
/** Whoever passes a model on passes these on, so they stay with it. */
const licenceFile = /^(?:licen[cs]e|notice)(?:[-.][\w.-]*)?$/i;

/** What to import, and where to. */
export interface ImportOptions {
  /** The checkpoint: config.json, safetensors, tokenizer.json. */
  folder: string;
  /** The model folder to make; must not exist yet. */
  outFolder: string;
  name: string;
  precision: Precision;
  /** Called often; `fraction` of the weights' elements done. */
  onProgress?: (progress: { step: string; fraction: number }) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Makes a model folder. Throws 'model-corrupt' (a file or tensor missing or misshapen), 'model-unsupported' (a field
 * Recto does not know), 'model-protected' (the target exists), 'disk-full', 'cancelled'; then nothing is left behind.
 */
export async function importCheckpoint(options: ImportOptions): Promise<Manifest> {
  const { outFolder } = options;
  if (await fileExists(outFolder)) {
    throw new RuntimeError({
      code: 'model-protected',
      message: `import ${options.folder}: ${outFolder} exists already`,
      details: { model: options.name, problem: 'exists' },
    });
  }
  const temporary = join(dirname(resolve(outFolder)), `.${basename(outFolder)}.${process.pid}.part`);
  await mkdir(temporary, { recursive: true }).catch((error: unknown) => Promise.reject(toWriteError(error, dirname(temporary))));
  let weights: CheckpointWeights | undefined;
  try {
    const config = await readConfig(options.folder);
    weights = await CheckpointWeights.open(options.folder);
    const manifest = await buildFolder(temporary, { ...config, options, weights });
    await rename(temporary, outFolder);
    return manifest;
  } finally {
    await weights?.close();
    await rm(temporary, { recursive: true, force: true });
  }
}

interface Job extends DescribedCheckpoint {
  options: ImportOptions;
  weights: CheckpointWeights;
}

async function buildFolder(folder: string, job: Job): Promise<Manifest> {
  const { options, weights, sizes, tokens } = job;
  const shapes = textShapes(sizes);
  const endOfImage = weights.has(endOfImageName) ? tokens.endOfImage : null;
  weights.expect(endOfImage === null ? shapes : { ...shapes, [endOfImageName]: [sizes.hiddenSize] });
  await weights.checkCopies(embeddingName);
  await weights.checkCopies(endOfImageName);
  if (endOfImage !== null) shapes[endOfImageName] = [sizes.hiddenSize];

  const { precision, onProgress, signal } = options;
  const stored = await storeWeights(folder, { weights, shapes, precision, onProgress, signal });
  const { files } = stored;
  const table = stored.table.steps.matrix(embeddingName);
  invariant(table.form !== 'int8-rows', 'the tied table is stored row by row');
  const embedding: Embedding = {
    table,
    hiddenSize: sizes.hiddenSize,
    endOfImage: endOfImage === null ? null : { id: endOfImage, vector: stored.table.steps.vector(endOfImageName) },
  };
  const graphs = await writeGraphs(folder, { sizes, weights: stored.table, embedding }, files);
  if (weights.hasVision) {
    await writeSafetensors(
      join(folder, visionFile),
      weights.visionNames().map((name) => weights.source(name)),
    );
    files[visionFile] = await fileSha256(join(folder, visionFile));
  }
  await carryFiles(options.folder, folder, files);
  const manifest: Manifest = {
    format: formatVersion,
    name: options.name,
    architecture: 't5gemma2',
    madeBy: `recto ${engineVersion}`,
    source: { folder: basename(resolve(options.folder)), configSha256: job.configSha256 },
    precision: options.precision,
    parameters: Object.values(shapes).reduce((sum, shape) => sum + elementCount(shape), 0),
    sizes,
    tokens: { ...tokens, endOfImage },
    hasVision: weights.hasVision,
    slidingBlocks: slidingBlocks(sizes.encoder.slidingWindow),
    graphs,
    weights: stored.forms,
    prompts: { ask: job.prompt },
    files,
  };
  await writeSynced(join(folder, manifestFile), new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`));
  return manifest;
}

async function writeGraphs(
  folder: string,
  model: { sizes: ModelSizes; weights: WeightTable; embedding: Embedding },
  files: Manifest['files'],
): Promise<GraphFiles> {
  const write = async (graph: Graph): Promise<string> => {
    const name = `${graph.name}.onnx`;
    await writeSynced(join(folder, name), encodeModel(graph));
    files[name] = await fileSha256(join(folder, name));
    return name;
  };
  const encoder = { ...model, weights: model.weights.tiles, blocks: slidingBlocks(model.sizes.encoder.slidingWindow) };
  const encoderLayers: string[] = [];
  for (const index of model.sizes.encoder.layerTypes.keys()) encoderLayers.push(await write(encoderLayerGraph(encoder, index)));
  return {
    embed: await write(embedGraph(model.embedding)),
    encoderEntry: await write(encoderEntryGraph(encoder)),
    encoderLayers,
    decoderDocument: await write(decoderDocumentGraph(model)),
    decoderScales: await write(decoderScalesGraph(model)),
    decoderSteps: { cached: await write(decoderStepGraph(model, 'cached')), absorbed: await write(decoderStepGraph(model, 'absorbed')) },
  };
}

async function carryFiles(from: string, to: string, files: Manifest['files']): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true });
  const licences = entries.filter((entry) => licenceFile.test(entry.name) && !entry.isDirectory()).map(({ name }) => name);
  for (const [index, file] of [...carriedFiles, ...licences.toSorted()].entries()) {
    if (await fileExists(join(from, file))) {
      await copyFile(join(from, file), join(to, file));
      files[file] = await fileSha256(join(to, file));
    } else if (index === 0) {
      const problem = 'is missing';
      throw new RuntimeError({
        code: 'model-corrupt',
        message: `import ${from}: ${file} ${problem}`,
        details: { folder: from, file, problem },
      });
    }
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
