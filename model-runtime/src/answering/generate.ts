/** Greedy decoding: the most likely token, again and again, until an end token, a limit, or the person says stop. */
import { throwIfCancelled } from '../errors.ts';
import type { SpecialTokens } from '../manifest.ts';
import type { Decoder } from './decoder.ts';
import type { KvCache } from './kv-cache.ts';

/** What to decode. */
export interface GenerateOptions {
  /** The decoder's input, <bos> first. */
  prompt: readonly number[];
  document: KvCache;
  tokens: SpecialTokens;
  maxTokens: number;
  signal?: AbortSignal | undefined;
}

/** Yields each new token as it is decoded; returns why it ended. The end token itself is not yielded. */
export async function* generate(decoder: Decoder, options: GenerateOptions): AsyncGenerator<number, 'end' | 'max-tokens'> {
  const past = decoder.newAnswer(options.prompt.length + options.maxTokens);
  const caches = { document: options.document, past };
  let ids = options.prompt;
  for (let count = 0; count < options.maxTokens; count++) {
    throwIfCancelled(options.signal);
    const logits = await decoder.step(ids, caches, [ids.length - 1]);
    const id = mostLikely(logits, options.tokens.suppressed);
    if (options.tokens.eos.includes(id)) return 'end';
    yield id;
    ids = [id];
    // A run blocks the thread: messages (a cancel among them) are heard here.
    await new Promise(setImmediate);
  }
  return 'max-tokens';
}

/** The index of the largest logit outside the suppressed ranges; the first of equals. logits [V]. */
export function mostLikely(logits: Float32Array, suppressed: readonly (readonly [number, number])[]): number {
  let best = 0;
  let largest = -Infinity;
  let from = 0;
  for (const [first, last] of [...suppressed, [logits.length, logits.length] as const]) {
    for (let id = from; id < first; id++) {
      const logit = logits[id] ?? -Infinity;
      if (logit > largest) {
        largest = logit;
        best = id;
      }
    }
    from = last + 1;
  }
  return best;
}
