/**
 * A checkpoint folder becomes a model folder: the build half from end to end.
 *
 * Everything is written into a folder beside the target and renamed when it is whole, so that a broken-off import
 * leaves nothing behind under the model's name. Weights pass through one run of rows at a time. SPEC I1 to I6.
 */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseConfig } from './checkpoint/config.ts';
import { CheckpointWeights, embeddingName, endOfImageName } from './checkpoint/weights.ts';
import type { Precision } from './contract.ts';
import { RuntimeError, throwIfCancelled } from './errors.ts';
import { manifestFile } from './manifest.ts';
import type { GraphFiles, Manifest, ModelSizes, PromptTemplate } from './manifest.ts';
import { ExternalDataFile } from './onnx/external-data.ts';
import type { Graph } from './onnx/graph.ts';
import { encodeModel } from './onnx/model-proto.ts';
import { quantizeInt8Blocks } from './quantize/int8-blocks.ts';
import { showForm, storedForm } from './quantize/precision-policy.ts';
import { decoderDocumentGraph, decoderStepGraph } from './t5gemma2/decoder.ts';
import type { Embedding } from './t5gemma2/embedding.ts';
import { embedGraph, encoderEntryGraph, encoderLayerGraph } from './t5gemma2/encoder.ts';
import { slidingBlocks } from './t5gemma2/sliding-blocks.ts';
import { WeightTable, textShapes } from './t5gemma2/weight-table.ts';
import type { StoredMatrix } from './t5gemma2/weight-table.ts';
import { fileExists, writeSafetensors } from './tensors/safetensors.ts';
import { elementCount } from './tensors/tensor.ts';
import { engineVersion } from './version.ts';

const visionFile = 'weights-vision.safetensors';
/** Files that go into the model folder as they came; the first must be there. */
const carriedFiles = ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json', 'preprocessor_config.json', 'README.md'];
/** For checkpoints without prompts of their own: pretrained ones continue text. */
const defaultPrompt: PromptTemplate = { encoder: '{document}', decoder: 'Question: {question}\nAnswer:' };

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
  await mkdir(temporary, { recursive: true });
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

interface Job extends Awaited<ReturnType<typeof readConfig>> {
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

  const files: Manifest['files'] = {};
  const stored = await storeWeights(folder, { ...job, shapes }, files);
  const embedding: Embedding = {
    table: stored.table.matrix(embeddingName),
    hiddenSize: sizes.hiddenSize,
    endOfImage: endOfImage === null ? null : { id: endOfImage, vector: stored.table.vector(endOfImageName) },
  };
  const graphs = await writeGraphs(folder, { sizes, weights: stored.table, embedding }, files);
  if (weights.hasVision) {
    await writeSafetensors(
      join(folder, visionFile),
      weights.visionNames().map((name) => weights.source(name)),
    );
    files[visionFile] = await describeFile(join(folder, visionFile));
  }
  await carryFiles(options.folder, folder, files);
  const manifest: Manifest = {
    format: 1,
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

/** Every weight into weights-<part>.bin: the table, the encoder's, the decoder's. */
async function storeWeights(
  folder: string,
  job: Job & { shapes: Record<string, readonly number[]> },
  files: Manifest['files'],
): Promise<{ table: WeightTable; forms: Record<string, string> }> {
  const table = new WeightTable();
  const forms: Record<string, string> = {};
  const total = Object.values(job.shapes).reduce((sum, shape) => sum + elementCount(shape), 0);
  let done = 0;
  for (const part of ['embedding', 'encoder', 'decoder'] as const) {
    const file = await ExternalDataFile.create(folder, `weights-${part}.bin`);
    try {
      for (const [name, shape] of Object.entries(job.shapes)) {
        if (partOf(name) !== part) continue;
        throwIfCancelled(job.options.signal);
        forms[name] = await storeWeight(file, table, { name, shape, weights: job.weights, precision: job.options.precision });
        done += elementCount(shape);
        job.options.onProgress?.({ step: name, fraction: done / total });
      }
    } catch (error) {
      await file.abandon();
      throw error;
    }
    files[file.name] = await file.finish();
  }
  return { table, forms };
}

function partOf(name: string): 'embedding' | 'encoder' | 'decoder' {
  if (name === embeddingName || name === endOfImageName) return 'embedding';
  return name.startsWith('encoder.') ? 'encoder' : 'decoder';
}

/** One weight in the form that the policy gives it; returns that form as the manifest writes it. */
async function storeWeight(
  file: ExternalDataFile,
  table: WeightTable,
  weight: { name: string; shape: readonly number[]; weights: CheckpointWeights; precision: Precision },
): Promise<string> {
  const { name, shape } = weight;
  const form = storedForm(shape, weight.precision);
  const runs = weight.weights.readRuns(name);
  if (form.form === 'int8') table.addMatrix(name, await storeInt8(file, { name, shape, blockSize: form.blockSize }, runs));
  else {
    const tensor = await file.append({ name, dtype: 'float32', shape }, bytesOf(runs));
    if (shape.length === 2) table.addMatrix(name, { form: 'fp32', matrix: tensor });
    else table.addVector(name, tensor);
  }
  return showForm(form);
}

async function storeInt8(
  file: ExternalDataFile,
  weight: { name: string; shape: readonly number[]; blockSize: number },
  runs: AsyncIterable<Float32Array<ArrayBuffer>>,
): Promise<StoredMatrix> {
  const { name, blockSize } = weight;
  const [rows = 1, columns = 1] = weight.shape;
  const scales: Uint8Array[] = [];
  const quantised = async function* (): AsyncGenerator<Uint8Array> {
    for await (const run of runs) {
      const blocks = quantizeInt8Blocks(run, columns, blockSize);
      scales.push(new Uint8Array(blocks.scales.buffer));
      yield blocks.blocks;
    }
  };
  const blocksPerRow = columns / blockSize;
  const blocks = await file.append({ name, dtype: 'uint8', shape: [rows, blocksPerRow, blockSize] }, quantised());
  const scaleTensor = await file.append({ name: `${name}/scales`, dtype: 'float32', shape: [rows, blocksPerRow] }, scales);
  return { form: 'int8', blocks, scales: scaleTensor, blockSize };
}

async function* bytesOf(runs: AsyncIterable<Float32Array<ArrayBuffer>>): AsyncGenerator<Uint8Array> {
  for await (const run of runs) yield new Uint8Array(run.buffer);
}

async function writeGraphs(
  folder: string,
  model: { sizes: ModelSizes; weights: WeightTable; embedding: Embedding },
  files: Manifest['files'],
): Promise<GraphFiles> {
  const write = async (graph: Graph): Promise<string> => {
    const name = `${graph.name}.onnx`;
    await writeSynced(join(folder, name), encodeModel(graph));
    files[name] = await describeFile(join(folder, name));
    return name;
  };
  const encoder = { ...model, blocks: slidingBlocks(model.sizes.encoder.slidingWindow) };
  const encoderLayers: string[] = [];
  for (const index of model.sizes.encoder.layerTypes.keys()) encoderLayers.push(await write(encoderLayerGraph(encoder, index)));
  return {
    embed: await write(embedGraph(model.embedding)),
    encoderEntry: await write(encoderEntryGraph(encoder)),
    encoderLayers,
    decoderDocument: await write(decoderDocumentGraph(model)),
    decoderStep: await write(decoderStepGraph(model)),
  };
}

async function readConfig(folder: string): Promise<ReturnType<typeof parseConfig> & { configSha256: string; prompt: PromptTemplate }> {
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch((cause: unknown) => {
    throw new RuntimeError({
      code: 'model-missing',
      message: `import ${folder}: expected a checkpoint folder with a config.json, found none`,
      details: { model: folder },
      cause,
    });
  });
  const generation = await readOptionalJson(folder, 'generation_config.json');
  const config = parseConfig(folder, parseJson(folder, 'config.json', text), generation);
  const prompts = (await readOptionalJson(folder, 'prompts.json')) as { ask?: PromptTemplate } | undefined;
  return {
    ...config,
    configSha256: createHash('sha256').update(text).digest('hex'),
    prompt: checkPrompt(folder, prompts?.ask ?? defaultPrompt),
  };
}

function checkPrompt(folder: string, prompt: PromptTemplate): PromptTemplate {
  const { encoder, decoder } = prompt;
  const isComplete =
    typeof encoder === 'string' && typeof decoder === 'string' && encoder.includes('{document}') && decoder.includes('{question}');
  if (isComplete && !encoder.includes('{question}')) return { encoder, decoder };
  throw new RuntimeError({
    code: 'model-unsupported',
    message: `import ${folder}: prompts.json: ask: expected {document} in the encoder part and {question} in the decoder part, got ${JSON.stringify(prompt)}`,
    details: { folder, field: 'prompts.ask', value: JSON.stringify(prompt) },
  });
}

async function readOptionalJson(folder: string, file: string): Promise<unknown> {
  if (!(await fileExists(join(folder, file)))) return undefined;
  return parseJson(folder, file, await readFile(join(folder, file), 'utf8'));
}

function parseJson(folder: string, file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const problem = 'is not valid JSON';
    throw new RuntimeError({
      code: 'model-corrupt',
      message: `import ${folder}: ${file} ${problem}`,
      details: { folder, file, problem },
      cause,
    });
  }
}

async function carryFiles(from: string, to: string, files: Manifest['files']): Promise<void> {
  for (const [index, file] of carriedFiles.entries()) {
    if (await fileExists(join(from, file))) {
      await copyFile(join(from, file), join(to, file));
      files[file] = await describeFile(join(to, file));
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

async function describeFile(path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const handle = await open(path);
  for await (const chunk of handle.createReadStream()) {
    hash.update(chunk as Uint8Array);
    sizeBytes += (chunk as Uint8Array).length;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
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
