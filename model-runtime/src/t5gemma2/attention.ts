/**
 * The encoder's attention, bidirectional: over everything (full layers) or over a window (sliding layers).
 *
 * Queries are one tile of rows; keys and values are all rows of the document (full) or the tile's rows with whole
 * blocks of neighbours around them (sliding). Source: the checkpoint specification; SPEC E4, E5.
 */
import type { SlidingBlocks, StackSizes } from '../manifest.ts';
import type { Dim, Scope, Value } from '../onnx/graph.ts';
import {
  add,
  and,
  flashAttention,
  gather,
  lengthOf,
  less,
  lessOrEqual,
  matmul,
  matmulTransposed,
  range,
  reshape,
  softmax,
  subtract,
  transpose,
  where,
} from '../onnx/ops.ts';
import { windowMask } from './sliding-blocks.ts';

/** Added to a score that must not count. Finite, so that a row which sees nothing (padding) stays a number. */
const outside = -1e9;

/**
 * Every query sees every key.
 *
 *   q [T, H * D]   k, v [S, K * D]   returns [T, H * D]
 *
 * The G query heads that share a kv head are folded into rows, so that the flash path runs without repeating keys:
 *
 *   q ── [T, K, G, D] ── [K, G * T, D] ─┐
 *   k, v ── [S, K, D] ── [K, S, D] ─────┴─ flash ── [K, G, T, D] ── [T, H * D]
 */
export function fullAttention(g: Scope, qkv: { q: Value; k: Value; v: Value }, stack: StackSizes): Value {
  const { heads, kvHeads, headDim } = stack;
  const groups = heads / kvHeads;
  const tile = qkv.q.shape[0] ?? 1;
  const byHead = transpose(g, reshape(g, qkv.q, [tile, kvHeads, groups, headDim]), [1, 2, 0, 3]);
  const folded = reshape(g, byHead, [kvHeads, 'G*T', headDim]);
  const byKvHead = (x: Value): Value => transpose(g, reshape(g, x, [x.shape[0] ?? 1, kvHeads, headDim]), [1, 0, 2]);
  const attended = flashAttention(g, { q: folded, k: byKvHead(qkv.k), v: byKvHead(qkv.v) }, stack.attentionScale);
  const unfolded = transpose(g, reshape(g, attended, [kvHeads, groups, tile, headDim]), [2, 0, 1, 3]);
  return reshape(g, unfolded, [tile, heads * headDim]);
}

/** What a sliding layer is given besides its sizes. */
export interface SlidingInputs {
  /** [N * rows, H * D]: the tile's queries, padded to whole blocks. */
  q: Value;
  /** [(before + N + after) * rows, K * D]: keys of the tile and of the blocks around it. */
  k: Value;
  /** As k. */
  v: Value;
  /** int64 [1]: the document row that the tile's first row is. */
  first: Value;
  /** int64 [1]: how many rows the document has; rows before 0 and from here on are padding. */
  length: Value;
}

/**
 * Every query sees the keys inside its window, block by block.
 *
 *   q ── [N, K, G * rows, D] ───────── FusedMatMul k^T ── + window and padding ── Softmax ── MatMul v ── [N * rows, H * D]
 *   k, v ── windows [N, K, width, D] ─────────┴──────────────────────────────────────────────────┘
 *
 * N blocks of the tile; width = (before + 1 + after) * rows.
 */
export function slidingAttention(g: Scope, inputs: SlidingInputs, stack: StackSizes, blocks: SlidingBlocks): Value {
  const { heads, kvHeads, headDim } = stack;
  const groups = heads / kvHeads;
  const width = (blocks.before + 1 + blocks.after) * blocks.rows;

  const byBlock = transpose(g, reshape(g, inputs.q, ['N', blocks.rows, kvHeads, groups, headDim]), [0, 2, 3, 1, 4]);
  const q = reshape(g, byBlock, ['N', kvHeads, groups * blocks.rows, headDim]);
  const byWindow = (x: Value): Value => {
    const joined = windows(g, reshape(g, x, ['A', blocks.rows, kvHeads, headDim]), blocks); // [N, width, K, D]
    return kvHeads === 1 ? reshape(g, joined, ['N', 1, width, headDim]) : transpose(g, joined, [0, 2, 1, 3]);
  };

  const scores = matmulTransposed(g, q, byWindow(inputs.k), stack.attentionScale);
  const byGroup = reshape(g, scores, ['N', kvHeads, groups, blocks.rows, width]);
  const masked = reshape(g, add(g, byGroup, seenFrom(g, inputs, stack, blocks)), ['N', kvHeads, groups * blocks.rows, width]);
  const attended = matmul(g, softmax(g, masked), byWindow(inputs.v)); // [N, K, G * rows, D]
  const unfolded = transpose(g, reshape(g, attended, ['N', kvHeads, groups, blocks.rows, headDim]), [0, 3, 1, 2, 4]);
  return reshape(g, unfolded, ['N*rows', heads * headDim]);
}

/** What is added to the scores of each block's rows: 0 inside the window and the document. Returns [N, 1, 1, rows, width]. */
function seenFrom(g: Scope, inputs: SlidingInputs, stack: StackSizes, blocks: SlidingBlocks): Value {
  const width = (blocks.before + 1 + blocks.after) * blocks.rows;
  const window = g.floats(windowMask(stack.slidingWindow, blocks, outside), [1, 1, 1, blocks.rows, width]);
  const padding = windows(g, paddingMask(g.at('padding'), inputs, blocks), blocks);
  return add(g, reshape(g, padding, ['N', 1, 1, 1, width]), window);
}

/** Each block beside the blocks it sees. x [before + N + after, rows, ...]; returns [N, (before + 1 + after) * rows, ...]. */
function windows(g: Scope, x: Value, blocks: SlidingBlocks): Value {
  const reach = blocks.before + blocks.after;
  const [, rows = 1, ...rest] = x.shape;
  const count = subtract(g, lengthOf(g, x, 0), g.integers([reach]));
  const first = reshape(g, range(g, g.integers([0]), count, 'N'), ['N', 1]);
  const seen = add(g, first, g.integers(Array.from({ length: reach + 1 }, (_, offset) => offset))); // [N, before + 1 + after]
  return reshape(g, gather(g, x, seen), ['N', (reach + 1) * Number(rows), ...rest]);
}

/** 0 for rows of the document, `outside` for padding before and after it. Returns [before + N + after, rows]. */
function paddingMask(g: Scope, inputs: SlidingInputs, blocks: SlidingBlocks): Value {
  const firstKey = add(g, inputs.first, g.integers([-blocks.before * blocks.rows]));
  const size: Dim = 'A*rows';
  const at = range(g, firstKey, add(g, firstKey, lengthOf(g, inputs.k, 0)), size);
  const isRow = and(g, lessOrEqual(g, g.integers([0]), at), less(g, at, inputs.length));
  return reshape(g, where(g, isRow, g.floats([0]), g.floats([outside])), ['A', blocks.rows]);
}
