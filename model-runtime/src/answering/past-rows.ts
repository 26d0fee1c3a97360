/**
 * What the decoder has written so far: keys and values of every layer, and of each row which text it belongs to and
 * where it stands there. Several texts (answers to several questions) share the rows, in whatever order they came.
 */
import type { StackSizes } from '../manifest.ts';
import { integers } from '../tensors/tensor.ts';
import type { HostTensor } from '../tensors/tensor.ts';
import { emptyCache, truncateCache } from './kv-cache.ts';
import type { KvCache } from './kv-cache.ts';

/** New tokens of one step; all three of one length. */
export interface NewTokens {
  ids: readonly number[];
  /** Place in its own text, from 0. */
  positions: readonly number[];
  /** Which text, from 0. */
  texts: readonly number[];
}

/** The text of rows that turned out wrong: nobody's. */
const nobody = -1;

/** See the file's head. */
export class PastRows {
  readonly #cache: KvCache;
  readonly #positions: number[] = [];
  readonly #texts: number[] = [];

  constructor(stack: StackSizes, expectedTokens: number) {
    this.#cache = emptyCache(stack, expectedTokens);
  }

  /** Rows held, forgotten ones that could not be freed among them. */
  get rows(): number {
    return this.#texts.length;
  }

  /** The past as the step graph takes it. */
  inputs(): Record<string, HostTensor> {
    const inputs: Record<string, HostTensor> = { past_positions: integers(this.#positions), past_texts: integers(this.#texts) };
    for (const [index, { k, v }] of this.#cache.layers.entries()) {
      inputs[`past_k.${index}`] = k.view();
      inputs[`past_v.${index}`] = v.view();
    }
    return inputs;
  }

  /** Adds the rows of a step. */
  append(tokens: NewTokens, outputs: { floats: (name: string) => Float32Array }): void {
    for (const [index, { k, v }] of this.#cache.layers.entries()) {
      k.append(outputs.floats(`new_k.${index}`));
      v.append(outputs.floats(`new_v.${index}`));
    }
    this.#positions.push(...tokens.positions);
    this.#texts.push(...tokens.texts);
  }

  /** Forgets rows [from, to): guesses that were wrong. They are freed where nothing comes after them, else seen by no one. */
  forget(from: number, to: number): void {
    this.#texts.fill(nobody, from, to);
    const kept = this.#texts.findLastIndex((text) => text !== nobody) + 1;
    if (kept === this.#texts.length) return;
    this.#texts.length = kept;
    this.#positions.length = kept;
    truncateCache(this.#cache, kept);
  }
}
