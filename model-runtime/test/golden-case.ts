/**
 * The golden files: tiny checkpoints with what the reference computes from them (written by tools/reference), and the
 * model folders that our own importer makes of them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Precision } from '../src/contract.ts';
import { importCheckpoint } from '../src/import/import-checkpoint.ts';
import { SafetensorsFile } from '../src/tensors/safetensors.ts';

/** The golden folder. */
export const goldenFolder: string = join(import.meta.dirname, 'golden');

/** Every golden checkpoint. */
export const goldenNames = ['plain', 'window', 'released', 'edge', 'short', 'long'] as const;
/** See {@link goldenNames}. */
export type GoldenName = (typeof goldenNames)[number];

/** What the reference computed. Rows of states and embeddings are those numbered in `encoderRows`. */
export interface GoldenCase {
  inputIds: number[];
  decoderInputIds: number[];
  greedyIds: number[];
  embeddings: Float32Array;
  states: Float32Array;
  encoderRows: number[];
  logits: Float32Array;
}

/** The checkpoint folder of a golden case. */
export function goldenCheckpoint(name: GoldenName): string {
  return join(goldenFolder, name, 'checkpoint');
}

/** Reads a golden case. */
export async function readGolden(name: GoldenName): Promise<GoldenCase> {
  const file = await SafetensorsFile.open(join(goldenFolder, name, 'case.safetensors'));
  try {
    const integers = async (tensor: string): Promise<number[]> => Array.from(await file.readIntegers(tensor), Number);
    const inputIds = await integers('input_ids');
    return {
      inputIds,
      decoderInputIds: await integers('decoder_input_ids'),
      greedyIds: await integers('greedy_ids'),
      embeddings: await file.readFloats('embeddings'),
      states: await file.readFloats('encoder_last_hidden_state'),
      encoderRows: file.entries.has('encoder_rows') ? await integers('encoder_rows') : [...inputIds.keys()],
      logits: await file.readFloats('logits'),
    };
  } finally {
    await file.close();
  }
}

/** A temporary folder that is deleted when the process ends. */
export function temporaryFolder(): string {
  root ??= mkdtempSync(join(tmpdir(), 'recto-test-'));
  return mkdtempSync(join(root, 'folder-'));
}

let root: string | undefined;
process.once('exit', () => root !== undefined && rmSync(root, { recursive: true, force: true }));

const imported = new Map<string, Promise<string>>();

/** The model folder made of a golden checkpoint; made once a process. */
export function goldenModel(name: GoldenName, precision: Precision = 'fp32'): Promise<string> {
  const key = `${name} ${precision}`;
  const known = imported.get(key);
  if (known !== undefined) return known;
  const outFolder = join(temporaryFolder(), name);
  const made = importCheckpoint({ folder: goldenCheckpoint(name), outFolder, name, precision }).then(() => outFolder);
  imported.set(key, made);
  return made;
}

/** The largest absolute difference between two tensors of one size. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - (b[index] ?? NaN))), 0);
}

/** The numbered rows of a matrix, one after another. */
export function pickRows(matrix: Float32Array, width: number, rows: readonly number[]): Float32Array<ArrayBuffer> {
  const picked = new Float32Array(rows.length * width);
  for (const [index, row] of rows.entries()) picked.set(matrix.subarray(row * width, (row + 1) * width), index * width);
  return picked;
}

/** The smallest cosine between corresponding rows. */
export function smallestCosine(a: Float32Array, b: Float32Array, width: number): number {
  let smallest = 1;
  for (let row = 0; row < a.length; row += width) {
    let [product, lengthA, lengthB] = [0, 0, 0];
    for (let i = row; i < row + width; i++) {
      const [x, y] = [a[i] ?? 0, b[i] ?? 0];
      product += x * y;
      lengthA += x * x;
      lengthB += y * y;
    }
    smallest = Math.min(smallest, product / Math.sqrt(lengthA * lengthB));
  }
  return smallest;
}
