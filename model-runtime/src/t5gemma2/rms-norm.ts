/** RMSNorm as Gemma has it: the learned weight counts from one. */
import type { Scope, Value } from '../onnx/graph.ts';
import type { StoredTensor } from '../onnx/graph.ts';
import { add, rmsNormalization } from '../onnx/ops.ts';

/**
 * x * rsqrt(mean(x^2) + eps) * (1 + w) over the last axis, in float32. x [..., N], w [N]; returns [..., N].
 * Source: transformers 5.23, modeling_t5gemma2.py, T5Gemma2RMSNorm.
 */
export function rmsNorm(g: Scope, x: Value, weight: StoredTensor, epsilon: number): Value {
  return rmsNormalization(g, x, add(g, g.weight(weight), g.floats([1])), epsilon);
}
