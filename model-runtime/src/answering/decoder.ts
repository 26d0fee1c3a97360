/**
 * The decoder of one model folder: documents' states to what it attends to, and steps over new tokens.
 * What runs: t5gemma2/decoder.ts. Decides nothing about which token comes next.
 */
import type { DocumentForm } from '../contract.ts';
import { throwIfCancelled } from '../errors.ts';
import type { Manifest } from '../manifest.ts';
import type { GraphFolder } from '../session/graph-folder.ts';
import type { GraphSession } from '../session/graph-session.ts';
import { floats, integers } from '../tensors/tensor.ts';
import type { HostTensor } from '../tensors/tensor.ts';
import { KvRows } from './kv-cache.ts';
import { PastRows } from './past-rows.ts';
import type { NewTokens } from './past-rows.ts';

/** Rows of encoder states that are made ready in one run. */
const documentTileRows = 2048;

/** Documents made ready for being asked, joined in their order. */
export type DocumentRows =
  /** By layer: k [K, S, D] and v [K, D, S]. */
  | { form: 'cached'; rows: number; layers: readonly { k: KvRows; v: KvRows }[] }
  /** states [S, C]; scales: [K, S, 1] a layer. */
  | { form: 'absorbed'; states: Float32Array<ArrayBuffer>; scales: readonly KvRows[] };

/** A document as the encoder leaves it. */
export interface DocumentStates {
  /** [S, C]. */
  states: Float32Array<ArrayBuffer>;
  /** [L, K, S]; see Decoder.keyScales. */
  keyScales?: Float32Array<ArrayBuffer>;
}

/** How documents are to be made ready, and whom to tell. */
export interface DocumentOptions {
  form?: DocumentForm | undefined;
  /** Gets the share done. */
  onProgress?: (fraction: number) => void;
  signal?: AbortSignal | undefined;
}

/** See the file's head. */
export class Decoder {
  readonly #folder: GraphFolder;
  readonly #manifest: Manifest;
  readonly #sessions = new Map<string, GraphSession>();

  /** A decoder whose graphs are opened when they are first needed. */
  constructor(folder: GraphFolder, manifest: Manifest) {
    this.#folder = folder;
    this.#manifest = manifest;
  }

  /**
   * What the decoder attends to of documents, once for all questions. Several stand one after another: the encoder's rows
   * carry no decoder position, so they may be joined freely (SPEC D2).
   *
   * documents: states [S_i, C] each, and their key scales where they are at hand (else they are computed, where they are
   * wanted). Cancelled between tiles. Throws 'cancelled', 'out-of-memory'.
   */
  async documentRows(documents: readonly DocumentStates[], options: DocumentOptions = {}): Promise<DocumentRows> {
    const { hiddenSize, decoder } = this.#manifest.sizes;
    const { kvHeads, headDim, layerTypes } = decoder;
    const states = documents.map((document) => document.states);
    const total = states.reduce((sum, rows) => sum + rows.length / hiddenSize, 0);
    if (options.form === 'absorbed') {
      const scales = layerTypes.map(() => new KvRows(kvHeads, 1, total));
      for (const document of documents) {
        const own = document.keyScales ?? (await this.keyScales([document.states], options));
        const size = own.length / scales.length;
        for (const [index, rows] of scales.entries()) rows.append(own.subarray(index * size, (index + 1) * size));
      }
      return { form: 'absorbed', states: joined(states), scales };
    }
    const layers = layerTypes.map(() => ({
      k: new KvRows(kvHeads, headDim, total),
      v: new KvRows(kvHeads * headDim, 1, total), // channel by channel: see cachedDocument
    }));
    for await (const outputs of this.#tiles(this.#manifest.graphs.decoderDocument, states, total, options)) {
      for (const [index, layer] of layers.entries()) {
        layer.k.append(outputs.floats(`document_k.${index}`));
        layer.v.append(outputs.floats(`document_v.${index}`));
      }
    }
    return { form: 'cached', rows: total, layers };
  }

  /** What k_norm multiplies each document key by, but for its gain. states: [S_i, C] each; returns [L, K, S] float32. */
  async keyScales(states: readonly Float32Array<ArrayBuffer>[], options: DocumentOptions = {}): Promise<Float32Array<ArrayBuffer>> {
    const { hiddenSize, decoder } = this.#manifest.sizes;
    const total = states.reduce((sum, rows) => sum + rows.length / hiddenSize, 0);
    const layers = decoder.layerTypes.map(() => new KvRows(decoder.kvHeads, 1, total));
    for await (const outputs of this.#tiles(this.#manifest.graphs.decoderScales, states, total, options)) {
      for (const [index, rows] of layers.entries()) rows.append(outputs.floats(`key_scale.${index}`));
    }
    const scales = new Float32Array(layers.length * decoder.kvHeads * total);
    for (const [index, rows] of layers.entries()) scales.set(rows.view().data, index * decoder.kvHeads * total);
    return scales;
  }

  /** No past yet, with room for so many tokens. */
  newPast(expectedTokens: number): PastRows {
    return new PastRows(this.#manifest.sizes.decoder, expectedTokens);
  }

  /**
   * One pass over new tokens: their keys and values are added to `past`, and the logits of those at `rows` (places in
   * `tokens`) are returned, [rows, V].
   */
  async step(
    tokens: NewTokens,
    { document, past }: { document: DocumentRows; past: PastRows },
    rows: readonly number[],
  ): Promise<Float32Array<ArrayBuffer>> {
    const session = await this.#session(this.#manifest.graphs.decoderSteps[document.form]);
    const outputs = await session.run({
      ids: integers(tokens.ids),
      positions: integers(tokens.positions),
      texts: integers(tokens.texts),
      rows: integers(rows),
      ...past.inputs(),
      ...this.#documentInputs(document),
    });
    past.append(tokens, outputs);
    return outputs.floats('logits');
  }

  /** Frees the graphs. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await session.close();
  }

  #documentInputs(document: DocumentRows): Record<string, HostTensor> {
    const inputs: Record<string, HostTensor> = {};
    if (document.form === 'cached') {
      const { kvHeads, headDim } = this.#manifest.sizes.decoder;
      for (const [index, { k, v }] of document.layers.entries()) {
        inputs[`document_k.${index}`] = k.view();
        inputs[`document_v.${index}`] = floats(v.view().data, [kvHeads, headDim, document.rows]);
      }
    } else {
      const { hiddenSize } = this.#manifest.sizes;
      inputs['states'] = floats(document.states, [document.states.length / hiddenSize, hiddenSize]);
      for (const [index, scales] of document.scales.entries()) inputs[`key_scale.${index}`] = scales.view();
    }
    return inputs;
  }

  /** Runs a graph over the states of every document, tile by tile. */
  async *#tiles(
    graph: string,
    states: readonly Float32Array<ArrayBuffer>[],
    total: number,
    { onProgress, signal }: DocumentOptions,
  ): AsyncGenerator<{ floats: (name: string) => Float32Array<ArrayBuffer> }> {
    const session = await this.#session(graph);
    const { hiddenSize } = this.#manifest.sizes;
    let done = 0;
    for (const document of states) {
      const rows = document.length / hiddenSize;
      for (let from = 0; from < rows; from += documentTileRows) {
        throwIfCancelled(signal);
        const to = Math.min(rows, from + documentTileRows);
        yield await session.run({ states: floats(document.subarray(from * hiddenSize, to * hiddenSize), [to - from, hiddenSize]) });
        done += to - from;
        onProgress?.(done / total);
        // A run blocks the thread: messages (a cancel among them) are heard here.
        await new Promise(setImmediate);
      }
    }
  }

  /** Opened once. What could not be opened (no memory just then) is tried anew the next time. */
  async #session(file: string): Promise<GraphSession> {
    const known = this.#sessions.get(file) ?? (await this.#folder.open(file));
    this.#sessions.set(file, known);
    return known;
  }
}

/** One after another; a single document's states as they lie. */
function joined(states: readonly Float32Array<ArrayBuffer>[]): Float32Array<ArrayBuffer> {
  const [only, ...more] = states;
  if (only !== undefined && more.length === 0) return only;
  const all = new Float32Array(states.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const document of states) {
    all.set(document, at);
    at += document.length;
  }
  return all;
}
