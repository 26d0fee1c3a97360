/**
 * The file of weights beside a graph: tensors one after another, each at a multiple of 4096 bytes so that it can be
 * mapped into memory. Written as a stream; hashed on the way.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { invariant } from '../errors.ts';
import { elementBytes, elementCount } from '../tensors/tensor.ts';
import type { Dtype } from '../tensors/tensor.ts';
import type { StoredTensor } from './graph.ts';

const alignment = 4096;

/** A weights file under construction. */
export class ExternalDataFile {
  readonly name: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash('sha256');
  #size = 0;

  private constructor(name: string, handle: FileHandle) {
    this.name = name;
    this.#handle = handle;
  }

  /** Creates `name` in a folder; an error if it is there already. */
  static async create(folder: string, name: string): Promise<ExternalDataFile> {
    return new ExternalDataFile(name, await open(join(folder, name), 'wx'));
  }

  /** Adds a tensor whose bytes come in runs, and says where it lies. */
  async append(
    tensor: { name: string; dtype: Dtype; shape: readonly number[] },
    runs: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<StoredTensor> {
    await this.#write(new Uint8Array((alignment - (this.#size % alignment)) % alignment));
    const offset = this.#size;
    for await (const run of runs) await this.#write(run);
    const sizeBytes = this.#size - offset;
    const expected = elementCount(tensor.shape) * elementBytes[tensor.dtype];
    invariant(sizeBytes === expected, `${tensor.name}: expected ${expected} bytes, got ${sizeBytes}`);
    return { ...tensor, file: this.name, offset, sizeBytes };
  }

  /** Syncs and closes the file; returns what the manifest records of it. */
  async finish(): Promise<{ sha256: string; sizeBytes: number }> {
    await this.#handle.sync();
    await this.#handle.close();
    return { sha256: this.#hash.digest('hex'), sizeBytes: this.#size };
  }

  /** Closes the file without finishing it. */
  async abandon(): Promise<void> {
    await this.#handle.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#hash.update(bytes);
    await this.#handle.writeFile(bytes);
    this.#size += bytes.length;
  }
}
