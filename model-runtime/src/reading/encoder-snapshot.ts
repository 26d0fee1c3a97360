/**
 * Where an encoder run stands, as plain tensors: whoever puts them into a new run over the same ids gets the same
 * states, bit for bit. The form in which a reading that was interrupted lies on disk.
 */
import { z } from 'zod';
import type { FloatTensor } from '../tensors/tensor.ts';
import type { Work } from './cost.ts';

/** Rows [first, first + n) of one store. */
export interface HeldRows {
  first: number;
  rows: FloatTensor;
}

/** See the file's head. */
export interface EncoderSnapshot {
  /** Rows that have entered the first layer, and rows that are through the last. */
  entered: number;
  finished: number;
  work: Work;
  hidden: HeldRows;
  /** Layers with rows that wait for them or that they still look at. */
  layers: { layer: number; done: number; q: HeldRows; k: HeldRows; v: HeldRows }[];
}

/** The numbers of a snapshot, without its tensors. */
export interface SnapshotOutline {
  entered: number;
  finished: number;
  work: Work;
  layers: { layer: number; done: number; first: { q: number; k: number; v: number } }[];
}

const count = z.int().nonnegative();
const outlineSchema: z.ZodType<SnapshotOutline> = z.strictObject({
  entered: count,
  finished: count,
  work: z.strictObject({ steady: z.number(), looking: z.number() }),
  layers: z.array(z.strictObject({ layer: count, done: count, first: z.strictObject({ q: count, k: count, v: count }) })),
});

/** A snapshot as numbers and named tensors. */
export function takeApart(snapshot: EncoderSnapshot): { outline: SnapshotOutline; tensors: Map<string, FloatTensor> } {
  const { entered, finished, work, hidden, layers } = snapshot;
  const tensors = new Map([['hidden', hidden.rows]]);
  for (const { layer, q, k, v } of layers) {
    for (const [name, { rows }] of Object.entries({ q, k, v })) tensors.set(`layers.${layer}.${name}`, rows);
  }
  const outlined = layers.map(({ layer, done, q, k, v }) => ({ layer, done, first: { q: q.first, k: k.first, v: v.first } }));
  return { outline: { entered, finished, work, layers: outlined }, tensors };
}

/** The inverse of {@link takeApart}; undefined where they do not belong together. */
export function putTogether(outline: unknown, tensors: ReadonlyMap<string, FloatTensor>): EncoderSnapshot | undefined {
  const numbers = outlineSchema.safeParse(outline);
  const hidden = tensors.get('hidden');
  if (!numbers.success || hidden === undefined) return undefined;
  const layers: EncoderSnapshot['layers'] = [];
  for (const { layer, done, first } of numbers.data.layers) {
    const [q, k, v] = ['q', 'k', 'v'].map((name) => tensors.get(`layers.${layer}.${name}`));
    if (q === undefined || k === undefined || v === undefined) return undefined;
    layers.push({ layer, done, q: { first: first.q, rows: q }, k: { first: first.k, rows: k }, v: { first: first.v, rows: v } });
  }
  const { entered, finished, work } = numbers.data;
  return { entered, finished, work, hidden: { first: 0, rows: hidden }, layers };
}
