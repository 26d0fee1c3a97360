/** Linear layers without bias, in whichever form their weights are stored. */
import type { Scope, Value } from '../onnx/graph.ts';
import { matmulInt8Blocks, matmulInt8Rows, matmulTransposed, quantizeRows } from '../onnx/ops.ts';
import type { QuantizedRows } from '../onnx/ops.ts';
import type { StoredMatrix } from './weight-table.ts';

/** The input of several linear layers: what is done to it once serves them all. */
export class LinearInput {
  readonly #scope: Scope;
  readonly #x: Value;
  #rows: QuantizedRows | undefined;

  /** x [T, inputs]. */
  constructor(g: Scope, x: Value) {
    this.#scope = g;
    this.#x = x;
  }

  /** x W^T. W [outputs, inputs]; returns [T, outputs] float32. */
  times(g: Scope, weight: StoredMatrix): Value {
    switch (weight.form) {
      case 'fp32':
        return matmulTransposed(g, this.#x, g.weight(weight.matrix));
      case 'int8-blocks':
        return matmulInt8Blocks(g, this.#x, {
          blocks: g.weight(weight.blocks),
          scales: g.weight(weight.scales),
          blockSize: weight.blockSize,
        });
      case 'int8-rows':
        this.#rows ??= quantizeRows(this.#scope.at('rows'), this.#x);
        return matmulInt8Rows(g, this.#rows, { matrix: g.weight(weight.matrix), scales: g.weight(weight.scales) });
    }
  }
}

/** x W^T for an input that only one layer reads. x [T, inputs], W [outputs, inputs]; returns [T, outputs] float32. */
export function linear(g: Scope, x: Value, weight: StoredMatrix): Value {
  return new LinearInput(g, x).times(g, weight);
}
