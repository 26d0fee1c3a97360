/** Linear layers without bias, in whichever form their weights are stored. */
import { invariant } from '../errors.ts';
import type { Scope, Value } from '../onnx/graph.ts';
import { cast, matmulBlocks, matmulInt8Rows, matmulTransposed, multiply, quantizeRows, transpose } from '../onnx/ops.ts';
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
      case 'blocks':
        return matmulBlocks(g, this.#x, { ...weight, blocks: g.weight(weight.blocks), scales: g.weight(weight.scales) });
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

/** The weight itself, [outputs, inputs] float32, of a form made for tiles: folded into a constant when the graph is loaded. */
export function dense(g: Scope, weight: StoredMatrix): Value {
  invariant(weight.form !== 'blocks', `${g.path}: blocks are read by steps alone`);
  if (weight.form === 'fp32') return g.weight(weight.matrix);
  return transpose(g, multiply(g, cast(g, g.weight(weight.matrix), 'float32'), g.weight(weight.scales)), [1, 0]);
}
