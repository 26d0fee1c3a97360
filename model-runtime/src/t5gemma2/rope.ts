/**
 * Rotary position embedding: which angle each position turns each pair of channels by, and the turning.
 *
 * Angles are float32 products of float32 factors, as in the reference: a more exact angle would differ from it at long
 * range. Source: transformers 5.23, modeling_rope_utils.py (default and linear), modeling_t5gemma2.py; SPEC E3.
 */
import type { RopeSizes } from '../manifest.ts';
import type { Scope, Value } from '../onnx/graph.ts';
import { cast, cos, multiply, range, reshape, rotaryEmbedding, sin } from '../onnx/ops.ts';

/** The cosines and sines of a run of positions, [1, T, D / 2] each. */
export interface Rotation {
  cosines: Value;
  sines: Value;
}

/** theta^(-2i / D) / factor for i < D / 2, each step rounded to float32. */
export function inverseFrequencies(rope: RopeSizes, headDim: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const power = Math.fround(rope.theta ** Math.fround((2 * i) / headDim));
    return Math.fround(Math.fround(1 / power) / rope.factor);
  });
}

/** Positions first, first + 1, ... end - 1 (both int64 [1]) as int64 [size]. */
export function positions(g: Scope, first: Value, end: Value, size: string): Value {
  return range(g, first, end, size);
}

/** The rotation at each position. positions [T] int64; returns cosines and sines [1, T, D / 2]. */
export function rotationAt(g: Scope, at: Value, rope: RopeSizes, headDim: number): Rotation {
  const length = at.shape[0] ?? 1;
  const column = reshape(g, cast(g, at, 'float32'), [1, length, 1]);
  const angles = multiply(g, column, g.floats(inverseFrequencies(rope, headDim), [1, 1, headDim / 2]));
  return { cosines: cos(g, angles), sines: sin(g, angles) };
}

/** Turns every head of x. x [T, heads * D]; returns [T, heads * D]. */
export function rotate(g: Scope, x: Value, rotation: Rotation, heads: number): Value {
  const [length = 1, width = 1] = x.shape;
  const turned = rotaryEmbedding(g, reshape(g, x, [1, length, width]), rotation, heads);
  return reshape(g, turned, [length, width]);
}
