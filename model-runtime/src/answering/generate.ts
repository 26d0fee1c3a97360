/**
 * Greedy decoding: the most likely token, again and again, until an end token, a limit, or the person says stop.
 * Several texts are written side by side, so that a step reads weights and document once for all of them (SPEC D9). With
 * drafts, several tokens of a text are checked in one step; the text is the same, token for token (SPEC D7).
 */
import { throwIfCancelled } from '../errors.ts';
import type { SpecialTokens } from '../manifest.ts';
import type { Decoder, DocumentRows } from './decoder.ts';
import { DraftLength } from './drafts.ts';
import type { DraftSource } from './drafts.ts';
import type { NewTokens, PastRows } from './past-rows.ts';

/** What to decode. */
export interface GenerateOptions {
  /** The decoder's input, <bos> first; one a text. */
  prompts: readonly (readonly number[])[];
  document: DocumentRows;
  tokens: SpecialTokens;
  /** Of each text. */
  maxTokens: number;
  /** Where to copy guesses from; without it every step decodes one token a text. */
  drafts?: DraftSource | undefined;
  /** Whether to work out how likely each text is: with a vocabulary of 262,144 that takes as long as half a step. */
  tellsProbability?: boolean;
  signal?: AbortSignal | undefined;
}

/** What one step added to a text. */
export interface GeneratedTokens {
  /** Which text: the place of its prompt. */
  text: number;
  /** The new tokens; an end token is not among them. */
  ids: readonly number[];
  /** Told with the last ones. */
  ended?: Generated;
}

/** Why a text ended, and what it took. */
export interface Generated {
  finish: 'end' | 'max-tokens';
  /** How likely the decoder holds the whole text to be, its end token included: from 0 to 1; null where that was not asked for. */
  probability: number | null;
  /** Steps of the decoder that it took part in. */
  steps: number;
  /** Tokens guessed, and how many of the guesses were right. */
  drafted: number;
  accepted: number;
}

/** Yields each text's new tokens as they are decoded. Throws 'cancelled'. */
export async function* generate(
  decoder: Pick<Decoder, 'newPast' | 'step'>,
  options: GenerateOptions,
): AsyncGenerator<GeneratedTokens, void> {
  const { prompts, tokens, maxTokens, drafts, tellsProbability = false, signal } = options;
  const past = decoder.newPast(prompts.reduce((sum, prompt) => sum + prompt.length + maxTokens, 0));
  let writing = prompts.map((prompt, text) => new Writing(text, prompt, maxTokens));
  for (; writing.length > 0; writing = writing.filter(({ isDone }) => !isDone)) {
    throwIfCancelled(signal);
    const step = joined(writing);
    const firstRow = past.rows;
    const logits = await decoder.step(step.tokens, { document: options.document, past }, step.asked);
    const vocabulary = logits.length / step.asked.length;
    const choice = (row: number): Choice => {
      const own = logits.subarray(row * vocabulary, (row + 1) * vocabulary);
      const id = mostLikely(own, tokens.suppressed);
      return { id, probability: tellsProbability ? probabilityOf(own, id) : null };
    };
    // From the end: what is forgotten last in the step is freed, whatever comes before it stays where it is.
    for (const [index, text] of [...writing.entries()].toReversed()) {
      const { row = 0, at = 0 } = step.parts[index] ?? {};
      text.check((place) => choice(row + place));
      text.forgetWrong(past, firstRow + at);
    }
    for (const text of writing) {
      const ids = text.take(tokens.eos);
      text.propose(drafts);
      yield text.isDone ? { text: text.number, ids, ended: text.result } : { text: text.number, ids };
    }
    // A run blocks the thread: messages (a cancel among them) are heard here.
    await new Promise(setImmediate);
  }
}

/** One text under way. */
class Writing {
  readonly number: number;
  readonly result: Generated = { finish: 'max-tokens', probability: null, steps: 0, drafted: 0, accepted: 0 };
  readonly #maxTokens: number;
  readonly #written: number[] = [];
  readonly #length = new DraftLength();
  /** What the next step reads: tokens that are sure, then guesses. */
  ids: readonly number[];
  draft: readonly number[] = [];
  /** Where the first of `ids` stands. */
  position = 0;
  isDone = false;
  /** What the decoder would write after the sure tokens: the guesses that were right, and its own token after them. */
  #choices: Choice[] = [];

  constructor(number: number, prompt: readonly number[], maxTokens: number) {
    this.number = number;
    this.#maxTokens = maxTokens;
    this.ids = prompt;
  }

  /** How many guesses are what the decoder itself would have written, and its own token after them. */
  check(choice: (place: number) => Choice): void {
    this.#choices = [choice(0)];
    while (this.#choices.at(-1)?.id === this.draft[this.#confirmed]) this.#choices.push(choice(this.#choices.length));
    this.result.steps++;
    this.result.drafted += this.draft.length;
    this.result.accepted += this.#confirmed;
    this.#length.learn(this.draft.length, this.#confirmed);
  }

  /** Guesses that were right. */
  get #confirmed(): number {
    return this.#choices.length - 1;
  }

  /** The rows of guesses that were wrong, and of those after them, were never part of the text. `at`: this text's first row. */
  forgetWrong(past: PastRows, at: number): void {
    const end = at + this.ids.length + this.draft.length;
    past.forget(at + this.ids.length + this.#confirmed, end);
  }

  /** The tokens that are new, up to an end token or the limit. */
  take(eos: readonly number[]): number[] {
    const taken: number[] = [];
    for (const { id, probability } of this.#choices) {
      this.result.probability = probability === null ? null : (this.result.probability ?? 1) * probability;
      this.isDone = eos.includes(id);
      if (this.isDone) {
        this.result.finish = 'end';
        break;
      }
      taken.push(id);
      this.isDone = this.#written.push(id) === this.#maxTokens;
      if (this.isDone) break;
    }
    this.position += this.ids.length + this.#confirmed;
    this.ids = this.#choices.slice(-1).map(({ id }) => id);
    return taken;
  }

  /** Guesses for the next step. */
  propose(drafts: DraftSource | undefined): void {
    const room = this.#maxTokens - this.#written.length - 1;
    this.draft = this.isDone ? [] : (drafts?.propose(this.#written, Math.min(this.#length.next, room)) ?? []);
  }
}

/** The texts' next tokens one after another; of each text where its tokens begin (`at`) and its logits do (`row`). */
function joined(writing: readonly Writing[]): { tokens: NewTokens; asked: number[]; parts: { at: number; row: number }[] } {
  const [ids, positions, texts, asked]: [number[], number[], number[], number[]] = [[], [], [], []];
  const parts: { at: number; row: number }[] = [];
  for (const { number, ids: sure, draft, position } of writing) {
    parts.push({ at: ids.length, row: asked.length });
    for (let place = sure.length - 1; place < sure.length + draft.length; place++) asked.push(ids.length + place);
    for (const [place, id] of [...sure, ...draft].entries()) {
      ids.push(id);
      positions.push(position + place);
      texts.push(number);
    }
  }
  return { tokens: { ids, positions, texts }, asked, parts };
}

/** What the decoder would write next, and how likely it holds that to be. */
interface Choice {
  id: number;
  probability: number | null;
}

/** softmax(logits)[id]. logits [V]. */
export function probabilityOf(logits: Float32Array, id: number): number {
  const reference = logits[id] ?? 0;
  return 1 / logits.reduce((sum, logit) => sum + Math.exp(logit - reference), 0);
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
