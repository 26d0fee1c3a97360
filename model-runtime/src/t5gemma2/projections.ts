/**
 * Hidden states to the queries, keys and values of one attention, heads normalised and turned: what the encoder's
 * attention and the decoder's merged attention share. One set of weights serves both sides of the merged attention.
 */
import type { StackSizes } from '../manifest.ts';
import type { Scope, Value } from '../onnx/graph.ts';
import { reshape } from '../onnx/ops.ts';
import type { LinearInput } from './linear.ts';
import { rmsNorm } from './rms-norm.ts';
import { rotate } from './rope.ts';
import type { Rotation } from './rope.ts';
import type { Weights } from './weight-table.ts';

/** One attention module: its place in the checkpoint (`encoder.layers.3.self_attn`), its sizes and its weights. */
export interface AttentionModule {
  name: string;
  stack: StackSizes;
  weights: Weights;
}

/** rope(q_norm(q_proj x)). x [T, C]; returns [T, H * D]. */
export function queries(g: Scope, x: LinearInput, attention: AttentionModule, rotation: Rotation): Value {
  return rotate(g.at('q'), headNorm(g, x, attention, 'q'), rotation, attention.stack.heads);
}

/** k_norm(k_proj x), turned where a rotation is given (the decoder's view of the encoder has none). Returns [T, K * D]. */
export function keys(g: Scope, x: LinearInput, attention: AttentionModule, rotation: Rotation | null): Value {
  const normalised = headNorm(g, x, attention, 'k');
  return rotation === null ? normalised : rotate(g.at('k'), normalised, rotation, attention.stack.kvHeads);
}

/** v_proj x. x [T, C]; returns [T, K * D]. */
export function values(g: Scope, x: LinearInput, attention: AttentionModule): Value {
  return x.times(g.at('v_proj'), attention.weights.matrix(`${attention.name}.v_proj.weight`));
}

/** k_proj x by head, as it is before its norm. x [T, C]; returns [T, K, D]. */
export function keyProjections(g: Scope, x: LinearInput, attention: AttentionModule): Value {
  return byHead(g, x, attention, 'k');
}

/** The norm is over each head's own D channels. */
function headNorm(g: Scope, x: LinearInput, attention: AttentionModule, part: 'q' | 'k'): Value {
  const { name, stack, weights } = attention;
  const projected = byHead(g, x, attention, part);
  const [length = 1, heads = 1] = projected.shape;
  const normalised = rmsNorm(g.at(`${part}_norm`), projected, weights.vector(`${name}.${part}_norm.weight`), stack.rmsNormEps);
  return reshape(g.at(`${part}_norm`), normalised, [length, Number(heads) * stack.headDim]);
}

function byHead(g: Scope, x: LinearInput, { name, stack, weights }: AttentionModule, part: 'q' | 'k'): Value {
  const projected = x.times(g.at(`${part}_proj`), weights.matrix(`${name}.${part}_proj.weight`));
  const [length = 1] = projected.shape;
  return reshape(g.at(`${part}_norm`), projected, [length, part === 'q' ? stack.heads : stack.kvHeads, stack.headDim]);
}
