/**
 * Each operation whose meaning is easy to get wrong: a graph of that one operation, run, against a plain loop.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { largestDifference, temporaryFolder } from '../../test/golden-case.ts';
import { quantizeBlocks } from '../quantize/blocks.ts';
import { Int8Rows } from '../quantize/rows.ts';
import { GraphSession } from '../session/graph-session.ts';
import { floats, integers } from '../tensors/tensor.ts';
import type { FloatTensor, HostTensor } from '../tensors/tensor.ts';
import { ExternalDataFile } from './external-data.ts';
import { Graph } from './graph.ts';
import type { Scope, StoredTensor, Value } from './graph.ts';
import { encodeModel } from './model-proto.ts';
import * as ops from './ops.ts';

const folder = temporaryFolder();
let graphs = 0;

/** Values that look random and are the same every time. */
function noise(length: number, seed = 1): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 31) * 2 - 1;
  });
}

/** Builds a graph of one operation over the inputs, runs it, and returns what comes out. */
async function run(
  inputs: Record<string, HostTensor>,
  build: (g: Scope, inputs: Record<string, Value>) => Value,
): Promise<Float32Array<ArrayBuffer>> {
  const graph = new Graph('one-op');
  const values: Record<string, Value> = {};
  for (const [name, { dtype, shape }] of Object.entries(inputs)) values[name] = graph.input(name, dtype, shape);
  graph.output('out', build(graph.root, values));
  const path = join(folder, `graph-${graphs++}.onnx`);
  writeFileSync(path, encodeModel(graph));
  const session = await GraphSession.open(path);
  const outputs = await session.run(inputs);
  const out = outputs.floats('out').slice();
  await session.close();
  return out;
}

function at(tensor: FloatTensor, ...index: number[]): number {
  const offset = index.reduce((sum, i, axis) => sum * (tensor.shape[axis] ?? 1) + i, 0);
  return tensor.data[offset] ?? NaN;
}

function fill(shape: number[], value: (...index: number[]) => number): Float32Array<ArrayBuffer> {
  const size = shape.reduce((product, length) => product * length, 1);
  return Float32Array.from({ length: size }, (_, offset) => {
    const index: number[] = [];
    let rest = offset;
    for (const length of shape.toReversed()) {
      index.unshift(rest % length);
      rest = Math.floor(rest / length);
    }
    return value(...index);
  });
}

function dot(length: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += term(i);
  return sum;
}

const need = (value: Value | undefined): Value => value ?? { name: 'missing', dtype: 'float32', shape: [] };

describe('operations against plain loops', () => {
  it('matmulTransposed: a b^T, also of nothing', async () => {
    const a = floats(noise(2 * 3 * 4), [2, 3, 4]);
    const b = floats(noise(2 * 5 * 4, 2), [2, 5, 4]);
    const out = await run({ a, b }, (g, v) => ops.matmulTransposed(g, need(v['a']), need(v['b'])));
    const expected = fill([2, 3, 5], (n, i, j) => dot(4, (k) => at(a, n, i, k) * at(b, n, j, k)));
    expect(largestDifference(out, expected)).toBeLessThan(1e-6);
  });

  it('matmul over an empty axis gives zeros: an empty past adds nothing', async () => {
    const p = floats(new Float32Array(0), [1, 2, 0]);
    const v = floats(new Float32Array(0), [1, 0, 3]);
    const out = await run({ p, v }, (g, values) => ops.matmul(g, need(values['p']), need(values['v'])));
    expect(out).toEqual(new Float32Array(6));
  });

  it('rmsNormalization: over the last axis', async () => {
    const x = floats(noise(3 * 8), [3, 8]);
    const scale = floats(noise(8, 3), [8]);
    const out = await run({ x, scale }, (g, v) => ops.rmsNormalization(g, need(v['x']), need(v['scale']), 1e-6));
    const expected = fill([3, 8], (i, j) => (at(x, i, j) / Math.sqrt(dot(8, (k) => at(x, i, k) ** 2) / 8 + 1e-6)) * at(scale, j));
    expect(largestDifference(out, expected)).toBeLessThan(1e-6);
  });

  it('geluTanh', async () => {
    const x = floats(
      noise(64).map((value) => value * 4),
      [64],
    );
    const out = await run({ x }, (g, v) => ops.geluTanh(g, need(v['x'])));
    const expected = x.data.map((value) => 0.5 * value * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3))));
    expect(largestDifference(out, expected)).toBeLessThan(1e-6);
  });

  it('rotaryEmbedding: rotate-half, every head by its own half', async () => {
    const [T, heads, D] = [3, 2, 8];
    const x = floats(noise(T * heads * D), [1, T, heads * D]);
    const angles = floats(noise((T * D) / 2, 5), [1, T, D / 2]);
    const cosines = floats(angles.data.map(Math.cos), angles.shape);
    const sines = floats(angles.data.map(Math.sin), angles.shape);
    const out = await run({ x, cosines, sines }, (g, v) =>
      ops.rotaryEmbedding(g, need(v['x']), { cosines: need(v['cosines']), sines: need(v['sines']) }, heads),
    );
    const half = D / 2;
    const expected = fill([1, T, heads * D], (_, t, channel) => {
      const [head, i] = [Math.floor(channel / D), channel % D];
      const [c, s] = [at(cosines, 0, t, i % half), at(sines, 0, t, i % half)];
      const other = i < half ? -at(x, 0, t, head * D + i + half) : at(x, 0, t, head * D + i - half);
      return at(x, 0, t, channel) * c + other * s;
    });
    expect(largestDifference(out, expected)).toBeLessThan(1e-6);
  });

  it('flashAttention: softmax(q k^T scale) v in each batch, across the tiles of the flash path', async () => {
    const [B, M, N, D] = [2, 70, 300, 16];
    const q = floats(noise(B * M * D), [B, M, D]);
    const k = floats(noise(B * N * D, 2), [B, N, D]);
    const v = floats(noise(B * N * D, 3), [B, N, D]);
    const out = await run({ q, k, v }, (g, x) => ops.flashAttention(g, { q: need(x['q']), k: need(x['k']), v: need(x['v']) }, 0.5));
    const expected = fill([B, M, D], (b, m, d) => {
      const weights = Array.from({ length: N }, (_, n) => Math.exp(0.5 * dot(D, (i) => at(q, b, m, i) * at(k, b, n, i))));
      return dot(N, (n) => (weights[n] ?? 0) * at(v, b, n, d)) / dot(N, (n) => weights[n] ?? 0);
    });
    expect(largestDifference(out, expected)).toBeLessThan(1e-6);
  });

  it.each([8, 4] as const)('matmulBlocks and gatherBlocks read the same bytes, of %i bits', async (bits) => {
    const [rows, columns, blockSize] = [6, 64, 32];
    const matrix = noise(rows * columns, 7);
    const quantised = quantizeBlocks(matrix, blockSize, bits);
    const file = await ExternalDataFile.create(folder, `table-${bits}.bin`);
    const shape = [rows, columns / blockSize, (blockSize * bits) / 8];
    const blocks = await file.append({ name: 'blocks', dtype: 'uint8', shape }, [quantised.bytes]);
    const scaleBytes = new Uint8Array(quantised.scales.buffer);
    const scales = await file.append({ name: 'scales', dtype: 'float32', shape: shape.slice(0, 2) }, [scaleBytes]);
    await file.finish();
    const rowsView: StoredTensor = { ...blocks, name: 'rows', shape: [rows, (columns * bits) / 8] };

    const ids = integers([0, 1, 2, 3, 4, 5]);
    const gathered = await run({ ids }, (g, v) =>
      ops.gatherBlocks(g, need(v['ids']), { data: g.weight(rowsView), scales: g.weight(scales), blockSize, bits, columns }),
    );
    const middle = 2 ** (bits - 1);
    const dequantised = fill([rows, columns], (i, j) => {
      const index = i * columns + j;
      const byte = quantised.bytes[bits === 8 ? index : index >> 1] ?? 0;
      const value = bits === 8 ? byte : (byte >> (4 * (index & 1))) & 15;
      return (value - middle) * (quantised.scales[Math.floor(index / blockSize)] ?? 0);
    });
    expect(largestDifference(gathered, dequantised)).toBe(0);
    expect(largestDifference(gathered, matrix)).toBeLessThan(0.501 / (middle - 1));

    const x = floats(noise(3 * columns, 9), [3, columns]);
    const product = await run({ x }, (g, v) =>
      ops.matmulBlocks(g, need(v['x']), { blocks: g.weight(blocks), scales: g.weight(scales), blockSize, bits }),
    );
    const expected = fill([3, rows], (i, j) => dot(columns, (k) => at(x, i, k) * (dequantised[j * columns + k] ?? 0)));
    // Activations are quantised too, to 1/127 of each block's largest.
    expect(largestDifference(product, expected)).toBeLessThan(0.03);
  });
});

describe('eight-bit rows', () => {
  const [inputs, outputs] = [96, 20];
  /** Weights of one sign and full size: what sums of 16 bits would cut off. */
  const matrix = noise(outputs * inputs, 13).map((value) => (Math.abs(value) > 0.5 ? 1 : value));
  const store = async (name: string): Promise<{ matrix: StoredTensor; scales: StoredTensor; quantised: Int8Rows }> => {
    const quantised = new Int8Rows(outputs, inputs);
    quantised.add(matrix.subarray(0, 7 * inputs));
    quantised.add(matrix.subarray(7 * inputs));
    const file = await ExternalDataFile.create(folder, `${name}.bin`);
    const bytes = new Uint8Array(quantised.values.buffer);
    const stored = await file.append({ name: 'matrix', dtype: 'int8', shape: [inputs, outputs] }, [bytes]);
    const scales = await file.append({ name: 'scales', dtype: 'float32', shape: [outputs] }, [new Uint8Array(quantised.scales.buffer)]);
    await file.finish();
    return { matrix: stored, scales, quantised };
  };
  const product = (x: FloatTensor, stored: { matrix: StoredTensor; scales: StoredTensor }): Promise<Float32Array> =>
    run({ x }, (g, v) =>
      ops.matmulInt8Rows(g, ops.quantizeRows(g, need(v['x'])), { matrix: g.weight(stored.matrix), scales: g.weight(stored.scales) }),
    );

  it('matmulInt8Rows sums whole numbers exactly, however large', async () => {
    const stored = await store('rows');
    const x = floats(
      noise(5 * inputs, 11).map((value, i) => (i < inputs ? 1 : i < 2 * inputs ? 1e-6 * value : value)),
      [5, inputs],
    );
    const expected = fill([5, outputs], (i, j) => {
      const largest = Math.max(...Array.from({ length: inputs }, (_, k) => Math.abs(at(x, i, k))));
      const level = (k: number): number => Math.round(Math.fround(at(x, i, k) / largest) * 127);
      return (
        dot(inputs, (k) => level(k) * (stored.quantised.values[k * outputs + j] ?? 0)) * (stored.quantised.scales[j] ?? 0) * (largest / 127)
      );
    });
    const got = await product(x, stored);
    for (let row = 0; row < 5; row++) {
      const [mine, theirs] = [got, expected].map((all) => all.slice(row * outputs, (row + 1) * outputs)) as [Float32Array, Float32Array];
      const size = Math.max(...theirs.map(Math.abs));
      // Half a level where a value lies between two: onnxruntime rounds those to the even one.
      expect(largestDifference(mine, theirs) / size, `row ${row}`).toBeLessThan(row < 2 ? 1e-5 : 0.01);
    }
  });

  it('a row does not depend on which rows share the run', async () => {
    const stored = await store('alone');
    const x = floats(
      noise(9 * inputs, 3).map((value, i) => value * (1 + Math.floor(i / inputs))),
      [9, inputs],
    );
    const together = await product(x, stored);
    for (const row of [0, 4, 8]) {
      const alone = await product(floats(x.data.slice(row * inputs, (row + 1) * inputs), [1, inputs]), stored);
      expect(alone).toEqual(together.slice(row * outputs, (row + 1) * outputs));
    }
  });

  it('a row of zeros stays zeros', async () => {
    const got = await product(floats(new Float32Array(inputs), [1, inputs]), await store('zeros'));
    expect(got.every((value) => value === 0)).toBe(true);
  });
});

describe('shapes are checked while building', () => {
  it('a matrix that does not fit is named with its place', () => {
    const graph = new Graph('g');
    const [a, b] = [graph.input('a', 'float32', ['T', 640]), graph.input('b', 'float32', [2560, 64])];
    expect(() => ops.matmulTransposed(graph.root.at('decoder/layers.3/mlp/up_proj'), a, b)).toThrow(
      'FusedMatMul /decoder/layers.3/mlp/up_proj: expected b [..., P, 640], got [2560, 64]',
    );
  });
});
