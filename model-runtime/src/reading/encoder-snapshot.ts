/**
 * Where an encoder run stands, as plain tensors: whoever puts them into a new run over the same ids gets the same
 * states, bit for bit. The form in which a reading that was interrupted lies on disk.
 */
import type { FloatTensor } from '../tensors/tensor.ts';
import { floats } from '../tensors/tensor.ts';

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
  /** In the units of cost.ts. */
  costDone: number;
  hidden: HeldRows;
  /** Layers with rows that wait for them or that they still look at. */
  layers: { layer: number; done: number; q: HeldRows; k: HeldRows; v: HeldRows }[];
}

/** The numbers of a snapshot, without its tensors. */
export interface SnapshotOutline {
  entered: number;
  finished: number;
  costDone: number;
  layers: { layer: number; done: number; first: { q: number; k: number; v: number } }[];
}

/** A snapshot as numbers and named tensors. */
export function takeApart(snapshot: EncoderSnapshot): { outline: SnapshotOutline; tensors: Map<string, FloatTensor> } {
  const { entered, finished, costDone, hidden, layers } = snapshot;
  const tensors = new Map([['hidden', hidden.rows]]);
  for (const { layer, q, k, v } of layers) {
    for (const [name, { rows }] of Object.entries({ q, k, v })) tensors.set(`layers.${layer}.${name}`, rows);
  }
  const outlined = layers.map(({ layer, done, q, k, v }) => ({ layer, done, first: { q: q.first, k: k.first, v: v.first } }));
  return { outline: { entered, finished, costDone, layers: outlined }, tensors };
}

/** The inverse of {@link takeApart}. `read` gives the tensor of a name. */
export async function putTogether(outline: SnapshotOutline, read: (name: string) => Promise<Float32Array<ArrayBuffer>>): Promise<EncoderSnapshot> {
  const held = async (name: string, first: number): Promise<HeldRows> => {
    const data = await read(name);
    return { first, rows: floats(data, [data.length]) };
  };
  const { entered, finished, costDone } = outline;
  const layers: EncoderSnapshot['layers'] = [];
  for (const { layer, done, first } of outline.layers) {
    const part = (name: 'q' | 'k' | 'v'): Promise<HeldRows> => held(`layers.${layer}.${name}`, first[name]);
    layers.push({ layer, done, q: await part('q'), k: await part('k'), v: await part('v') });
  }
  return { entered, finished, costDone, hidden: await held('hidden', 0), layers };
}
