/**
 * What every layer does around its attention: norms before and after, residuals, and the feed-forward block.
 * Source: transformers 5.23, T5Gemma2EncoderLayer and T5Gemma2DecoderLayer (the two are alike here).
 */
import type { StackSizes } from '../manifest.ts';
import type { Scope, Value } from '../onnx/graph.ts';
import { add } from '../onnx/ops.ts';
import { feedForward } from './feed-forward.ts';
import { linear } from './linear.ts';
import type { AttentionModule } from './projections.ts';
import { rmsNorm } from './rms-norm.ts';
import type { Weights } from './weight-table.ts';

/** One layer: its checkpoint name (`decoder.layers.2`), the sizes of its stack, and the weights. */
export interface Layer {
  name: string;
  stack: StackSizes;
  weights: Weights;
}

/** The layer's attention module. */
export function attentionOf({ name, stack, weights }: Layer): AttentionModule {
  return { name: `${name}.self_attn`, stack, weights };
}

/** What the layer's projections read: pre_self_attn_layernorm(x). x [T, C]; returns [T, C]. */
export function attentionInput(g: Scope, x: Value, layer: Layer): Value {
  return norm(g, x, layer, 'pre_self_attn_layernorm');
}

/**
 * The rest of the layer once its heads have attended.
 *
 *   x [T, C] (the layer's input)   attended [T, H * D]   returns [T, C]
 *
 *   x = x + post_self_attn_layernorm(o_proj attended)
 *   x = x + post_feedforward_layernorm(mlp(pre_feedforward_layernorm(x)))
 */
export function afterAttention(g: Scope, x: Value, attended: Value, layer: Layer): Value {
  const projected = linear(g.at('self_attn/o_proj'), attended, layer.weights.matrix(`${layer.name}.self_attn.o_proj.weight`));
  const joined = add(g, x, norm(g, projected, layer, 'post_self_attn_layernorm'));
  const fed = feedForward(g.at('mlp'), norm(g, joined, layer, 'pre_feedforward_layernorm'), `${layer.name}.mlp`, layer.weights);
  return add(g, joined, norm(g, fed, layer, 'post_feedforward_layernorm'));
}

function norm(g: Scope, x: Value, layer: Layer, name: string): Value {
  return rmsNorm(g.at(name), x, layer.weights.vector(`${layer.name}.${name}.weight`), layer.stack.rmsNormEps);
}
