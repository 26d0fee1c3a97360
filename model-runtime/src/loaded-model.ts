/** A model folder opened for use: its tokenizer, encoder and decoder. Graphs are opened when first needed. */
import { createHash } from 'node:crypto';
import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Decoder } from './answering/decoder.ts';
import { throwIfCancelled } from './errors.ts';
import { graphFiles, manifestFile, readManifest } from './manifest.ts';
import type { Manifest } from './manifest.ts';
import { closeEncoder, openEncoder } from './reading/encoder-sessions.ts';
import type { EncoderSessions } from './reading/encoder-sessions.ts';
import { Pace } from './reading/progress.ts';
import { GraphFolder } from './session/graph-folder.ts';
import { Tokenizer } from './tokenizer/tokenizer.ts';

/** Below this many bytes a model is opened at once as it is. */
const leastPrepared = 64e6;
/** What the disk must have free for a model's graphs to be kept as they lie in memory: they take up to twice the model's size. */
const freeForPrepared = { modelSizes: 3, bytes: 2e9 };

/** See the file's head. */
export class LoadedModel {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly manifestSha256: string;
  readonly tokenizer: Tokenizer;
  /** How fast it reads, learned from one document to the next. */
  readonly pace: Pace = new Pace();
  readonly #graphs: GraphFolder;
  #encoder: EncoderSessions | undefined;
  /** Its graphs are opened as they are needed. */
  readonly decoder: Decoder;

  private constructor(folder: string, manifest: Manifest, manifestSha256: string, tokenizer: Tokenizer, graphs: GraphFolder) {
    this.folder = folder;
    this.manifest = manifest;
    this.manifestSha256 = manifestSha256;
    this.tokenizer = tokenizer;
    this.#graphs = graphs;
    this.decoder = new Decoder(graphs, manifest);
  }

  /** Opens a model folder. Throws 'model-missing', 'model-corrupt'. */
  static async open(folder: string): Promise<LoadedModel> {
    const manifest = await readManifest(folder);
    const manifestSha256 = createHash('sha256')
      .update(await readFile(join(folder, manifestFile)))
      .digest('hex');
    const sizeBytes = Object.values(manifest.files).reduce((sum, file) => sum + file.sizeBytes, 0);
    const disk = await statfs(folder);
    const isRoom = disk.bavail * disk.bsize > freeForPrepared.modelSizes * sizeBytes + freeForPrepared.bytes;
    const graphs = new GraphFolder(folder, { keepPrepared: isRoom && sizeBytes >= leastPrepared });
    return new LoadedModel(folder, manifest, manifestSha256, await Tokenizer.open(folder), graphs);
  }

  /** The encoder's graphs, opened once. What could not be opened (no memory just then) is tried anew the next time. */
  async encoder(): Promise<EncoderSessions> {
    this.#encoder ??= await openEncoder(this.#graphs, this.manifest);
    return this.#encoder;
  }

  /**
   * Keeps what can be kept of the graphs (session/graph-folder.ts), so that it is there when they are needed. Gets the share done.
   * Throws 'cancelled'.
   */
  async prepare(onProgress: (fraction: number) => void, signal?: AbortSignal): Promise<void> {
    const files = this.#graphs.keepsPrepared ? graphFiles(this.manifest.graphs) : [];
    for (const [index, file] of files.entries()) {
      throwIfCancelled(signal);
      await this.#graphs.prepare(file);
      onProgress((index + 1) / files.length);
      await new Promise(setImmediate); // loading blocks the thread: a cancel is heard here
    }
  }

  /** Frees every graph. */
  async close(): Promise<void> {
    if (this.#encoder !== undefined) await closeEncoder(this.#encoder);
    await this.decoder.close();
  }
}
