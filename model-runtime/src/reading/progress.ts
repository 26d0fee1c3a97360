/** How far a document has got and how long it will take, from the known cost of what is left and the speed so far. */
import type { ReadingProgress } from '../contract.ts';

/** Below this much work done, a speed says little about the rest. */
const trustedShare = 0.02;
const trustedMs = 400;

/** Where a reading stands. */
export interface Standing {
  pagesRead: number;
  tokens: number;
  /** What the encoder has computed so far, earlier readings included. */
  costDone: number;
  /** What a document of so many tokens costs in all. */
  costOf: (tokens: number) => number;
}

/** Measures one document's reading. Time runs from the first tile. */
export class ReadingMeter {
  readonly #pageCount: number;
  #startedMs: number | undefined;
  /** What was found on disk: it took none of this reading's time. */
  #costSkipped = 0;
  #fraction = 0;

  constructor(pageCount: number) {
    this.#pageCount = pageCount;
  }

  /** Says that the encoder begins now; later calls change nothing. */
  start(): void {
    this.#startedMs ??= performance.now();
  }

  /** Says that so much of the cost done was not worked for. */
  skip(cost: number): void {
    this.#costSkipped += cost;
  }

  /** Tokens that the whole document will have, as far as the pages read so far tell. */
  expectedTokens(pagesRead: number, tokens: number): number {
    return pagesRead === 0 ? 0 : Math.round((tokens * this.#pageCount) / Math.min(pagesRead, this.#pageCount));
  }

  /** The progress to report. */
  report({ pagesRead, tokens, costDone, costOf }: Standing): ReadingProgress {
    const expected = this.expectedTokens(pagesRead, tokens);
    const total = costOf(expected);
    const share = total === 0 ? 0 : Math.min(1, costDone / total);
    this.#fraction = Math.max(this.#fraction, share);
    const elapsedMs = this.#startedMs === undefined ? 0 : performance.now() - this.#startedMs;
    const ownShare = total === 0 ? 0 : Math.max(0, share - this.#costSkipped / total);
    const isTrusted = ownShare > trustedShare && elapsedMs > trustedMs;
    return {
      kind: 'progress',
      pagesRead,
      pageCount: this.#pageCount,
      tokens,
      fraction: this.#fraction,
      tokensPerSecond: elapsedMs === 0 ? 0 : (ownShare * expected * 1000) / elapsedMs,
      secondsLeft: isTrusted ? ((1 - share) / ownShare) * (elapsedMs / 1000) : null,
    };
  }
}
