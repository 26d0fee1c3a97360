/**
 * Merged attention, the point of the architecture: the decoder's own past and the whole document share ONE softmax.
 *
 * Three parts stand side by side: [document | past | new]. Scores are joined, keys and values are not, so that the
 * document's are passed in as they lie in memory and the step returns only its new rows.
 * Source: arXiv 2512.14856, section 3; transformers 5.23, T5Gemma2MergedAttention; SPEC D1 to D4.
 */
import type { LayerKind, StackSizes } from '../manifest.ts';
import type { Scope, Value } from '../onnx/graph.ts';
import {
  add,
  and,
  concat,
  lengthOf,
  less,
  lessOrEqual,
  matmul,
  matmulTransposed,
  range,
  reshape,
  softmax,
  split,
  subtract,
  transpose,
  where,
} from '../onnx/ops.ts';

/** Added to a score that must not count. */
const outside = -1e9;

/** Keys and values of one part, [K, rows, D] each. */
export interface KeysAndValues {
  k: Value;
  v: Value;
}

/**
 * The attended heads of the new rows.
 *
 *   q [T, H * D], turned                      document [K, S, D], not turned
 *   past [K, P, D], turned                    fresh [K, T, D], turned (this step's own)
 *   mask [G * T, P + T], additive, over past and fresh     returns [T, H * D]
 *
 *   scores = [ q document_k^T | q past_k^T + mask | q fresh_k^T + mask ] * scale      one Softmax
 *   output = p_document document_v + p_past past_v + p_fresh fresh_v
 */
export function mergedAttention(
  g: Scope,
  inputs: { q: Value; document: KeysAndValues; past: KeysAndValues; fresh: KeysAndValues; mask: Value },
  stack: StackSizes,
): Value {
  const { heads, kvHeads, headDim } = stack;
  const { q, document, past, fresh, mask } = inputs;
  const groups = heads / kvHeads;
  const byHead = transpose(g, reshape(g, q, ['T', kvHeads, groups, headDim]), [1, 2, 0, 3]);
  const folded = reshape(g, byHead, [kvHeads, 'G*T', headDim]);

  const scoresOf = (k: Value): Value => matmulTransposed(g, folded, k, stack.attentionScale);
  const own = concat(g, [scoresOf(past.k), scoresOf(fresh.k)], 2, 'P+T');
  const scores = concat(g, [scoresOf(document.k), add(g, own, mask)], 2, 'S+P+T');
  const sizes = concat(g, [lengthOf(g, document.k, 1), lengthOf(g, past.k, 1), lengthOf(g, fresh.k, 1)], 0);
  const [pDocument, pPast, pFresh] = split(g, softmax(g, scores), sizes, ['S', 'P', 'T']) as [Value, Value, Value];

  const ownValues = add(g, matmul(g, pPast, past.v), matmul(g, pFresh, fresh.v));
  const attended = add(g, matmul(g, pDocument, document.v), ownValues);
  const unfolded = transpose(g, reshape(g, attended, [kvHeads, groups, 'T', headDim]), [2, 0, 1, 3]);
  return reshape(g, unfolded, ['T', heads * headDim]);
}

/** Rows by kv head: x [T, K * D]; returns [K, T, D]. */
export function byKvHead(g: Scope, x: Value, stack: StackSizes): Value {
  const length = x.shape[0] ?? 1;
  return transpose(g, reshape(g, x, [length, stack.kvHeads, stack.headDim]), [1, 0, 2]);
}

/**
 * Which of the past and fresh rows each fresh row sees: itself and what came before, in sliding layers no further back
 * than the window (0 <= i - j < W). Returns the additive mask [G * T, P + T].
 *
 *   first int64 [1]: position of the first fresh row   end: first + T   pastLength: P (the P rows right before `first`)
 */
export function causalMask(g: Scope, rows: { first: Value; end: Value; pastLength: Value }, kind: LayerKind, stack: StackSizes): Value {
  const from = reshape(g, range(g, rows.first, rows.end, 'T'), ['T', 1]);
  const oldest = subtract(g, rows.first, rows.pastLength);
  const to = reshape(g, range(g, oldest, rows.end, 'P+T'), [1, 'P+T']);
  const isBefore = lessOrEqual(g, to, from);
  const isSeen = kind === 'full_attention' ? isBefore : and(g, isBefore, less(g, subtract(g, from, to), g.integers([stack.slidingWindow])));
  const mask = where(g, isSeen, g.floats([0]), g.floats([outside]));
  const groups = stack.heads / stack.kvHeads;
  return groups === 1
    ? mask
    : concat(
        g,
        Array.from({ length: groups }, () => mask),
        0,
        'G*T',
      );
}
