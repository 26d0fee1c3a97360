/**
 * The decoder's graphs.
 *
 *   document   states [S, C] (any tile of them)                  -> document_k.i [K, S, D], document_v.i [K, D, S] for every layer i
 *   scales     states [S, C] (any tile of them)                  -> key_scale.i [K, S, 1] for every layer i
 *   step       ids, positions, texts [T], past_positions,        -> logits [R, V], and new_k.i, new_v.i [K, T, D]
 *              past_texts [P], rows [R], past_k.i, past_v.i
 *              [K, P, D], and the document in one of two forms:
 *              cached    document_k.i [K, S, D], document_v.i [K, D, S]
 *              absorbed  states [S, C], key_scale.i [K, S, 1]
 *
 * What the document brings is built once and serves every question and every token. A step takes any number of new tokens of
 * any number of texts: a whole question, one token, several drafts at once, several questions side by side.
 * Source: arXiv 2512.14856; SPEC D1 to D9.
 */
import type { DocumentForm } from '../contract.ts';
import type { LayerKind, ModelSizes } from '../manifest.ts';
import { Graph } from '../onnx/graph.ts';
import type { Scope, Value } from '../onnx/graph.ts';
import { gather, reciprocal, reshape, rootMeanSquare, transpose } from '../onnx/ops.ts';
import { embed, logits } from './embedding.ts';
import type { Embedding } from './embedding.ts';
import { afterAttention, attentionInput, attentionOf } from './layer.ts';
import type { Layer } from './layer.ts';
import { LinearInput } from './linear.ts';
import { absorbedDocument, byKvHead, cachedDocument, causalMask, mergedAttention } from './merged-attention.ts';
import type { DocumentPart, Places } from './merged-attention.ts';
import { keyProjections, keys, queries, values } from './projections.ts';
import { rmsNorm } from './rms-norm.ts';
import { rotationAt } from './rope.ts';
import type { Rotation } from './rope.ts';
import type { WeightTable, Weights } from './weight-table.ts';

/** What the decoder's graphs are built from. */
export interface DecoderParts {
  sizes: ModelSizes;
  weights: WeightTable;
  embedding: Embedding;
}

/** Encoder states to the keys and values of every decoder layer: k_norm(k_proj E), v_proj E, not turned. */
export function decoderDocumentGraph(parts: DecoderParts): Graph {
  const { graph, input, stack } = documentInput('decoder.document', parts);
  for (const index of stack.layerTypes.keys()) {
    const g = graph.root.at(`decoder/layers.${index}/self_attn`);
    const attention = attentionOf(layerAt(parts, index, parts.weights.tiles));
    graph.output(`document_k.${index}`, byKvHead(g.at('k'), keys(g, input, attention, null), stack));
    const v = reshape(g.at('v'), values(g, input, attention), ['S', stack.kvHeads, stack.headDim]);
    graph.output(`document_v.${index}`, transpose(g.at('v'), v, [1, 2, 0]));
  }
  return graph;
}

/** Encoder states to what k_norm multiplies each key of every decoder layer by, but for its gain: 1 / rms(k_proj E). */
export function decoderScalesGraph(parts: DecoderParts): Graph {
  const { graph, input, stack } = documentInput('decoder.scales', parts);
  for (const index of stack.layerTypes.keys()) {
    const g = graph.root.at(`decoder/layers.${index}/self_attn`);
    const projected = keyProjections(g, input, attentionOf(layerAt(parts, index, parts.weights.tiles))); // [S, K, D]
    const scale = reciprocal(g, rootMeanSquare(g, projected, stack.rmsNormEps)); // [S, K, 1]
    graph.output(`key_scale.${index}`, byKvHead(g, reshape(g, scale, ['S', stack.kvHeads]), { ...stack, headDim: 1 }));
  }
  return graph;
}

function documentInput(name: string, { sizes }: DecoderParts): { graph: Graph; input: LinearInput; stack: ModelSizes['decoder'] } {
  const graph = new Graph(name);
  const states = graph.input('states', 'float32', ['S', sizes.hiddenSize]);
  return { graph, input: new LinearInput(graph.root.at('decoder'), states), stack: sizes.decoder };
}

/** One pass of the decoder over T new tokens. `rows` says for which of them logits are wanted. */
export function decoderStepGraph(parts: DecoderParts, form: DocumentForm): Graph {
  const { sizes } = parts;
  const stack = sizes.decoder;
  const graph = new Graph(`decoder.${form}`);
  const root = graph.root.at('decoder');
  const ids = graph.input('ids', 'int64', ['T']);
  const rows = graph.input('rows', 'int64', ['R']);
  const fresh = { positions: graph.input('positions', 'int64', ['T']), texts: graph.input('texts', 'int64', ['T']) };
  const past = { positions: graph.input('past_positions', 'int64', ['P']), texts: graph.input('past_texts', 'int64', ['P']) };
  const place = stepPlace(root, fresh, past, stack);
  const documentOf = form === 'cached' ? cachedDocumentOf(graph, parts) : absorbedDocumentOf(graph, parts);

  let hidden = embed(root.at('embed_tokens'), ids, parts.embedding);
  for (const [index, kind] of stack.layerTypes.entries()) {
    const layer = layerAt(parts, index, parts.weights.steps);
    hidden = decoderLayer(graph, hidden, layer, { ...place(kind), index, document: documentOf(index) });
  }
  const chosen = gather(root.at('norm'), hidden, rows);
  const normalised = rmsNorm(root.at('norm'), chosen, parts.weights.steps.vector('decoder.norm.weight'), stack.rmsNormEps);
  graph.output('logits', logits(root.at('lm_head'), normalised, parts.embedding.table, sizes.finalLogitSoftcap));
  return graph;
}

function cachedDocumentOf(graph: Graph, { sizes: { decoder } }: DecoderParts): (index: number) => DocumentPart {
  return (index) => {
    const { kvHeads, headDim } = decoder;
    const k = graph.input(`document_k.${index}`, 'float32', [kvHeads, 'S', headDim]);
    const vT = graph.input(`document_v.${index}`, 'float32', [kvHeads, headDim, 'S']);
    return cachedDocument(graph.root.at(`decoder/layers.${index}/self_attn/document`), { k, vT }, decoder);
  };
}

function absorbedDocumentOf(graph: Graph, parts: DecoderParts): (index: number) => DocumentPart {
  const { hiddenSize, decoder } = parts.sizes;
  const states = reshape(graph.root.at('decoder'), graph.input('states', 'float32', ['S', hiddenSize]), [1, 'S', hiddenSize]);
  return (index) => {
    const scales = graph.input(`key_scale.${index}`, 'float32', [decoder.kvHeads, 'S', 1]);
    const g = graph.root.at(`decoder/layers.${index}/self_attn/document`);
    return absorbedDocument(g, { states, scales }, attentionOf(layerAt(parts, index, parts.weights.tiles)));
  };
}

function decoderLayer(
  graph: Graph,
  hidden: Value,
  layer: Layer,
  at: { rotation: Rotation; mask: Value; index: number; document: DocumentPart },
): Value {
  const { stack } = layer;
  const g = graph.root.at(`decoder/layers.${at.index}`);
  const pastPart = (name: string): Value => graph.input(`${name}.${at.index}`, 'float32', [stack.kvHeads, 'P', stack.headDim]);
  const past = { k: pastPart('past_k'), v: pastPart('past_v') };

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
  const attended = mergedAttention(scope, { q, document: at.document, past, fresh, mask: at.mask }, stack);
  return afterAttention(g, hidden, attended, layer);
}

/** Rotation and mask depend on the kind of layer alone: built once each, where first asked for. */
function stepPlace(
  g: Scope,
  fresh: Places,
  past: Places,
  stack: ModelSizes['decoder'],
): (kind: LayerKind) => { rotation: Rotation; mask: Value } {
  const known = new Map<LayerKind, { rotation: Rotation; mask: Value }>();
  return (kind) => {
    const place = known.get(kind) ?? {
      rotation: rotationAt(g.at(`${kind}/rope`), fresh.positions, stack.rope[kind], stack.headDim),
      mask: causalMask(g.at(`${kind}/mask`), fresh, past, kind, stack),
    };
    known.set(kind, place);
    return place;
  };
}

function layerAt(parts: DecoderParts, index: number, weights: Weights): Layer {
  return { name: `decoder.layers.${index}`, stack: parts.sizes.decoder, weights };
}
