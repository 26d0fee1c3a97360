/** A linear layer without bias, in whichever form its weight is stored. */
import type { Scope, Value } from '../onnx/graph.ts';
import { matmulInt8Blocks, matmulTransposed } from '../onnx/ops.ts';
import type { StoredMatrix } from './weight-table.ts';

/** x W^T. x [T, inputs], W [outputs, inputs]; returns [T, outputs] float32. */
export function linear(g: Scope, x: Value, weight: StoredMatrix): Value {
  if (weight.form === 'fp32') return matmulTransposed(g, x, g.weight(weight.matrix));
  return matmulInt8Blocks(g, x, { blocks: g.weight(weight.blocks), scales: g.weight(weight.scales), blockSize: weight.blockSize });
}
