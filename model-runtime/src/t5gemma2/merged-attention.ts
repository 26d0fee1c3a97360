/**
 * Merged attention, the point of the architecture: the decoder's own past and the whole document share ONE softmax.
 *
 * Three parts stand side by side: [document | past | new]. Scores are joined, keys and values are not, so that the
 * document's are passed in as they lie in memory and the step returns only its new rows. The document's part comes in
 * two forms (DocumentPart): with its keys and values, or with nothing but the encoder's states.
 * Source: arXiv 2512.14856, section 3; transformers 5.23, T5Gemma2MergedAttention; SPEC D1 to D4, D8.
 */
import type { LayerKind, StackSizes } from '../manifest.ts';
import type { Scope, Value } from '../onnx/graph.ts';
import {
  add,
  and,
  concat,
  equal,
  lengthOf,
  less,
  lessOrEqual,
  matmul,
  matmulTransposed,
  multiply,
  reshape,
  softmax,
  split,
  subtract,
  transpose,
  where,
} from '../onnx/ops.ts';
import { dense } from './linear.ts';
import type { AttentionModule } from './projections.ts';

/** Added to a score that must not count. */
const outside = -1e9;

/** Keys and values of one part, [K, rows, D] each. */
export interface KeysAndValues {
  k: Value;
  v: Value;
}

/** The document's part of the attention. */
export interface DocumentPart {
  /** How many rows the document has: int64 [1]. */
  rows: Value;
  /** q k^T * scale. q [K, G * T, D]; returns [K, G * T, S]. */
  scores: (q: Value) => Value;
  /** p v. p [K, G * T, S]; returns [K, G * T, D]. */
  values: (p: Value) => Value;
}

/**
 * The document by its keys k [K, S, D] and values vT [K, D, S], not turned: fast, and 2 * K * D numbers a row and layer.
 *
 * q k^T is computed as (k q^T)^T, and p v as (v^T p^T)^T: with the long matrix on the left. On the right it would be packed anew
 * for every step, which takes up to twice as long (decision record 0013). That is why values lie transposed.
 */
export function cachedDocument(g: Scope, { k, vT }: { k: Value; vT: Value }, stack: StackSizes): DocumentPart {
  return {
    rows: lengthOf(g, k, 1),
    scores: (q) => transpose(g, matmulTransposed(g, k, q, stack.attentionScale), [0, 2, 1]),
    values: (p) => transpose(g, matmulTransposed(g, vT, p), [0, 2, 1]),
  };
}

/**
 * The document by its encoder states, the same for every layer: keys and values are never written out.
 *
 *   states e [1, S, C]   scales s [K, S, 1] = 1 / rms(W_k e), the only thing that differs by layer
 *
 *   q k^T = (((q * (1 + w_k)) W_k) e^T) * s           since k = W_k e * s * (1 + w_k)
 *   p v   = (p e) W_v^T                               since v = W_v e
 */
export function absorbedDocument(g: Scope, { states, scales }: { states: Value; scales: Value }, attention: AttentionModule): DocumentPart {
  const { name, stack, weights } = attention;
  const { kvHeads, headDim, attentionScale } = stack;
  const [, , hidden = 1] = states.shape;
  const byHead = (part: 'k' | 'v'): Value => {
    const scope = g.at(`${part}_proj`);
    return reshape(scope, dense(scope, weights.matrix(`${name}.${part}_proj.weight`)), [kvHeads, headDim, hidden]);
  };
  const gain = add(g.at('k_norm'), g.weight(weights.vector(`${name}.k_norm.weight`)), g.floats([1]));
  return {
    rows: lengthOf(g, states, 1),
    scores: (q) => {
      const looked = matmul(g, multiply(g, q, gain), byHead('k')); // [K, G * T, C]
      const raw = transpose(g, matmulTransposed(g, states, looked, attentionScale), [0, 2, 1]);
      return multiply(g, raw, reshape(g, scales, [kvHeads, 1, 'S']));
    },
    values: (p) => matmulTransposed(g, matmul(g, p, states), byHead('v')),
  };
}

/**
 * The attended heads of the new rows.
 *
 *   q [T, H * D], turned                      document: see DocumentPart
 *   past [K, P, D], turned                    fresh [K, T, D], turned (this step's own)
 *   mask [G * T, P + T], additive, over past and fresh     returns [T, H * D]
 *
 *   scores = [ q document_k^T | q past_k^T + mask | q fresh_k^T + mask ] * scale      one Softmax
 *   output = p_document document_v + p_past past_v + p_fresh fresh_v
 */
export function mergedAttention(
  g: Scope,
  inputs: { q: Value; document: DocumentPart; past: KeysAndValues; fresh: KeysAndValues; mask: Value },
  stack: StackSizes,
): Value {
  const { heads, kvHeads, headDim } = stack;
  const { q, document, past, fresh, mask } = inputs;
  const groups = heads / kvHeads;
  const byHead = transpose(g, reshape(g, q, ['T', kvHeads, groups, headDim]), [1, 2, 0, 3]);
  const folded = reshape(g, byHead, [kvHeads, 'G*T', headDim]);

  const scoresOf = (k: Value): Value => matmulTransposed(g, folded, k, stack.attentionScale);
  const own = concat(g, [scoresOf(past.k), scoresOf(fresh.k)], 2, 'P+T');
  const scores = concat(g, [document.scores(folded), add(g, own, mask)], 2, 'S+P+T');
  const sizes = concat(g, [document.rows, lengthOf(g, past.k, 1), lengthOf(g, fresh.k, 1)], 0);
  const [pDocument, pPast, pFresh] = split(g, softmax(g, scores), sizes, ['S', 'P', 'T']) as [Value, Value, Value];

  const ownValues = add(g, matmul(g, pPast, past.v), matmul(g, pFresh, fresh.v));
  const attended = add(g, document.values(pDocument), ownValues);
  const unfolded = transpose(g, reshape(g, attended, [kvHeads, groups, 'T', headDim]), [2, 0, 1, 3]);
  return reshape(g, unfolded, ['T', heads * headDim]);
}

/** Rows by kv head: x [T, K * D]; returns [K, T, D]. */
export function byKvHead(g: Scope, x: Value, stack: StackSizes): Value {
  const length = x.shape[0] ?? 1;
  return transpose(g, reshape(g, x, [length, stack.kvHeads, stack.headDim]), [1, 0, 2]);
}

/** Where rows of the decoder stand: which text each belongs to, and its position there. int64 [rows] each. */
export interface Places {
  texts: Value;
  positions: Value;
}

/**
 * Which of the past and fresh rows each fresh row sees: those of its own text at or before its own position, in sliding
 * layers no further back than the window (0 <= i - j < W). Returns the additive mask [G * T, P + T].
 */
export function causalMask(g: Scope, fresh: Places, past: Places, kind: LayerKind, stack: StackSizes): Value {
  const column = (x: Value): Value => reshape(g, x, ['T', 1]);
  const row = (mine: Value, theirs: Value): Value => reshape(g, concat(g, [mine, theirs], 0, 'P+T'), [1, 'P+T']);
  const distance = subtract(g, column(fresh.positions), row(past.positions, fresh.positions));
  const isBefore = lessOrEqual(g, g.integers([0]), distance);
  const isOfText = and(g, equal(g, column(fresh.texts), row(past.texts, fresh.texts)), isBefore);
  const isSeen = kind === 'full_attention' ? isOfText : and(g, isOfText, less(g, distance, g.integers([stack.slidingWindow])));
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
