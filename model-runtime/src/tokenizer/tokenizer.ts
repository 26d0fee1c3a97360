/**
 * Text to token ids and back, through the checkpoint's own tokenizer.json.
 *
 * Wraps @huggingface/tokenizers, whose ids and decoded text equal the reference's (test/golden/tokenizer-cases.json),
 * and adds what it lacks: where in the text each token begins. Knows the Gemma form only as far as that: a space is
 * written U+2581, a byte that no token covers is written <0xNN>.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { RuntimeError } from '../errors.ts';

/** Token ids of a text; `starts[i]` is the UTF-16 offset in the text at which token i begins. */
export interface Encoding {
  ids: number[];
  starts: number[];
}

/** See the file's head. */
export class Tokenizer {
  readonly #inner: HuggingFaceTokenizer;

  private constructor(inner: HuggingFaceTokenizer) {
    this.#inner = inner;
  }

  /** Opens a model folder's tokenizer. Throws 'model-corrupt'. */
  static async open(folder: string): Promise<Tokenizer> {
    try {
      const read = async (file: string): Promise<object> => JSON.parse(await readFile(join(folder, file), 'utf8')) as object;
      const definition = await read('tokenizer.json');
      const config = await read('tokenizer_config.json').catch(() => ({}));
      return new Tokenizer(new HuggingFaceTokenizer(definition, config));
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause);
      const details = { folder, file: 'tokenizer.json', problem };
      throw new RuntimeError({ code: 'model-corrupt', message: `open tokenizer in ${folder}: ${problem}`, details, cause });
    }
  }

  /** Ids of a text, without the tokens that a template would put around it. */
  encode(text: string): Encoding {
    if (text === '') return { ids: [], starts: [] };
    const { ids } = this.#inner.encode(text, { add_special_tokens: false });
    return { ids, starts: tokenStarts(text, ids, (id) => this.#inner.id_to_token(id) ?? '') };
  }

  /**
   * Text of ids; tokens with a meaning of their own (<bos>, <eos>) leave nothing. A run of byte tokens that is no UTF-8
   * becomes one U+FFFD a byte, as in the reference (the wrapped library merges them, and drops a byte order mark).
   */
  decode(ids: readonly number[]): string {
    let text = '';
    for (let from = 0; from < ids.length;) {
      const isByte = this.#byteOf(ids[from]) !== undefined;
      let to = from + 1;
      while (to < ids.length && (this.#byteOf(ids[to]) !== undefined) === isByte) to++;
      const run = ids.slice(from, to);
      text += isByte
        ? decodeBytes(run.map((id) => this.#byteOf(id) ?? 0))
        : this.#inner.decode(run, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
      from = to;
    }
    return text;
  }

  #byteOf(id: number | undefined): number | undefined {
    const [, hex] = /^<0x([0-9A-F]{2})>$/.exec(id === undefined ? '' : (this.#inner.id_to_token(id) ?? '')) ?? [];
    return hex === undefined ? undefined : Number.parseInt(hex, 16);
  }
}

function decodeBytes(bytes: readonly number[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return '\uFFFD'.repeat(bytes.length);
  }
}

/**
 * Where each token begins. The tokens' own characters, laid end to end, are the text again: a run of byte tokens covers
 * one character from its first byte on.
 */
function tokenStarts(text: string, ids: readonly number[], tokenOf: (id: number) => string): number[] {
  const starts: number[] = [];
  let at = 0;
  let bytesLeft = 0; // of the character that a run of byte tokens is spelling
  for (const id of ids) {
    const token = tokenOf(id);
    if (/^<0x[0-9A-F]{2}>$/.test(token) && !text.startsWith(token, at)) {
      if (bytesLeft === 0) {
        const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
        bytesLeft = Buffer.byteLength(character);
        at += character.length;
        starts.push(at - character.length);
      } else {
        starts.push(starts.at(-1) ?? 0);
      }
      bytesLeft--;
    } else {
      bytesLeft = 0;
      starts.push(at);
      at += token.length;
    }
  }
  return starts;
}
