/** A model folder opened for use: its tokenizer, encoder and decoder. Graphs are opened when first needed. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Decoder } from './answering/decoder.ts';
import { manifestFile, readManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { closeEncoder, openEncoder } from './reading/encoder-sessions.ts';
import type { EncoderSessions } from './reading/encoder-sessions.ts';
import { Tokenizer } from './tokenizer/tokenizer.ts';

/** See the file's head. */
export class LoadedModel {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly manifestSha256: string;
  readonly tokenizer: Tokenizer;
  #encoder: EncoderSessions | undefined;
  /** Its graphs are opened as they are needed. */
  readonly decoder: Decoder;

  private constructor(folder: string, manifest: Manifest, manifestSha256: string, tokenizer: Tokenizer) {
    this.folder = folder;
    this.manifest = manifest;
    this.manifestSha256 = manifestSha256;
    this.tokenizer = tokenizer;
    this.decoder = new Decoder(folder, manifest);
  }

  /** Opens a model folder. Throws 'model-missing', 'model-corrupt'. */
  static async open(folder: string): Promise<LoadedModel> {
    const manifest = await readManifest(folder);
    const manifestSha256 = createHash('sha256')
      .update(await readFile(join(folder, manifestFile)))
      .digest('hex');
    return new LoadedModel(folder, manifest, manifestSha256, await Tokenizer.open(folder));
  }

  /** The encoder's graphs, opened once. What could not be opened (no memory just then) is tried anew the next time. */
  async encoder(): Promise<EncoderSessions> {
    this.#encoder ??= await openEncoder(this.folder, this.manifest);
    return this.#encoder;
  }

  /** Frees every graph. */
  async close(): Promise<void> {
    if (this.#encoder !== undefined) await closeEncoder(this.#encoder);
    await this.decoder.close();
  }
}
