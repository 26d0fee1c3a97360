/** How far a document has got and how long it will take, from the known work that is left and the speed so far. */
import type { ReadingProgress } from '../contract.ts';
import { addWork, costOf, noWork, usualLookingWeight } from './cost.ts';
import type { Work } from './cost.ts';

/** Below this much work done, a speed says little about the rest. */
const trustedShare = 0.02;
const trustedMs = 400;

/** Where a reading stands. */
export interface Standing {
  pagesRead: number;
  tokens: number;
  /** What the encoder has computed so far, earlier readings included. */
  done: Work;
  /** What a document of so many tokens takes in all. */
  workOf: (tokens: number) => Work;
}

/** Measures one document's reading. Time runs from the first tile. */
export class ReadingMeter {
  readonly #pageCount: number;
  readonly #pace: Pace;
  #startedMs: number | undefined;
  /** What was found on disk: it took none of this reading's time. */
  #skipped = noWork;
  #fraction = 0;

  constructor(pageCount: number, pace: Pace) {
    this.#pageCount = pageCount;
    this.#pace = pace;
  }

  /** Says that the encoder begins now; later calls change nothing. */
  start(): void {
    this.#startedMs ??= performance.now();
  }

  /** Says that so much of the work done was not worked for. */
  skip(work: Work): void {
    this.#skipped = addWork(this.#skipped, work);
  }

  /** Says how long one tile took. */
  note(work: Work, elapsedMs: number): void {
    this.#pace.note(work, elapsedMs);
  }

  /** Tokens that the whole document will have, as far as the pages read so far tell. */
  expectedTokens(pagesRead: number, tokens: number): number {
    return pagesRead === 0 ? 0 : Math.round((tokens * this.#pageCount) / Math.min(pagesRead, this.#pageCount));
  }

  /** The progress to report. */
  report({ pagesRead, tokens, done, workOf }: Standing): ReadingProgress {
    const expected = this.expectedTokens(pagesRead, tokens);
    const total = workOf(expected);
    const own = addWork(done, this.#skipped, -1);
    const shareOf = (work: Work): number => (costOf(total) === 0 ? 0 : Math.min(1, Math.max(0, costOf(work) / costOf(total))));
    this.#fraction = Math.max(this.#fraction, shareOf(done));
    const elapsedMs = this.#startedMs === undefined ? 0 : performance.now() - this.#startedMs;
    const isTrusted = shareOf(own) > trustedShare && elapsedMs > trustedMs;
    const { lookingWeight } = this.#pace;
    const left = Math.max(0, costOf(addWork(total, done, -1), lookingWeight));
    return {
      kind: 'progress',
      pagesRead,
      pageCount: this.#pageCount,
      tokens,
      fraction: this.#fraction,
      tokensPerSecond: elapsedMs === 0 ? 0 : (shareOf(own) * expected * 1000) / elapsedMs,
      secondsLeft: isTrusted ? (left / costOf(own, lookingWeight)) * (elapsedMs / 1000) : null,
    };
  }
}

/**
 * Learns from tiles how slow full attention is beside the rest: eight-bit linear layers are three times faster on some
 * processors than on others. One for each model that is open.
 */
export class Pace {
  #steady = { cost: 0, ms: 0 };
  #full = { work: noWork, ms: 0 };

  /** One tile took so long. */
  note(work: Work, elapsedMs: number): void {
    if (work.looking > 0) this.#full = { work: addWork(this.#full.work, work), ms: this.#full.ms + elapsedMs };
    else this.#steady = { cost: this.#steady.cost + work.steady, ms: this.#steady.ms + elapsedMs };
  }

  /** Time of a multiply-add of full attention over that of a steady one: measured, or the usual one before there is anything to measure. */
  get lookingWeight(): number {
    const { work, ms } = this.#full;
    if (work.looking === 0 || this.#steady.ms === 0) return usualLookingWeight;
    const msOfSteady = this.#steady.ms / this.#steady.cost;
    return Math.max(0, ms / msOfSteady - work.steady) / work.looking;
  }
}
