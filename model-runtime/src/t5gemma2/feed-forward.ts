/** The gated feed-forward block of every layer. Source: transformers 5.23, T5Gemma2MLP. */
import type { Scope, Value } from '../onnx/graph.ts';
import { geluTanh, multiply } from '../onnx/ops.ts';
import { LinearInput, linear } from './linear.ts';
import type { Weights } from './weight-table.ts';

/** down_proj(gelu_tanh(gate_proj x) * up_proj x). x [T, C]; returns [T, C]. `name` is the module's checkpoint name. */
export function feedForward(g: Scope, x: Value, name: string, weights: Weights): Value {
  const input = new LinearInput(g, x);
  const gate = geluTanh(g, input.times(g.at('gate_proj'), weights.matrix(`${name}.gate_proj.weight`)));
  const up = input.times(g.at('up_proj'), weights.matrix(`${name}.up_proj.weight`));
  return linear(g.at('down_proj'), multiply(g, gate, up), weights.matrix(`${name}.down_proj.weight`));
}
