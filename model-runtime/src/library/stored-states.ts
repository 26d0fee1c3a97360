/**
 * Encoder states on disk, so that a document answers its next question without being encoded again.
 *
 *   <key>.safetensors   states float32 [S, C]
 *   <key>.json          what they were made from, and the sha256 of the states; written last
 *
 * The key is made of the file's bytes, the model and the mode. States count only when the tokens and the checksum agree
 * too; anything else is deleted and computed anew. Everything here may be deleted at any time. SPEC L1 to L3.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SafetensorsFile, fileExists, sourceOf, writeSafetensors } from '../tensors/safetensors.ts';
import { floats } from '../tensors/tensor.ts';

interface Record {
  format: 1;
  idsSha256: string;
  rows: number;
  width: number;
  statesSha256: string;
}

const recordSchema: z.ZodType<Record> = z.strictObject({
  format: z.literal(1),
  idsSha256: z.string(),
  rows: z.int().positive(),
  width: z.int().positive(),
  statesSha256: z.string(),
});

/** What stored states are valid for. */
export interface StatesKey {
  fileSha256: string;
  manifestSha256: string;
  mode: 'exact';
}

/** The states' name in the folder. */
export function stateName(key: StatesKey): string {
  return sha256(`${key.fileSha256} ${key.manifestSha256} ${key.mode}`).slice(0, 32);
}

/** The folder of stored states. */
export class StoredStates {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether there is something to look at. */
  async has(name: string): Promise<boolean> {
    return fileExists(this.#recordPath(name));
  }

  /** The states [S, C], if they are whole and were made from these ids; else undefined, and what was there is deleted. */
  async load(name: string, ids: readonly number[]): Promise<Float32Array<ArrayBuffer> | undefined> {
    const states = await this.#read(name, ids).catch(() => undefined);
    if (states === undefined) await this.remove(name);
    return states;
  }

  /** Keeps states. Throws 'disk-full' and leaves nothing half-written. */
  async save(name: string, ids: readonly number[], states: Float32Array<ArrayBuffer>, width: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const rows = states.length / width;
    const record: Record = { format: 1, idsSha256: idsSha256(ids), rows, width, statesSha256: sha256(bytesOf(states)) };
    await writeSafetensors(this.#statesPath(name), [sourceOf('states', floats(states, [rows, width]))]);
    const temporary = `${this.#recordPath(name)}.${process.pid}.part`;
    try {
      await writeFile(temporary, JSON.stringify(record), { flush: true });
      await rename(temporary, this.#recordPath(name));
    } catch (error) {
      await rm(temporary, { force: true });
      await rm(this.#statesPath(name), { force: true });
      throw error;
    }
  }

  /** Forgets states. */
  async remove(name: string): Promise<void> {
    await rm(this.#recordPath(name), { force: true });
    await rm(this.#statesPath(name), { force: true });
  }

  async #read(name: string, ids: readonly number[]): Promise<Float32Array<ArrayBuffer> | undefined> {
    const record = recordSchema.parse(JSON.parse(await readFile(this.#recordPath(name), 'utf8')));
    if (record.rows !== ids.length || record.idsSha256 !== idsSha256(ids)) return undefined;
    const file = await SafetensorsFile.open(this.#statesPath(name));
    try {
      const states = await file.readFloats('states');
      return sha256(bytesOf(states)) === record.statesSha256 ? states : undefined;
    } finally {
      await file.close();
    }
  }

  #recordPath(name: string): string {
    return join(this.#folder, `${name}.json`);
  }

  #statesPath(name: string): string {
    return join(this.#folder, `${name}.safetensors`);
  }
}

function idsSha256(ids: readonly number[]): string {
  return sha256(new Uint8Array(Int32Array.from(ids).buffer));
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
