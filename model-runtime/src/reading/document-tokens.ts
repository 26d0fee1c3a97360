/**
 * The tokens of a document, each remembering the page and the characters it stands for, and through them its box.
 *
 * The encoder's input is <bos>, the template's part before the document, the pages joined by blank lines, the
 * template's part after it (SPEC R1).
 */
import type { PageText } from '../documents/page.ts';
import type { Manifest } from '../manifest.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** What stands between two pages. */
const pageBreak = '\n\n';

/** A page that has been tokenized. */
export interface TokenizedPage {
  page: PageText;
  /** Number in the encoder's input of the page's first token. */
  firstToken: number;
  /** UTF-16 offset in the page's text at which each of its tokens begins (0 for the page break before it). */
  starts: Uint32Array;
}

/** Where one token of the encoder's input stands. */
export interface TokenPlace {
  pageNumber: number;
  /** UTF-16 offsets [start, end) into the page's text. */
  start: number;
  end: number;
}

/** See the file's head. */
export class DocumentTokens {
  readonly pages: TokenizedPage[] = [];
  readonly #tokenizer: Tokenizer;
  readonly #opening: readonly number[];
  readonly #closing: readonly number[];
  #length: number;

  constructor(tokenizer: Tokenizer, manifest: Manifest) {
    const [before = '', after = ''] = manifest.prompts.ask.encoder.split('{document}');
    this.#tokenizer = tokenizer;
    this.#closing = tokenizer.encode(after).ids;
    this.#opening = [manifest.tokens.bos, ...tokenizer.encode(before).ids];
    this.#length = this.#opening.length;
  }

  /** Tokens so far, those after the last page not among them. */
  get length(): number {
    return this.#length;
  }

  /** What stands before the first page. */
  opening(): readonly number[] {
    return this.#opening;
  }

  /** Adds a page; returns the ids it puts into the encoder, none for a page that could not be read. */
  add(page: PageText): readonly number[] {
    const isFirst = !this.pages.some((earlier) => earlier.starts.length > 0);
    const lead = page.text === '' || isFirst ? '' : pageBreak;
    const { ids, starts } = this.#tokenizer.encode(page.text === '' ? '' : lead + page.text);
    this.pages.push({ page, firstToken: this.#length, starts: Uint32Array.from(starts, (start) => Math.max(0, start - lead.length)) });
    this.#length += ids.length;
    return ids;
  }

  /** What stands after the last page. */
  closing(): readonly number[] {
    return this.#closing;
  }

  /** Where a token stands; undefined for one of the template. */
  placeOf(token: number): TokenPlace | undefined {
    const found = this.pages.find(({ firstToken, starts }) => token >= firstToken && token < firstToken + starts.length);
    if (found === undefined) return undefined;
    const index = token - found.firstToken;
    const start = found.starts[index] ?? 0;
    return { pageNumber: found.page.pageNumber, start, end: found.starts[index + 1] ?? found.page.text.length };
  }
}
