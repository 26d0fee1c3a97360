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
import { quantizeBlocks } from '../quantize/blocks.ts';
import { Int8Rows } from '../quantize/rows.ts';
import { showForms, storedForms } from '../quantize/precision-policy.ts';
import type { StoredForm } from '../quantize/precision-policy.ts';

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

/** One weight in the forms that the policy gives it; returns those as the manifest writes them. */
async function storeWeight(
  file: ExternalDataFile,
  table: WeightTable,
  weight: { name: string; shape: readonly number[]; job: StoreJob },
): Promise<string> {
  const { name, shape, job } = weight;
  const forms = storedForms(name, shape, job.precision);
  const matrix = (form: StoredForm, as: string): Promise<StoredMatrix> =>
    storeMatrix(file, { name: as, shape, form }, job.weights.readRuns(name));
  if (shape.length !== 2) {
    table.addVector(name, await file.append({ name, dtype: 'float32', shape }, bytesOf(job.weights.readRuns(name))));
  } else {
    const steps = await matrix(forms.steps, name);
    table.addMatrix(name, { steps, tiles: forms.tiles === forms.steps ? steps : await matrix(forms.tiles, `${name}/tiles`) });
  }
  return showForms(forms);
}

async function storeMatrix(
  file: ExternalDataFile,
  { name, shape, form }: { name: string; shape: readonly number[]; form: StoredForm },
  runs: AsyncIterable<Float32Array<ArrayBuffer>>,
): Promise<StoredMatrix> {
  const [rows = 1, columns = 1] = shape;
  switch (form.form) {
    case 'fp32':
      return { form: 'fp32', matrix: await file.append({ name, dtype: 'float32', shape }, bytesOf(runs)) };
    case 'int8-rows': {
      const matrix = new Int8Rows(rows, columns);
      for await (const run of runs) matrix.add(run);
      return {
        form: 'int8-rows',
        matrix: await file.append({ name, dtype: 'int8', shape: [columns, rows] }, [new Uint8Array(matrix.values.buffer)]),
        scales: await file.append({ name: `${name}/scales`, dtype: 'float32', shape: [rows] }, [new Uint8Array(matrix.scales.buffer)]),
      };
    }
    case 'blocks': {
      const { blockSize, bits } = form;
      const scales: Uint8Array[] = [];
      const quantised = async function* (): AsyncGenerator<Uint8Array> {
        for await (const run of runs) {
          const blocks = quantizeBlocks(run, blockSize, bits);
          scales.push(new Uint8Array(blocks.scales.buffer));
          yield blocks.bytes;
        }
      };
      const blocksPerRow = columns / blockSize;
      const shapeOfBlocks = [rows, blocksPerRow, (blockSize * bits) / 8];
      const blocks = await file.append({ name, dtype: 'uint8', shape: shapeOfBlocks }, quantised());
      const scaleTensor = await file.append({ name: `${name}/scales`, dtype: 'float32', shape: [rows, blocksPerRow] }, scales);
      return { form: 'blocks', bits, blocks, scales: scaleTensor, blockSize };
    }
  }
}

async function* bytesOf(runs: AsyncIterable<Float32Array<ArrayBuffer>>): AsyncGenerator<Uint8Array> {
  for await (const run of runs) yield new Uint8Array(run.buffer);
}
