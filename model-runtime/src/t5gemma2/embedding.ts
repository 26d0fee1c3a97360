/**
 * Token ids to vectors through the tied table, and hidden states to logits through the same table.
 * Source: transformers 5.23, T5Gemma2TextScaledWordEmbedding; SPEC E1, E2, D5.
 */
import type { Scope, StoredTensor, Value } from '../onnx/graph.ts';
import { divide, equal, gather, gatherBlocks, multiply, reshape, tanh, where } from '../onnx/ops.ts';
import { linear } from './linear.ts';
import type { StoredMatrix } from './weight-table.ts';

/** The tied table, read by rows and as the head: in a form whose rows lie in one piece. */
export type EmbeddingTable = Exclude<StoredMatrix, { form: 'int8-rows' }>;

/** The tied table, and the vector that one id takes instead of its row. */
export interface Embedding {
  table: EmbeddingTable;
  hiddenSize: number;
  endOfImage: { id: number; vector: StoredTensor } | null;
}

/** table[id] * sqrt(C), except that the end-of-image id takes its own vector, unscaled. ids [T] int64; returns [T, C]. */
export function embed(g: Scope, ids: Value, embedding: Embedding): Value {
  const { table } = embedding;
  const rows =
    table.form === 'fp32' ? gather(g, g.weight(table.matrix), ids) : gatherBlocks(g, ids, tableView(g, table, embedding.hiddenSize));
  const scaled = multiply(g, rows, g.floats([Math.fround(Math.sqrt(embedding.hiddenSize))]));
  if (embedding.endOfImage === null) return scaled;
  const isEndOfImage = reshape(g, equal(g, ids, g.integers([embedding.endOfImage.id])), [ids.shape[0] ?? 1, 1]);
  return where(g, isEndOfImage, g.weight(embedding.endOfImage.vector), scaled);
}

/** hidden table^T, then the optional soft-cap. hidden [R, C]; returns [R, V]. */
export function logits(g: Scope, hidden: Value, table: StoredMatrix, softcap: number | null): Value {
  const raw = linear(g, hidden, table);
  if (softcap === null) return raw;
  const cap = g.floats([softcap]);
  return multiply(g, tanh(g, divide(g, raw, cap)), cap);
}

/** The head reads the table as [V, blocks, bytes], the gather as [V, bytes]: the same bytes under a second declaration. */
function tableView(
  g: Scope,
  table: Extract<EmbeddingTable, { form: 'blocks' }>,
  hiddenSize: number,
): { data: Value; scales: Value; blockSize: number; bits: 8 | 4; columns: number } {
  const [vocabSize = 0] = table.blocks.shape;
  const bytes = (hiddenSize * table.bits) / 8;
  const view: StoredTensor = { ...table.blocks, name: `${table.blocks.name}/rows`, shape: [vocabSize, bytes] };
  return { data: g.weight(view), scales: g.weight(table.scales), blockSize: table.blockSize, bits: table.bits, columns: hiddenSize };
}
