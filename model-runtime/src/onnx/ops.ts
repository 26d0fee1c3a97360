/**
 * The operations that Recto's graphs are made of, one typed function each: (scope, inputs) -> value with dtype and shape.
 *
 * Shapes are checked while the graph is built, as far as they are known, so that a misshapen weight is found at import
 * and not at run time. Semantics: the ONNX operator of the same name (opset 23), or onnxruntime's contrib operator
 * where the domain is com.microsoft.
 */
import { invariant } from '../errors.ts';
import type { Dtype } from '../tensors/tensor.ts';
import type { Attribute, Dim, Scope, Value } from './graph.ts';

const microsoft = { domain: 'com.microsoft' } as const;

/** Element by element with broadcasting. */
export function add(g: Scope, a: Value, b: Value): Value {
  return one(g, 'Add', [a, b], { dtype: a.dtype, shape: broadcast(g, 'Add', a, b) });
}

/** Element by element with broadcasting. */
export function subtract(g: Scope, a: Value, b: Value): Value {
  return one(g, 'Sub', [a, b], { dtype: a.dtype, shape: broadcast(g, 'Sub', a, b) });
}

/** Element by element with broadcasting. */
export function multiply(g: Scope, a: Value, b: Value): Value {
  return one(g, 'Mul', [a, b], { dtype: a.dtype, shape: broadcast(g, 'Mul', a, b) });
}

/** Element by element with broadcasting. */
export function divide(g: Scope, a: Value, b: Value): Value {
  return one(g, 'Div', [a, b], { dtype: a.dtype, shape: broadcast(g, 'Div', a, b) });
}

/** a < b, element by element with broadcasting. */
export function less(g: Scope, a: Value, b: Value): Value {
  return one(g, 'Less', [a, b], { dtype: 'bool', shape: broadcast(g, 'Less', a, b) });
}

/** a <= b, element by element with broadcasting. */
export function lessOrEqual(g: Scope, a: Value, b: Value): Value {
  return one(g, 'LessOrEqual', [a, b], { dtype: 'bool', shape: broadcast(g, 'LessOrEqual', a, b) });
}

/** a = b, element by element with broadcasting. */
export function equal(g: Scope, a: Value, b: Value): Value {
  return one(g, 'Equal', [a, b], { dtype: 'bool', shape: broadcast(g, 'Equal', a, b) });
}

/** Both, element by element with broadcasting. */
export function and(g: Scope, a: Value, b: Value): Value {
  return one(g, 'And', [a, b], { dtype: 'bool', shape: broadcast(g, 'And', a, b) });
}

/** `whenTrue` where the condition holds, else `whenFalse`; all three broadcast. */
export function where(g: Scope, condition: Value, whenTrue: Value, whenFalse: Value): Value {
  const values = { ...whenTrue, shape: broadcast(g, 'Where', whenTrue, whenFalse) };
  return one(g, 'Where', [condition, whenTrue, whenFalse], { dtype: whenTrue.dtype, shape: broadcast(g, 'Where', condition, values) });
}

/** Cosine. */
export function cos(g: Scope, x: Value): Value {
  return one(g, 'Cos', [x], { dtype: x.dtype, shape: x.shape });
}

/** Sine. */
export function sin(g: Scope, x: Value): Value {
  return one(g, 'Sin', [x], { dtype: x.dtype, shape: x.shape });
}

/** Hyperbolic tangent. */
export function tanh(g: Scope, x: Value): Value {
  return one(g, 'Tanh', [x], { dtype: x.dtype, shape: x.shape });
}

/** GELU with the tanh approximation. */
export function geluTanh(g: Scope, x: Value): Value {
  return one(g, 'Gelu', [x], { dtype: x.dtype, shape: x.shape, attributes: { approximate: 'tanh' } });
}

/** Softmax over the last axis. */
export function softmax(g: Scope, x: Value): Value {
  return one(g, 'Softmax', [x], { dtype: x.dtype, shape: x.shape, attributes: { axis: -1 } });
}

/** Another element type. */
export function cast(g: Scope, x: Value, to: 'float32' | 'int64'): Value {
  return one(g, 'Cast', [x], { dtype: to, shape: x.shape, attributes: { to: to === 'float32' ? 1 : 7 } });
}

/** 1 / x. */
export function reciprocal(g: Scope, x: Value): Value {
  return one(g, 'Reciprocal', [x], { dtype: x.dtype, shape: x.shape });
}

/** sqrt(mean(x^2) + epsilon) over the last axis. x [..., N]; returns [..., 1]. */
export function rootMeanSquare(g: Scope, x: Value, epsilon: number): Value {
  const shape = [...x.shape.slice(0, -1), 1];
  const mean = one(g, 'ReduceMean', [multiply(g, x, x), g.integers([-1])], { dtype: x.dtype, shape, attributes: { keepdims: 1 } });
  return one(g, 'Sqrt', [add(g, mean, g.floats([epsilon]))], { dtype: x.dtype, shape });
}

/** x / rms(x) * scale over the last axis, in float32. x [..., N], scale [N]. */
export function rmsNormalization(g: Scope, x: Value, scale: Value, epsilon: number): Value {
  check(`RMSNormalization ${g.path}`, same(x.shape.at(-1), scale.shape[0]), `scale [${x.shape.at(-1)}]`, show(scale));
  return one(g, 'RMSNormalization', [x, scale], {
    dtype: x.dtype,
    shape: x.shape,
    attributes: { axis: -1, epsilon: { float: epsilon }, stash_type: 1 },
  });
}

/** Batched matrix product with broadcasting over the leading axes. a [..., M, N], b [..., N, P] -> [..., M, P]. */
export function matmul(g: Scope, a: Value, b: Value): Value {
  check(`MatMul ${g.path}`, same(a.shape.at(-1), b.shape.at(-2)), `b [..., ${a.shape.at(-1)}, P]`, show(b));
  return one(g, 'MatMul', [a, b], { dtype: a.dtype, shape: productShape(g, a, b, b.shape.at(-1)) });
}

/** a b^T * scale without writing the transpose out. a [..., M, N], b [..., P, N] -> [..., M, P]. */
export function matmulTransposed(g: Scope, a: Value, b: Value, scale = 1): Value {
  check(`FusedMatMul ${g.path}`, same(a.shape.at(-1), b.shape.at(-1)), `b [..., P, ${a.shape.at(-1)}]`, show(b));
  return one(g, 'FusedMatMul', [a, b], {
    dtype: a.dtype,
    shape: productShape(g, a, b, b.shape.at(-2)),
    attributes: { transB: 1, ...(scale === 1 ? {} : { alpha: { float: scale } }) },
    ...microsoft,
  });
}

/**
 * x W^T with W in blocks of 8 or 4 bits along its input axis and activations in 8 bits per block (accuracy level 4).
 *
 *   x [T, N] float32   blocks [P, N / size, size * bits / 8] uint8   scales [P, N / size] float32   returns [T, P]
 */
export function matmulBlocks(g: Scope, x: Value, weight: { blocks: Value; scales: Value; blockSize: number; bits: 8 | 4 }): Value {
  const { blocks, blockSize, bits } = weight;
  const outputs = blocks.shape[0];
  const inputs = x.shape.at(-1);
  invariant(typeof outputs === 'number' && typeof inputs === 'number', 'quantised weights have fixed shapes');
  check(`MatMulNBits ${g.path}`, Math.ceil(inputs / blockSize) === blocks.shape[1], `blocks for ${inputs} inputs`, show(blocks));
  const attributes = { K: inputs, N: outputs, bits, block_size: blockSize, accuracy_level: 4 };
  return one(g, 'MatMulNBits', [x, blocks, weight.scales], {
    dtype: 'float32',
    shape: [...x.shape.slice(0, -1), outputs],
    attributes,
    ...microsoft,
  });
}

/** Rows of whole numbers around 128, and what each must be multiplied by: x ~ (bytes - 128) * scales / 127. */
export interface QuantizedRows {
  /** uint8 [T, N]. */
  bytes: Value;
  /** float32 [T, 1]: the largest |x| of each row. */
  largest: Value;
}

/**
 * Each row of activations in 8 bits on a scale of its own, so that no row's numbers depend on which others share the run.
 *
 *   x [T, N] float32   returns bytes [T, N] uint8 around 128, largest [T, 1] float32
 */
export function quantizeRows(g: Scope, x: Value): QuantizedRows {
  const [length = 1] = x.shape;
  const sizes = one(g, 'Abs', [x], { dtype: x.dtype, shape: x.shape });
  const peak = one(g, 'ReduceMax', [sizes, g.integers([-1])], { dtype: x.dtype, shape: [length, 1], attributes: { keepdims: 1 } });
  // A row of zeros stays zeros: it is divided by something.
  const largest = one(g, 'Max', [peak, g.floats([1e-30])], { dtype: x.dtype, shape: [length, 1] });
  const bytes = one(g, 'QuantizeLinear', [divide(g, x, largest), g.floats([1 / 127], []), g.bytes([128], [])], {
    dtype: 'uint8',
    shape: x.shape,
  });
  return { bytes, largest };
}

/**
 * x W for activations in rows and weights with one scale an output, summed in whole numbers: exact but for the rounding of
 * x and W, as long as the session asks for that (session/graph-session.ts).
 *
 *   x of [T, N]   matrix [N, P] int8   scales [P] float32   returns [T, P] float32
 */
export function matmulInt8Rows(g: Scope, x: QuantizedRows, weight: { matrix: Value; scales: Value }): Value {
  check(`MatMulIntegerToFloat ${g.path}`, same(x.bytes.shape[1], weight.matrix.shape[0]), `[${x.bytes.shape[1]}, P]`, show(weight.matrix));
  const inputs = [x.bytes, weight.matrix, g.floats([1 / 127]), weight.scales, g.bytes([128])];
  const shape = [x.bytes.shape[0] ?? 1, weight.matrix.shape[1] ?? 1];
  return multiply(g, one(g, 'MatMulIntegerToFloat', inputs, { dtype: 'float32', shape, ...microsoft }), x.largest);
}

/** Rows of a table. table [V, C], ids [T] int64 -> [T, C]. */
export function gather(g: Scope, table: Value, ids: Value): Value {
  return one(g, 'Gather', [table, ids], { dtype: table.dtype, shape: [...ids.shape, ...table.shape.slice(1)], attributes: { axis: 0 } });
}

/** Rows of a table in blocks. data [V, columns * bits / 8] uint8, scales [V, columns / size] float32, ids [T] -> [T, columns] float32. */
export function gatherBlocks(
  g: Scope,
  ids: Value,
  table: { data: Value; scales: Value; blockSize: number; bits: 8 | 4; columns: number },
): Value {
  const attributes = { gather_axis: 0, quantize_axis: 1, block_size: table.blockSize, bits: table.bits };
  const shape = [...ids.shape, table.columns];
  return one(g, 'GatherBlockQuantized', [table.data, ids, table.scales], { dtype: 'float32', shape, attributes, ...microsoft });
}

/** The same elements in another shape; at most one dimension may be symbolic. */
export function reshape(g: Scope, x: Value, shape: readonly Dim[]): Value {
  invariant(
    shape.filter((dim) => typeof dim === 'string').length <= 1,
    `${g.path}/Reshape: at most one symbolic dimension in [${shape.join(',')}]`,
  );
  const target = g.integers(shape.map((dim) => (typeof dim === 'string' ? -1 : dim)));
  return one(g, 'Reshape', [x, target], { dtype: x.dtype, shape });
}

/** Axes in another order. */
export function transpose(g: Scope, x: Value, axes: readonly number[]): Value {
  invariant(axes.length === x.shape.length, `${g.path}/Transpose: ${axes.length} axes for ${show(x)}`);
  return one(g, 'Transpose', [x], { dtype: x.dtype, shape: axes.map((axis) => x.shape[axis] ?? 1), attributes: { perm: axes } });
}

/** Values one after another along an axis; `size` names the length that comes out where it is symbolic. */
export function concat(g: Scope, values: readonly Value[], axis: number, size?: Dim): Value {
  const [first] = values;
  invariant(first !== undefined, `${g.path}/Concat: something to join`);
  const at = axis < 0 ? axis + first.shape.length : axis;
  const lengths = values.map((value) => value.shape[at]);
  const known = lengths.every((length): length is number => typeof length === 'number');
  const total = known ? lengths.reduce((sum, length) => sum + length, 0) : size;
  invariant(total !== undefined, `${g.path}/Concat: a name for the symbolic length`);
  const shape = first.shape.map((dim, index) => (index === at ? total : dim));
  return one(g, 'Concat', values, { dtype: first.dtype, shape, attributes: { axis } });
}

/** Rows [from, to) along one axis; `from` and `to` are int64 [1] values, `size` is the length that comes out. */
export function slice(g: Scope, x: Value, range: { axis: number; from: Value; to: Value; size: Dim }): Value {
  const shape = x.shape.map((dim, index) => (index === range.axis ? range.size : dim));
  return one(g, 'Slice', [x, range.from, range.to, g.integers([range.axis])], { dtype: x.dtype, shape });
}

/** Parts of the last axis, cut at the lengths in `sizes` (int64 [parts]); `names` are the lengths that come out. */
export function split(g: Scope, x: Value, sizes: Value, names: readonly Dim[]): Value[] {
  const outputs = names.map((name) => ({ dtype: x.dtype, shape: [...x.shape.slice(0, -1), name] }));
  return g.node('Split', [x, sizes], outputs, { attributes: { axis: -1 } });
}

/** The length of one axis as int64 [1]. */
export function lengthOf(g: Scope, x: Value, axis: number): Value {
  return one(g, 'Shape', [x], { dtype: 'int64', shape: [1], attributes: { start: axis, end: axis + 1 } });
}

/** start, start + 1, ... up to but without `end`. Both int64 [1]; returns int64 [size]. */
export function range(g: Scope, start: Value, end: Value, size: Dim): Value {
  const scalar = (value: Value): Value => one(g, 'Squeeze', [value], { dtype: 'int64', shape: [] });
  const step = g.integers([1], []);
  return one(g, 'Range', [scalar(start), scalar(end), step], { dtype: 'int64', shape: [size] });
}

/**
 * Rotary position embedding, rotate-half layout.
 *
 *   x [1, T, heads * D]   cosines, sines [1, T, D / 2]   returns [1, T, heads * D]
 */
export function rotaryEmbedding(g: Scope, x: Value, rotation: { cosines: Value; sines: Value }, heads: number): Value {
  return one(g, 'RotaryEmbedding', [x, rotation.cosines, rotation.sines], {
    dtype: x.dtype,
    shape: x.shape,
    attributes: { num_heads: heads, interleaved: 0 },
  });
}

/**
 * softmax(q k^T * scale) v for one head, without ever writing the score matrix out: onnxruntime's flash path, which
 * exists only for 3-D inputs with no mask, bias or past.
 *
 *   q [B, M, D]   k, v [B, N, D]   returns [B, M, D]
 */
export function flashAttention(g: Scope, qkv: { q: Value; k: Value; v: Value }, scale: number): Value {
  const { q, k, v } = qkv;
  check(`MultiHeadAttention ${g.path}`, same(q.shape[2], k.shape[2]), `k [B, N, ${q.shape[2]}]`, show(k));
  return one(g, 'MultiHeadAttention', [q, k, v], {
    dtype: q.dtype,
    shape: q.shape,
    attributes: { num_heads: 1, scale: { float: scale } },
    ...microsoft,
  });
}

interface Result {
  dtype: Dtype;
  shape: readonly Dim[];
  attributes?: Record<string, Attribute>;
  domain?: 'com.microsoft';
}

function one(g: Scope, op: string, inputs: readonly Value[], { dtype, shape, attributes = {}, domain }: Result): Value {
  const [value] = g.node(op, inputs, [{ dtype, shape }], { attributes, ...(domain === undefined ? {} : { domain }) });
  invariant(value !== undefined, `${op} has an output`);
  return value;
}

function productShape(g: Scope, a: Value, b: Value, last: Dim | undefined): Dim[] {
  const batch = broadcast(g, 'MatMul', { ...a, shape: a.shape.slice(0, -2) }, { ...b, shape: b.shape.slice(0, -2) });
  return [...batch, a.shape.at(-2) ?? 1, last ?? 1];
}

/** The shape two values broadcast to. Symbolic dimensions of different names are taken to agree: the run will tell. */
function broadcast(g: Scope, op: string, a: Value, b: Value): Dim[] {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, index) => {
    const left = a.shape[index - rank + a.shape.length] ?? 1;
    const right = b.shape[index - rank + b.shape.length] ?? 1;
    if (left === 1) return right;
    check(`${op} ${g.path}`, right === 1 || same(left, right), `a shape that broadcasts with ${show(a)}`, show(b));
    return typeof left === 'number' || right === 1 ? left : right;
  });
}

function same(a: Dim | undefined, b: Dim | undefined): boolean {
  return a === b || typeof a === 'string' || typeof b === 'string';
}

function check(where: string, holds: boolean, expected: string, got: string): void {
  invariant(holds, `${where}: expected ${expected}, got ${got}`);
}

function show(value: Value): string {
  return `[${value.shape.join(', ')}]`;
}
