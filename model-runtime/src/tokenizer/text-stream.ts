/** Tokens as they are decoded to text as people read it: whole characters only, and no space before the first word. */
import type { Tokenizer } from './tokenizer.ts';

/** The text of an answer that grows token by token. */
export class TextStream {
  readonly #tokenizer: Tokenizer;
  readonly #ids: number[] = [];
  #shown = '';

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** Takes the next token; returns what it adds to the text, '' while a character is still incomplete. */
  push(id: number): string {
    this.#ids.push(id);
    const text = this.#decoded();
    // A character spelled in bytes decodes to U+FFFD until its last byte is there: hold it back.
    return this.#show(text.replace(/\uFFFD+$/u, ''));
  }

  /** What was held back, once no more tokens come. */
  end(): string {
    return this.#show(this.#decoded());
  }

  /** The whole text so far. */
  get text(): string {
    return this.#shown;
  }

  #decoded(): string {
    return this.#tokenizer.decode(this.#ids).trimStart();
  }

  #show(text: string): string {
    const added = text.startsWith(this.#shown) ? text.slice(this.#shown.length) : '';
    this.#shown += added;
    return added;
  }
}
