/**
 * Encoder states on disk, so that a document answers its next question without being encoded again, and a reading that
 * was interrupted goes on where it stood.
 *
 *   <name>.states.safetensors       the states of a document that has been read, float32 [S, C]
 *   <name>.unfinished.safetensors   where a reading stood (reading/encoder-snapshot.ts)
 *
 * The name is made of the file's bytes, the model and the mode; the files' metadata hold checksums of the tokens they
 * were made from and of their tensors. What does not agree is deleted and computed anew. Each file is written beside its
 * place and renamed, so a kill leaves the old one or the new one. Everything here may be deleted at any time. SPEC L1 to L6.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { KeptDocument } from '../contract.ts';
import { SafetensorsFile, fileExists, sourceOf, writeSafetensors } from '../tensors/safetensors.ts';
import { floats } from '../tensors/tensor.ts';
import { deleteAbandoned } from './abandoned-folders.ts';
import type { FloatTensor } from '../tensors/tensor.ts';

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

/** What people want to know of a document whose states are kept. */
export interface AboutKept {
  path: string;
  name: string;
  pageCount: number;
  tokens: number;
  model: string;
}

const aboutSchema: z.ZodType<AboutKept> = z.strictObject({
  path: z.string(),
  name: z.string(),
  pageCount: z.int(),
  tokens: z.int(),
  model: z.string(),
});

/** A document as its ids, which name what was read, and what people call it. */
export interface KeptSubject {
  ids: readonly number[];
  about: AboutKept;
}

/** A reading that stands on disk: numbers and names of whoever wrote it, and its tensors. */
export interface Unfinished {
  outline: unknown;
  tensors: ReadonlyMap<string, FloatTensor>;
}

const formatVersion = '2';

/** One file of the folder. */
interface KeptFile {
  path: string;
  name: string;
  isComplete: boolean;
  sizeBytes: number;
  usedMs: number;
}

/** The folder of stored states. */
export class StoredStates {
  readonly #folder: string;
  readonly #limitBytes: number;

  /** `limitBytes`: what all files together may take; those unused for longest go first. */
  constructor(folder: string, { limitBytes = Infinity }: { limitBytes?: number } = {}) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
  }

  /** Whether there is something to look at: states, or a reading that was interrupted. */
  async has(name: string): Promise<boolean> {
    return (await fileExists(this.#path(name, 'states'))) || fileExists(this.#path(name, 'unfinished'));
  }

  /** The states [S, C], if they are whole and were made from these ids; else undefined, and what was there is deleted. */
  async load(name: string, ids: readonly number[]): Promise<Float32Array<ArrayBuffer> | undefined> {
    return (await this.#load(this.#path(name, 'states'), ids))?.tensors.get('states')?.data;
  }

  /** Keeps the states of a document that has been read. Throws 'disk-full' and leaves nothing half-written. */
  async save(name: string, subject: KeptSubject, states: Float32Array<ArrayBuffer>): Promise<void> {
    const rows = subject.ids.length;
    const tensors = new Map([['states', floats(states, [rows, states.length / rows])]]);
    await this.#save(this.#path(name, 'states'), subject, { outline: null, tensors });
    await rm(this.#path(name, 'unfinished'), { force: true });
    await this.#makeRoom(name);
  }

  /** Where the reading of these ids stood when it was interrupted; undefined, and deleted, where that is not whole. */
  async loadUnfinished(name: string, ids: readonly number[]): Promise<Unfinished | undefined> {
    return this.#load(this.#path(name, 'unfinished'), ids);
  }

  /** Keeps where a reading stands, in place of where it stood before. Throws 'disk-full'; then the one before is still there. */
  async saveUnfinished(name: string, subject: KeptSubject, unfinished: Unfinished): Promise<void> {
    await this.#save(this.#path(name, 'unfinished'), subject, unfinished);
    await this.#makeRoom(name);
  }

  /** Everything kept, the last used first; files that cannot be read are passed over. */
  async list(): Promise<{ documents: KeptDocument[]; sizeBytes: number; limitBytes: number }> {
    const files = await this.#files();
    const documents = await Promise.all(files.map((file) => describe(file)));
    return {
      documents: documents.filter((document) => document !== undefined).sort((one, other) => other.usedMs - one.usedMs),
      sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      limitBytes: this.#limitBytes,
    };
  }

  /** Forgets all there is of a document; returns the bytes that are free now. */
  async remove(name: string): Promise<number> {
    const files = (await this.#files()).filter((file) => file.name === name);
    for (const { path } of files) await rm(path, { force: true });
    return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  async #load(path: string, ids: readonly number[]): Promise<Unfinished | undefined> {
    if (!(await fileExists(path))) return undefined;
    const found = await readChecked(path, ids).catch(() => undefined);
    if (found === undefined) await rm(path, { force: true });
    else await touch(path);
    return found;
  }

  async #save(path: string, { ids, about }: KeptSubject, { outline, tensors }: Unfinished): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await deleteAbandoned(this.#folder, /\.(\d+)\.part$/u);
    const sources = [...tensors].map(([name, tensor]) => sourceOf(name, tensor));
    await writeSafetensors(path, sources, {
      format: formatVersion,
      ids: sha256(new Uint8Array(Int32Array.from(ids).buffer)),
      tensors: tensorsSha256(tensors),
      outline: JSON.stringify(outline),
      about: JSON.stringify(about),
    });
  }

  /** Deletes what was unused for longest until the limit holds; never what was just kept. */
  async #makeRoom(kept: string): Promise<void> {
    if (this.#limitBytes === Infinity) return;
    const files = await this.#files();
    let total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const { path, name, sizeBytes } of files.sort((one, other) => one.usedMs - other.usedMs)) {
      if (total <= this.#limitBytes) return;
      if (name === kept) continue;
      await rm(path, { force: true });
      total -= sizeBytes;
    }
  }

  async #files(): Promise<KeptFile[]> {
    const found: KeptFile[] = [];
    for (const fileName of await readdir(this.#folder).catch(() => [])) {
      const [, name, kind] = /^([0-9a-f]{32})\.(states|unfinished)\.safetensors$/u.exec(fileName) ?? [];
      const path = join(this.#folder, fileName);
      const file = name === undefined ? undefined : await stat(path).catch(() => undefined);
      if (name !== undefined && file) found.push({ path, name, isComplete: kind === 'states', sizeBytes: file.size, usedMs: file.mtimeMs });
    }
    return found;
  }

  #path(name: string, kind: 'states' | 'unfinished'): string {
    return join(this.#folder, `${name}.${kind}.safetensors`);
  }
}

async function readChecked(path: string, ids: readonly number[]): Promise<Unfinished | undefined> {
  const file = await SafetensorsFile.open(path);
  try {
    const { format, ids: idsSum, tensors: tensorsSum, outline } = file.metadata;
    if (format !== formatVersion || idsSum !== sha256(new Uint8Array(Int32Array.from(ids).buffer))) return undefined;
    const tensors = new Map<string, FloatTensor>();
    for (const [name, { shape }] of file.entries) tensors.set(name, floats(await file.readFloats(name), shape));
    return tensorsSum === tensorsSha256(tensors) ? { outline: JSON.parse(outline ?? 'null') as unknown, tensors } : undefined;
  } finally {
    await file.close();
  }
}

/** The time a file was last of use is its modification time: access times are switched off on many machines. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

async function describe({ path, name, isComplete, sizeBytes, usedMs }: KeptFile): Promise<KeptDocument | undefined> {
  const file = await SafetensorsFile.open(path).catch(() => undefined);
  await file?.close();
  const about = aboutSchema.safeParse(parsed(file?.metadata['about'] ?? ''));
  if (!about.success) return undefined;
  return { keptId: name, ...about.data, sizeBytes, usedMs, isComplete, isThere: await fileExists(about.data.path) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function tensorsSha256(tensors: ReadonlyMap<string, FloatTensor>): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of tensors) hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
