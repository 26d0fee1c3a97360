/**
 * Weights from a checkpoint into a model folder: weights-embedding.bin, weights-encoder.bin, weights-decoder.bin, each
 * weight in the form that the policy gives it. A run of rows is in memory at a time.
 */
import { embeddingName, endOfImageName } from '../checkpoint/weights.ts';
import type { CheckpointWeights } from '../checkpoint/weights.ts';
import type { Precision } from '../contract.ts';
import { throwIfCancelled } from '../errors.ts';
import type { Manifest } from '../manifest.ts';
import { ExternalDataFile } from '../onnx/external-data.ts';
import { WeightTable } from '../t5gemma2/weight-table.ts';
import type { StoredMatrix } from '../t5gemma2/weight-table.ts';
import { elementCount } from '../tensors/tensor.ts';
import { quantizeInt8Blocks } from '../quantize/int8-blocks.ts';
import { showForm, storedForm } from '../quantize/precision-policy.ts';

/** What to store, and whom to tell. */
export interface StoreJob {
  weights: CheckpointWeights;
  /** The weights wanted, with their shapes. */
  shapes: Readonly<Record<string, readonly number[]>>;
  precision: Precision;
  onProgress?: ((progress: { step: string; fraction: number }) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Where everything went: the weights for the graphs, the form of each and the files written for the manifest. */
export interface StoredWeights {
  table: WeightTable;
  forms: Manifest['weights'];
  files: Manifest['files'];
}

/** Stores every weight of `job.shapes` in `folder`. Throws 'cancelled', 'disk-full'; the files begun are then closed. */
export async function storeWeights(folder: string, job: StoreJob): Promise<StoredWeights> {
  const stored: StoredWeights = { table: new WeightTable(), forms: {}, files: {} };
  const total = Object.values(job.shapes).reduce((sum, shape) => sum + elementCount(shape), 0);
  let done = 0;
  for (const part of ['embedding', 'encoder', 'decoder'] as const) {
    const file = await ExternalDataFile.create(folder, `weights-${part}.bin`);
    try {
      for (const [name, shape] of Object.entries(job.shapes)) {
        if (partOf(name) !== part) continue;
        throwIfCancelled(job.signal);
        stored.forms[name] = await storeWeight(file, stored.table, { name, shape, job });
        done += elementCount(shape);
        job.onProgress?.({ step: name, fraction: done / total });
      }
    } catch (error) {
      await file.abandon();
      throw error;
    }
    stored.files[file.name] = await file.finish();
  }
  return stored;
}

function partOf(name: string): 'embedding' | 'encoder' | 'decoder' {
  if (name === embeddingName || name === endOfImageName) return 'embedding';
  return name.startsWith('encoder.') ? 'encoder' : 'decoder';
}

/** One weight in the form that the policy gives it; returns that form as the manifest writes it. */
async function storeWeight(
  file: ExternalDataFile,
  table: WeightTable,
  weight: { name: string; shape: readonly number[]; job: StoreJob },
): Promise<string> {
  const { name, shape, job } = weight;
  const form = storedForm(shape, job.precision);
  const runs = job.weights.readRuns(name);
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
