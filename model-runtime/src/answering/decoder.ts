/**
 * The decoder of one model folder: documents' states to keys and values, and steps over new tokens.
 * What runs: t5gemma2/decoder.ts. Decides nothing about which token comes next.
 */
import { join } from 'node:path';
import { throwIfCancelled } from '../errors.ts';
import type { Manifest } from '../manifest.ts';
import { GraphSession } from '../session/graph-session.ts';
import { floats, integers } from '../tensors/tensor.ts';
import type { HostTensor } from '../tensors/tensor.ts';
import { emptyCache, rowsOf } from './kv-cache.ts';
import type { KvCache } from './kv-cache.ts';

/** Rows of encoder states that become keys and values in one run. */
const documentTileRows = 2048;

/** See the file's head. */
export class Decoder {
  readonly #manifest: Manifest;
  readonly #document: GraphSession;
  readonly #step: GraphSession;

  private constructor(manifest: Manifest, document: GraphSession, step: GraphSession) {
    this.#manifest = manifest;
    this.#document = document;
    this.#step = step;
  }

  /** Opens the decoder's graphs. */
  static async open(folder: string, manifest: Manifest): Promise<Decoder> {
    const { decoderDocument, decoderStep } = manifest.graphs;
    return new Decoder(
      manifest,
      await GraphSession.open(join(folder, decoderDocument)),
      await GraphSession.open(join(folder, decoderStep)),
    );
  }

  /**
   * The keys and values of the documents in every layer, once for all questions. Several documents stand one after
   * another: the encoder's rows carry no decoder position, so they may be joined freely (SPEC D2).
   *
   * states: one [S_i, C] a document. `onProgress` gets the share done; cancelled between tiles.
   */
  async documentCache(
    states: readonly Float32Array<ArrayBuffer>[],
    options: { onProgress?: (fraction: number) => void; signal?: AbortSignal | undefined } = {},
  ): Promise<KvCache> {
    const { hiddenSize, decoder } = this.#manifest.sizes;
    const total = states.reduce((sum, rows) => sum + rows.length / hiddenSize, 0);
    const cache = emptyCache(decoder, total);
    let done = 0;
    for (const document of states) {
      const rows = document.length / hiddenSize;
      for (let from = 0; from < rows; from += documentTileRows) {
        throwIfCancelled(options.signal);
        const to = Math.min(rows, from + documentTileRows);
        const tile = floats(document.subarray(from * hiddenSize, to * hiddenSize), [to - from, hiddenSize]);
        const outputs = await this.#document.run({ states: tile });
        for (const [index, layer] of cache.layers.entries()) {
          layer.k.append(outputs.floats(`document_k.${index}`));
          layer.v.append(outputs.floats(`document_v.${index}`));
        }
        done += to - from;
        options.onProgress?.(done / total);
      }
    }
    return cache;
  }

  /** An empty cache for an answer of some tokens. */
  newAnswer(expectedTokens: number): KvCache {
    return emptyCache(this.#manifest.sizes.decoder, expectedTokens);
  }

  /**
   * One pass over new tokens: their keys and values are added to `past`, and the logits of those at `rows` are
   * returned, [rows, V].
   */
  async step(
    ids: readonly number[],
    caches: { document: KvCache; past: KvCache },
    rows: readonly number[],
  ): Promise<Float32Array<ArrayBuffer>> {
    const first = rowsOf(caches.past);
    const inputs: Record<string, HostTensor> = { ids: integers(ids), first: integers([first]), rows: integers(rows) };
    for (const [index, { k, v }] of caches.document.layers.entries()) {
      inputs[`document_k.${index}`] = k.view();
      inputs[`document_v.${index}`] = v.view();
    }
    for (const [index, { k, v }] of caches.past.layers.entries()) {
      inputs[`past_k.${index}`] = k.view();
      inputs[`past_v.${index}`] = v.view();
    }
    const outputs = await this.#step.run(inputs);
    for (const [index, { k, v }] of caches.past.layers.entries()) {
      k.append(outputs.floats(`new_k.${index}`));
      v.append(outputs.floats(`new_v.${index}`));
    }
    return outputs.floats('logits');
  }

  /** Frees the graphs. */
  async close(): Promise<void> {
    await this.#document.close();
    await this.#step.close();
  }
}
