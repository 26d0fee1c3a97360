/**
 * Greedy decoding: the most likely token, again and again, until an end token, a limit, or the person says stop.
 * With drafts, several tokens are checked in one step; the text is the same, token for token (SPEC D7).
 */
import { throwIfCancelled } from '../errors.ts';
import type { SpecialTokens } from '../manifest.ts';
import type { Decoder } from './decoder.ts';
import { DraftLength } from './drafts.ts';
import type { DraftSource } from './drafts.ts';
import { rowsOf, truncateCache } from './kv-cache.ts';
import type { KvCache } from './kv-cache.ts';

/** What to decode. */
export interface GenerateOptions {
  /** The decoder's input, <bos> first. */
  prompt: readonly number[];
  document: KvCache;
  tokens: SpecialTokens;
  maxTokens: number;
  /** Where to copy guesses from; without it every step decodes one token. */
  drafts?: DraftSource | undefined;
  signal?: AbortSignal | undefined;
}

/** Why decoding ended, and what it took. */
export interface Generated {
  finish: 'end' | 'max-tokens';
  /** Steps of the decoder. */
  steps: number;
  /** Tokens guessed, and how many of the guesses were right. */
  drafted: number;
  accepted: number;
}

/** Yields each new token as it is decoded. The end token itself is not yielded. */
export async function* generate(decoder: Decoder, options: GenerateOptions): AsyncGenerator<number, Generated> {
  const { prompt, tokens, maxTokens, drafts, signal } = options;
  const past = decoder.newAnswer(prompt.length + maxTokens);
  const length = new DraftLength();
  const written: number[] = [];
  const result: Generated = { finish: 'max-tokens', steps: 0, drafted: 0, accepted: 0 };
  let ids = prompt;
  let draft: number[] = [];
  while (written.length < maxTokens) {
    throwIfCancelled(signal);
    const input = [...ids, ...draft];
    const asked = Array.from({ length: draft.length + 1 }, (_, index) => ids.length - 1 + index);
    const logits = await decoder.step(input, { document: options.document, past }, asked);
    result.steps++;
    const { confirmed, next } = check(logits, draft, tokens.suppressed);
    // The step's rows of guesses that were wrong, and of those after them, were never part of the answer.
    truncateCache(past, rowsOf(past) - (draft.length - confirmed));
    result.drafted += draft.length;
    result.accepted += confirmed;
    length.learn(draft.length, confirmed);
    for (const id of [...draft.slice(0, confirmed), next]) {
      if (tokens.eos.includes(id)) return { ...result, finish: 'end' };
      written.push(id);
      yield id;
      if (written.length === maxTokens) return result;
    }
    ids = [next];
    draft = drafts?.propose(written, Math.min(length.next, maxTokens - written.length - 1)) ?? [];
    // A run blocks the thread: messages (a cancel among them) are heard here.
    await new Promise(setImmediate);
  }
  return result;
}

/** How many guesses are what the decoder itself would have written, and its own token after them. logits [draft + 1, V]. */
function check(
  logits: Float32Array,
  draft: readonly number[],
  suppressed: readonly (readonly [number, number])[],
): { confirmed: number; next: number } {
  const vocabulary = logits.length / (draft.length + 1);
  const choice = (row: number): number => mostLikely(logits.subarray(row * vocabulary, (row + 1) * vocabulary), suppressed);
  let confirmed = 0;
  let next = choice(0);
  while (next === draft[confirmed]) next = choice(++confirmed);
  return { confirmed, next };
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
