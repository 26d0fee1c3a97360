/**
 * The least time that this machine needs for a piece of work, from the model's sizes and the machine's measured limits: what
 * a figure is a share of. Knows no runtime.
 *
 * The limit of encoding is arithmetic, that of decoding is memory: every weight, key and value is read once a token. What is
 * left out (norms, softmax, the text's own past, the copying of anything) makes the least time less, never more.
 */
import type { ModelSizes, StackSizes } from '../model-runtime/src/manifest.ts';
import { windowReach } from '../model-runtime/src/t5gemma2/sliding-blocks.ts';

/** What the machine can do at best, measured by bench/peers/limits.py on as many threads as the runtimes use. */
export interface Limits {
  /** 1e9 operations a second, two for a multiply-add. */
  fp32Gflops: number;
  /** The same in eight bits. */
  int8Gops: number;
  /** 1e9 bytes a second, read from memory. */
  readGBs: number;
}

/** The form of the weights. In int4 the encoder is that of int8. */
export type Form = 'fp32' | 'int8' | 'int4';

/** Bytes of a decoder weight, its share of the block's scale included (model-runtime/src/quantize/blocks.ts: blocks of 128 and of 32). */
const bytesPerWeight: Record<Form, number> = { fp32: 4, int8: 1 + 4 / 128, int4: 0.5 + 4 / 32 };

/**
 * The least time of an encoder pass.
 *
 *   tokens   rows n of the document
 *   returns  seconds: 2 * linear multiply-adds / peak of eight bits (of float32 for fp32) + 2 * attention multiply-adds / peak of float32
 *   source   SPEC E4 for the pairs that see each other; the linear layers of a T5Gemma 2 layer (q, k, v, o, gate, up, down)
 */
export function leastEncodeSeconds(sizes: ModelSizes, tokens: number, form: Form, limits: Limits): number {
  const { encoder, hiddenSize } = sizes;
  const linear = tokens * linearWeights(encoder, hiddenSize);
  const pairs = encoder.layerTypes.reduce(
    (sum, kind) => sum + (kind === 'full_attention' ? tokens ** 2 : slidingPairs(encoder, tokens)),
    0,
  );
  // A query's product with the key, and its share of the value, in each head.
  const attention = pairs * 2 * encoder.heads * encoder.headDim;
  const linearPeak = form === 'fp32' ? limits.fp32Gflops : limits.int8Gops;
  return (2 * linear) / (linearPeak * 1e9) + (2 * attention) / (limits.fp32Gflops * 1e9);
}

/**
 * The least time of one decoder step of one text.
 *
 *   documentTokens  rows of the document, whose keys and values are float32 [layers, 2, kvHeads, n, headDim]
 *   returns         seconds: bytes of the decoder's layers, the head, and the document's keys and values / bytes read a second
 *   source          SPEC D3: every layer sees the whole document
 */
export function leastDecodeSeconds(sizes: ModelSizes, documentTokens: number, form: Form, limits: Limits): number {
  const { decoder, hiddenSize, vocabSize } = sizes;
  const weights = (linearWeights(decoder, hiddenSize) + vocabSize * hiddenSize) * bytesPerWeight[form];
  const document = documentTokens * decoder.layerTypes.length * 2 * decoder.kvHeads * decoder.headDim * 4;
  return (weights + document) / (limits.readGBs * 1e9);
}

/** Weights of all linear layers of one stack. */
function linearWeights({ layerTypes, intermediateSize, heads, kvHeads, headDim }: StackSizes, hiddenSize: number): number {
  return layerTypes.length * hiddenSize * (2 * heads * headDim + 2 * kvHeads * headDim + 3 * intermediateSize);
}

/** Pairs of rows of which one sees the other, in a sliding layer: fewer at both ends of the document. */
function slidingPairs({ slidingWindow }: StackSizes, tokens: number): number {
  const { before, after } = windowReach(slidingWindow);
  // So many rows have a row at each distance 1, 2, … up to the reach.
  const within = (reach: number): number => {
    const far = Math.min(reach, Math.max(0, tokens - 1));
    return far * tokens - (far * (far + 1)) / 2;
  };
  return tokens + within(before) + within(after);
}
