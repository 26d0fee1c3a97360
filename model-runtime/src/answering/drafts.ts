/**
 * Guesses at the next tokens, copied from the document: an answer that quotes goes on as the document does.
 *
 * Where the last tokens written stand in the document, what follows them there is the draft; the decoder then checks
 * all of it in one step, so that a right guess costs next to nothing and a wrong one changes nothing but the time.
 * Source: prompt lookup decoding (Saxena 2023); speculative decoding (Leviathan et al., arXiv 2211.17192) with greedy
 * acceptance.
 */

/** Suffixes are compared over this many tokens: longer agreement tells places apart no better. */
const longestSuffix = 8;
/** Places looked at for one draft: a comma stands everywhere. */
const mostPlaces = 64;
/** One token alone is a clue only where it stands in few places. */
const fewPlaces = 4;

/** The documents' tokens, indexed for finding what was just written. */
export class DraftSource {
  readonly #ids: readonly number[];
  /** The last place of each token, and for each place the one before with the same token, or -1. */
  readonly #last = new Map<number, number>();
  readonly #previous: Int32Array;

  /** ids: the encoder's input, several documents one after another. */
  constructor(ids: readonly number[]) {
    this.#ids = ids;
    this.#previous = new Int32Array(ids.length);
    for (const [place, id] of ids.entries()) {
      this.#previous[place] = this.#last.get(id) ?? -1;
      this.#last.set(id, place);
    }
  }

  /**
   * Up to `most` tokens that follow the end of `written` where the document agrees with it best, of places that agree alike
   * the last one that has as many; none without a clue.
   */
  propose(written: readonly number[], most: number): number[] {
    let best = { place: -1, agreement: 0, following: 0 };
    let places = 0;
    let place = this.#last.get(written.at(-1) ?? -1) ?? -1;
    for (; place >= 0 && places < mostPlaces; place = this.#previous[place] ?? -1, places++) {
      const agreement = this.#agreement(written, place);
      const following = Math.min(most, this.#ids.length - 1 - place);
      const isBetter = agreement > best.agreement || (agreement === best.agreement && following > best.following);
      if (following > 0 && isBetter) best = { place, agreement, following };
    }
    const isClue = best.agreement > 1 || (best.agreement === 1 && places <= fewPlaces);
    return isClue ? this.#ids.slice(best.place + 1, best.place + 1 + most) : [];
  }

  /** How many tokens before and at `place` are those at the end of `written`. */
  #agreement(written: readonly number[], place: number): number {
    const most = Math.min(longestSuffix, written.length, place + 1);
    let count = 0;
    while (count < most && this.#ids[place - count] === written[written.length - 1 - count]) count++;
    return count;
  }
}

/** How long the next draft may be: more after a draft that was right to its end, less after one that was not. */
export class DraftLength {
  #length = 4;

  get next(): number {
    return this.#length;
  }

  /** Learns from one draft. */
  learn(proposed: number, accepted: number): void {
    if (proposed === 0) return;
    this.#length = accepted === proposed ? Math.min(16, 2 * this.#length) : Math.max(2, accepted + 1);
  }
}
