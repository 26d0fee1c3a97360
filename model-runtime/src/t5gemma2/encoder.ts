/**
 * The encoder's graphs: one to enter it, one for each layer. Each works on a tile of rows; the rows between them are
 * kept by whoever runs them (reading/encoder-run.ts), which is what makes any length possible in bounded memory.
 *
 *   embed         ids [T]                                  -> hidden [T, C]
 *   entry         hidden [T, C], first [1]                 -> q, k, v of layer 0
 *   layers.i      hidden [T, C], q, k, v, first, length    -> hidden', and q, k, v of layer i + 1
 *   the last one                                           -> states [T, C] after the final norm
 *
 * Layer i + 1's projections are computed where its input comes into being, so each row crosses the border once.
 * For what q, k and v hold in each kind of layer see attention.ts. Decision record 0003.
 */
import type { LayerKind, ModelSizes, SlidingBlocks } from '../manifest.ts';
import { Graph } from '../onnx/graph.ts';
import type { Scope, Value } from '../onnx/graph.ts';
import { add, lengthOf, slice } from '../onnx/ops.ts';
import { fullAttention, slidingAttention } from './attention.ts';
import { embed } from './embedding.ts';
import type { Embedding } from './embedding.ts';
import { afterAttention, attentionInput, attentionOf } from './layer.ts';
import type { Layer } from './layer.ts';
import { LinearInput } from './linear.ts';
import { keys, queries, values } from './projections.ts';
import { rmsNorm } from './rms-norm.ts';
import { rotationAt, positions } from './rope.ts';
import type { Weights } from './weight-table.ts';

/** What the encoder's graphs are built from. */
export interface EncoderParts {
  sizes: ModelSizes;
  weights: Weights;
  blocks: SlidingBlocks;
}

/** ids [T] int64 -> hidden [T, C]. */
export function embedGraph(embedding: Embedding): Graph {
  const graph = new Graph('embed');
  const ids = graph.input('ids', 'int64', ['T']);
  graph.output('hidden', embed(graph.root.at('embed_tokens'), ids, embedding));
  return graph;
}

/** hidden [T, C], first int64 [1] -> q [T, H * D], k, v [T, K * D] of layer 0. */
export function encoderEntryGraph(parts: EncoderParts): Graph {
  const graph = new Graph('encoder.entry');
  const hidden = graph.input('hidden', 'float32', ['T', parts.sizes.hiddenSize]);
  const first = graph.input('first', 'int64', [1]);
  project(graph, hidden, first, layerAt(parts, 0));
  return graph;
}

/** One layer, and the projections of the next; after the last layer the final norm. */
export function encoderLayerGraph(parts: EncoderParts, index: number): Graph {
  const { sizes, blocks } = parts;
  const stack = sizes.encoder;
  const kind = layerKind(parts, index);
  const isSliding = kind === 'sliding_attention';
  const graph = new Graph(`encoder.layers.${index}`);
  const g = graph.root.at(`encoder/layers.${index}`);
  const hidden = graph.input('hidden', 'float32', ['T', sizes.hiddenSize]);
  const q = graph.input('q', 'float32', [isSliding ? 'N*rows' : 'T', stack.heads * stack.headDim]);
  const k = graph.input('k', 'float32', ['S', stack.kvHeads * stack.headDim]);
  const v = graph.input('v', 'float32', ['S', stack.kvHeads * stack.headDim]);
  const first = graph.input('first', 'int64', [1]);

  const attend = (): Value => {
    if (!isSliding) return fullAttention(g.at('self_attn'), { q, k, v }, stack);
    const length = graph.input('length', 'int64', [1]);
    const padded = slidingAttention(g.at('self_attn'), { q, k, v, first, length }, stack, blocks);
    const from = g.integers([0]);
    return slice(g.at('self_attn'), padded, { axis: 0, from, to: lengthOf(g, hidden, 0), size: 'T' });
  };
  const output = afterAttention(g, hidden, attend(), layerAt(parts, index));

  if (index + 1 === stack.layerTypes.length) {
    const root = graph.root.at('encoder/norm');
    graph.output('states', rmsNorm(root, output, parts.weights.vector('encoder.norm.weight'), stack.rmsNormEps));
    return graph;
  }
  graph.output('hidden_out', output);
  project(graph, output, first, layerAt(parts, index + 1));
  return graph;
}

/** The projections of a layer as outputs q, k, v. */
function project(graph: Graph, hidden: Value, first: Value, layer: Layer & { kind: LayerKind }): void {
  const g: Scope = graph.root.at(layer.name.replace('.', '/'));
  const { rope, headDim } = layer.stack;
  const end = add(g.at('rope'), first, lengthOf(g.at('rope'), hidden, 0));
  const rotation = rotationAt(g.at('rope'), positions(g.at('rope'), first, end, 'T'), rope[layer.kind], headDim);
  const input = new LinearInput(g.at('self_attn'), attentionInput(g, hidden, layer));
  const attention = attentionOf(layer);
  const scope = g.at('self_attn');
  graph.output('q_out', queries(scope, input, attention, rotation));
  graph.output('k_out', keys(scope, input, attention, rotation));
  graph.output('v_out', values(scope, input, attention));
}

function layerAt(parts: EncoderParts, index: number): Layer & { kind: LayerKind } {
  return { name: `encoder.layers.${index}`, stack: parts.sizes.encoder, weights: parts.weights, kind: layerKind(parts, index) };
}

function layerKind(parts: EncoderParts, index: number): LayerKind {
  return parts.sizes.encoder.layerTypes[index] ?? 'full_attention';
}
