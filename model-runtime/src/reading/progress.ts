/** How far a document has got and how long it will take, from the known cost of what is left and the speed so far. */
import type { ReadingProgress } from '../contract.ts';
import type { ModelSizes } from '../manifest.ts';
import { encoderCost } from './cost.ts';

/** Below this much work done, a speed says little about the rest. */
const trustedShare = 0.02;
const trustedMs = 400;

/** Measures one document's reading. Time runs from the first tile. */
export class ReadingMeter {
  readonly #sizes: ModelSizes;
  readonly #pageCount: number;
  #startedMs: number | undefined;
  /** What an earlier reading had done already: it took none of this one's time. */
  #costBefore = 0;
  #fraction = 0;

  constructor(sizes: ModelSizes, pageCount: number) {
    this.#sizes = sizes;
    this.#pageCount = pageCount;
  }

  /** Says that the encoder begins now, `costBefore` being done already; later calls change nothing. */
  start(costBefore = 0): void {
    if (this.#startedMs !== undefined) return;
    this.#startedMs = performance.now();
    this.#costBefore = costBefore;
  }

  /** Tokens that the whole document will have, as far as the pages read so far tell. */
  expectedTokens(pagesRead: number, tokens: number): number {
    return pagesRead === 0 ? 0 : Math.round((tokens * this.#pageCount) / Math.min(pagesRead, this.#pageCount));
  }

  /** The progress to report. `costDone`: what the encoder run has computed so far. */
  report(pagesRead: number, tokens: number, costDone: number): ReadingProgress {
    const expected = this.expectedTokens(pagesRead, tokens);
    const total = encoderCost(this.#sizes, expected);
    const share = total === 0 ? 0 : Math.min(1, costDone / total);
    this.#fraction = Math.max(this.#fraction, share);
    const elapsedMs = this.#startedMs === undefined ? 0 : performance.now() - this.#startedMs;
    const ownShare = total === 0 ? 0 : share - this.#costBefore / total;
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
