/**
 * The stored weights as the graphs see them, by checkpoint name, and the shapes that each must have.
 * Where the bytes lie and in which precision is decided by the importer; here they are only asked for.
 */
import { invariant } from '../errors.ts';
import type { ModelSizes, StackSizes } from '../manifest.ts';
import type { StoredTensor } from '../onnx/graph.ts';

/** A matrix [outputs, inputs], as the checkpoint has it, in one of the stored forms. */
export type StoredMatrix =
  | { form: 'fp32'; matrix: StoredTensor }
  | { form: 'blocks'; bits: 8 | 4; blocks: StoredTensor; scales: StoredTensor; blockSize: number }
  | { form: 'int8-rows'; matrix: StoredTensor; scales: StoredTensor };

/** Weights by checkpoint name. */
export interface Weights {
  /** A matrix of a linear layer, or the tied table. */
  matrix(name: string): StoredMatrix;
  /** A norm's weight, or the end-of-image vector. */
  vector(name: string): StoredTensor;
}

/** Every stored weight; a matrix may be stored twice, once for each of the two views. */
export class WeightTable {
  readonly #matrices = new Map<string, { steps: StoredMatrix; tiles: StoredMatrix }>();
  readonly #vectors = new Map<string, StoredTensor>();

  /** What graphs over a few rows read: the decoder's step, the tied table. */
  readonly steps: Weights = { matrix: (name) => this.#matrix(name).steps, vector: (name) => this.#vector(name) };
  /** What graphs over tiles of many rows read: the encoder, the decoder's keys and values of documents. */
  readonly tiles: Weights = { matrix: (name) => this.#matrix(name).tiles, vector: (name) => this.#vector(name) };

  /** Enters a stored matrix. */
  addMatrix(name: string, matrix: { steps: StoredMatrix; tiles: StoredMatrix }): void {
    this.#matrices.set(name, matrix);
  }

  /** Enters a stored float32 vector. */
  addVector(name: string, vector: StoredTensor): void {
    this.#vectors.set(name, vector);
  }

  #matrix(name: string): { steps: StoredMatrix; tiles: StoredMatrix } {
    const found = this.#matrices.get(name);
    invariant(found !== undefined, `matrix ${name} is stored`);
    return found;
  }

  #vector(name: string): StoredTensor {
    const found = this.#vectors.get(name);
    invariant(found !== undefined, `vector ${name} is stored`);
    return found;
  }
}

/** The shape of every weight of one layer stack, by checkpoint name; `prefix` is 'encoder' or 'decoder'. */
function stackShapes(prefix: string, hidden: number, stack: StackSizes): Record<string, readonly number[]> {
  const query = stack.heads * stack.headDim;
  const key = stack.kvHeads * stack.headDim;
  const shapes: Record<string, readonly number[]> = {};
  for (const index of stack.layerTypes.keys()) {
    const layer = `${prefix}.layers.${index}`;
    shapes[`${layer}.self_attn.q_proj.weight`] = [query, hidden];
    shapes[`${layer}.self_attn.k_proj.weight`] = [key, hidden];
    shapes[`${layer}.self_attn.v_proj.weight`] = [key, hidden];
    shapes[`${layer}.self_attn.o_proj.weight`] = [hidden, query];
    shapes[`${layer}.self_attn.q_norm.weight`] = [stack.headDim];
    shapes[`${layer}.self_attn.k_norm.weight`] = [stack.headDim];
    shapes[`${layer}.mlp.gate_proj.weight`] = [stack.intermediateSize, hidden];
    shapes[`${layer}.mlp.up_proj.weight`] = [stack.intermediateSize, hidden];
    shapes[`${layer}.mlp.down_proj.weight`] = [hidden, stack.intermediateSize];
    for (const norm of ['pre_self_attn_layernorm', 'post_self_attn_layernorm', 'pre_feedforward_layernorm', 'post_feedforward_layernorm']) {
      shapes[`${layer}.${norm}.weight`] = [hidden];
    }
  }
  shapes[`${prefix}.norm.weight`] = [hidden];
  return shapes;
}

/** The shape of every weight that an image-free T5Gemma 2 has, by checkpoint name. */
export function textShapes(sizes: ModelSizes): Record<string, readonly number[]> {
  return {
    'encoder.embed_tokens.weight': [sizes.vocabSize, sizes.hiddenSize],
    ...stackShapes('encoder', sizes.hiddenSize, sizes.encoder),
    ...stackShapes('decoder', sizes.hiddenSize, sizes.decoder),
  };
}
