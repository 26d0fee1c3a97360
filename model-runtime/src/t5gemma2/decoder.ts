/**
 * The decoder's two graphs.
 *
 *   document   states [S, C] (any tile of them)                  -> document_k.i, document_v.i [K, S, D] for every layer i
 *   step       ids [T], first [1], rows [R], the document's keys -> logits [R, V], and new_k.i, new_v.i [K, T, D]
 *              and values, and past_k.i, past_v.i [K, P, D]
 *
 * The document's keys and values are built once and serve every question and every token. A step takes any number of
 * new tokens: a whole question, one token, or several drafts at once. Source: arXiv 2512.14856; SPEC D1 to D6.
 */
import type { LayerKind, ModelSizes } from '../manifest.ts';
import { Graph } from '../onnx/graph.ts';
import type { Scope, Value } from '../onnx/graph.ts';
import { add, gather, lengthOf } from '../onnx/ops.ts';
import { embed, logits } from './embedding.ts';
import type { Embedding } from './embedding.ts';
import { afterAttention, attentionInput, attentionOf } from './layer.ts';
import type { Layer } from './layer.ts';
import { LinearInput } from './linear.ts';
import { byKvHead, causalMask, mergedAttention } from './merged-attention.ts';
import { keys, queries, values } from './projections.ts';
import { rmsNorm } from './rms-norm.ts';
import { positions, rotationAt } from './rope.ts';
import type { Rotation } from './rope.ts';
import type { WeightTable } from './weight-table.ts';

/** What the decoder's graphs are built from. */
export interface DecoderParts {
  sizes: ModelSizes;
  weights: WeightTable;
  embedding: Embedding;
}

/** Encoder states to the keys and values of every decoder layer: k_norm(k_proj E), v_proj E, not turned. */
export function decoderDocumentGraph(parts: DecoderParts): Graph {
  const graph = new Graph('decoder.document');
  const states = graph.input('states', 'float32', ['S', parts.sizes.hiddenSize]);
  const stack = parts.sizes.decoder;
  const input = new LinearInput(graph.root.at('decoder'), states);
  for (const index of stack.layerTypes.keys()) {
    const g = graph.root.at(`decoder/layers.${index}/self_attn`);
    const attention = attentionOf({ ...layerAt(parts, index), weights: parts.weights.tiles });
    graph.output(`document_k.${index}`, byKvHead(g.at('k'), keys(g, input, attention, null), stack));
    graph.output(`document_v.${index}`, byKvHead(g.at('v'), values(g, input, attention), stack));
  }
  return graph;
}

/** One pass of the decoder over T new tokens. `rows` says for which of them logits are wanted. */
export function decoderStepGraph(parts: DecoderParts): Graph {
  const { sizes } = parts;
  const weights = parts.weights.steps;
  const stack = sizes.decoder;
  const graph = new Graph('decoder.step');
  const root = graph.root.at('decoder');
  const ids = graph.input('ids', 'int64', ['T']);
  const first = graph.input('first', 'int64', [1]);
  const rows = graph.input('rows', 'int64', ['R']);
  const place = stepPlace(root, ids, first, stack);

  let hidden = embed(root.at('embed_tokens'), ids, parts.embedding);
  for (const [index, kind] of stack.layerTypes.entries()) {
    hidden = decoderLayer(graph, hidden, layerAt(parts, index), { ...place(kind), index });
  }
  const chosen = gather(root.at('norm'), hidden, rows);
  const normalised = rmsNorm(root.at('norm'), chosen, weights.vector('decoder.norm.weight'), stack.rmsNormEps);
  graph.output('logits', logits(root.at('lm_head'), normalised, parts.embedding.table, sizes.finalLogitSoftcap));
  return graph;
}

function decoderLayer(
  graph: Graph,
  hidden: Value,
  layer: Layer,
  at: { rotation: Rotation; mask: (past: Value) => Value; index: number },
): Value {
  const { stack } = layer;
  const g = graph.root.at(`decoder/layers.${at.index}`);
  const part = (name: string, rows: string): Value => graph.input(`${name}.${at.index}`, 'float32', [stack.kvHeads, rows, stack.headDim]);
  const document = { k: part('document_k', 'S'), v: part('document_v', 'S') };
  const past = { k: part('past_k', 'P'), v: part('past_v', 'P') };

  const scope = g.at('self_attn');
  const input = new LinearInput(scope, attentionInput(g, hidden, layer));
  const attention = attentionOf(layer);
  const fresh = {
    k: byKvHead(scope.at('k'), keys(scope, input, attention, at.rotation), stack),
    v: byKvHead(scope.at('v'), values(scope, input, attention), stack),
  };
  graph.output(`new_k.${at.index}`, fresh.k);
  graph.output(`new_v.${at.index}`, fresh.v);
  const q = queries(scope, input, attention, at.rotation);
  const attended = mergedAttention(scope, { q, document, past, fresh, mask: at.mask(past.k) }, stack);
  return afterAttention(g, hidden, attended, layer);
}

/** Rotation and mask depend on the kind of layer alone: built once each, where first asked for. */
function stepPlace(
  g: Scope,
  ids: Value,
  first: Value,
  stack: ModelSizes['decoder'],
): (kind: LayerKind) => { rotation: Rotation; mask: (past: Value) => Value } {
  const end = add(g, first, lengthOf(g, ids, 0));
  const rotations = new Map<LayerKind, Rotation>();
  const masks = new Map<LayerKind, Value>();
  return (kind) => {
    const scope = g.at(kind);
    const rotation =
      rotations.get(kind) ?? rotationAt(scope.at('rope'), positions(scope.at('rope'), first, end, 'T'), stack.rope[kind], stack.headDim);
    rotations.set(kind, rotation);
    const mask = (past: Value): Value => {
      const known =
        masks.get(kind) ?? causalMask(scope.at('mask'), { first, end, pastLength: lengthOf(scope.at('mask'), past, 1) }, kind, stack);
      masks.set(kind, known);
      return known;
    };
    return { rotation, mask };
  };
}

function layerAt(parts: DecoderParts, index: number): Layer {
  return { name: `decoder.layers.${index}`, stack: parts.sizes.decoder, weights: parts.weights.steps };
}
