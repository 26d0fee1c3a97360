/**
 * Encoder states on disk, so that a document answers its next question without being encoded again, and a reading that
 * was interrupted goes on where it stood.
 *
 *   <document>-<text>.states.safetensors       what was made of what was encoded in one piece: states float32 [S, C], and
 *                                              whatever else is to be at hand beside them
 *   <document>-<text>.unfinished.safetensors   where such a piece stood (reading/encoder-snapshot.ts)
 *
 * <document> is made of the file's bytes, the model and the mode; <text> of the tokens, the model and the mode. In exact
 * mode a document is one piece; in book mode one a window, and a window whose text stands in another file too is found
 * there. Each file holds a checksum (checked-file.ts); what does not agree is deleted and computed anew. Each is written
 * beside its place and renamed, so a kill leaves the old one or the new one. Everything here may be deleted at any time.
 * SPEC L1 to L10.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptDocument, ReadingMode } from '../contract.ts';
import { isRuntimeError, toRuntimeError, toWriteError } from '../errors.ts';
import { fileExists } from '../tensors/safetensors.ts';
import type { FloatTensor } from '../tensors/tensor.ts';
import { deleteAbandoned } from '../abandoned-folders.ts';
import { readAbout, readChecked, writeChecked } from './checked-file.ts';
import type { AboutKept, Content } from './checked-file.ts';

/** What stored states are valid for. */
export interface StatesKey {
  fileSha256: string;
  manifestSha256: string;
  mode: ReadingMode;
}

/** The document's part of the names in the folder. */
export function documentKey({ fileSha256, manifestSha256, mode }: Omit<StatesKey, 'mode'> & { mode: ReadingMode | 'any' }): string {
  return sha256(`${fileSha256} ${manifestSha256} ${mode}`).slice(0, keyLength);
}

/** What was encoded in one piece, and what people call the document that it is of. */
export interface KeptSubject {
  ids: readonly number[];
  about: AboutKept;
}

const keyLength = 32;

type Kind = 'states' | 'unfinished';

/** One file of the folder. */
interface KeptFile {
  path: string;
  document: string;
  text: string;
  kind: Kind;
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

  /** What is kept of one document, as one model reads it in one mode. */
  of(key: StatesKey): DocumentStates {
    return new DocumentStates(key, { folder: this.#folder, makeRoom: (kept) => this.#makeRoom(kept) });
  }

  /** Everything kept, the last used first; files that cannot be read are passed over. */
  async list(): Promise<{ documents: KeptDocument[]; sizeBytes: number; limitBytes: number }> {
    const files = await filesIn(this.#folder);
    const documents = await Promise.all([...Map.groupBy(files, ({ document }) => document)].map(([key, own]) => describe(key, own)));
    return {
      documents: documents.filter((document) => document !== undefined).sort((one, other) => other.usedMs - one.usedMs),
      sizeBytes: sizeOf(files),
      limitBytes: this.#limitBytes,
    };
  }

  /** Forgets all there is of a document; returns the bytes that are free now. */
  async remove(document: string): Promise<number> {
    const files = await filesIn(this.#folder, { start: document });
    for (const { path } of files) await rm(path, { force: true });
    return sizeOf(files);
  }

  /** Deletes what was unused for longest until the limit holds; never anything of the document that was just kept. */
  async #makeRoom(kept: string): Promise<void> {
    if (this.#limitBytes === Infinity) return;
    const files = await filesIn(this.#folder);
    let total = sizeOf(files);
    for (const { path, document, sizeBytes } of files.sort((one, other) => one.usedMs - other.usedMs)) {
      if (total <= this.#limitBytes) return;
      if (document === kept) continue;
      await discard(path);
      total -= sizeBytes;
    }
  }
}

/** What is kept of one document. See {@link StoredStates.of}. */
export class DocumentStates {
  readonly key: string;
  readonly #of: StatesKey;
  readonly #folder: string;
  readonly #makeRoom: (kept: string) => Promise<void>;

  constructor(of: StatesKey, { folder, makeRoom }: { folder: string; makeRoom: (kept: string) => Promise<void> }) {
    this.key = documentKey(of);
    this.#of = of;
    this.#folder = folder;
    this.#makeRoom = makeRoom;
  }

  /** Whether there is something to look at: states, or a reading that was interrupted. */
  async isThere(): Promise<boolean> {
    return (await filesIn(this.#folder, { start: this.key })).length > 0;
  }

  /** The tensors of these ids if they are whole, from this document or (then kept here too) from another; what is not whole is deleted. */
  async load(subject: KeptSubject): Promise<ReadonlyMap<string, FloatTensor> | undefined> {
    const found = await this.#load(subject.ids, 'states');
    if (found === undefined) return undefined;
    const { tensors } = found.kept;
    // Kept under the other document they are found next time too: no room for them here is no failure (SPEC L3).
    if (found.document !== this.key) await this.save(subject, tensors).catch(() => undefined);
    return tensors;
  }

  /** Keeps the tensors of these ids. Throws 'disk-full' and leaves nothing half-written. */
  async save(subject: KeptSubject, tensors: ReadonlyMap<string, FloatTensor>): Promise<void> {
    await this.#save(subject, 'states', { outline: null, tensors });
    await discard(this.#path(subject.ids, 'unfinished'));
    await this.#makeRoom(this.key);
  }

  /** Where the reading of these ids stood when it was interrupted; undefined, and deleted, where that is not whole. */
  async loadUnfinished(ids: readonly number[]): Promise<Content | undefined> {
    return (await this.#load(ids, 'unfinished'))?.kept;
  }

  /** Keeps where a reading stands, in place of where it stood before. Throws 'disk-full'; then the one before is still there. */
  async saveUnfinished(subject: KeptSubject, unfinished: Content): Promise<void> {
    await this.#save(subject, 'unfinished', unfinished);
    await this.#makeRoom(this.key);
  }

  /**
   * The document has been read, as these texts: deletes what else there is of it. States of other texts, for the same file
   * gives other tokens now; readings that stand unfinished, for another process may have been ended at one of these; and
   * what a killed process was writing.
   */
  async keepOnly(texts: readonly (readonly number[])[]): Promise<void> {
    const known = new Set(texts.map((ids) => this.#textKey(ids)));
    for (const { path, text, kind } of await filesIn(this.#folder, { start: this.key })) {
      if (kind === 'unfinished' || !known.has(text)) await discard(path);
    }
    await deleteParts(this.#folder).catch(() => undefined);
  }

  async #load(ids: readonly number[], kind: Kind): Promise<{ document: string; kept: Content } | undefined> {
    const text = this.#textKey(ids);
    const found = await filesIn(this.#folder, { part: `-${text}.${kind}.` });
    const own = found.find(({ document }) => document === this.key) ?? found[0];
    if (own === undefined) return undefined;
    const kept = await readChecked(own.path, text).catch((error: unknown) => {
      if (isRuntimeError(toRuntimeError(error), 'out-of-memory')) throw error; // they may well be whole, and encoding takes more
      return undefined;
    });
    if (kept === undefined) await discard(own.path);
    else await touch(own.path);
    return kept && { document: own.document, kept };
  }

  async #save({ ids, about }: KeptSubject, kind: Kind, kept: Content): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true });
      await deleteParts(this.#folder);
      await writeChecked(this.#path(ids, kind), { text: this.#textKey(ids), about, kept });
    } catch (error) {
      throw toWriteError(error, this.#folder);
    }
  }

  #textKey(ids: readonly number[]): string {
    const { manifestSha256, mode } = this.#of;
    const tokens = sha256(new Uint8Array(Int32Array.from(ids).buffer));
    return sha256(`${tokens} ${manifestSha256} ${mode}`).slice(0, keyLength);
  }

  #path(ids: readonly number[], kind: Kind): string {
    return join(this.#folder, `${this.key}-${this.#textKey(ids)}.${kind}.safetensors`);
  }
}

/** The files of the folder; only those whose names begin with `start` or hold `part` are looked at, where these are told. */
async function filesIn(folder: string, { start = '', part = '' } = {}): Promise<KeptFile[]> {
  const found: KeptFile[] = [];
  for (const fileName of await readdir(folder).catch(() => [])) {
    if (!fileName.startsWith(start) || !fileName.includes(part)) continue;
    const parts = /^(?<document>[0-9a-f]{32})-(?<text>[0-9a-f]{32})\.(?<kind>states|unfinished)\.safetensors$/u.exec(fileName)?.groups;
    const path = join(folder, fileName);
    const file = parts && (await stat(path).catch(() => undefined));
    if (!parts || !file) continue;
    const { document = '', text = '', kind } = parts;
    found.push({ path, document, text, kind: kind === 'states' ? 'states' : 'unfinished', sizeBytes: file.size, usedMs: file.mtimeMs });
  }
  return found;
}

function sizeOf(files: readonly KeptFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Deletes a file that is of no use any more. One that cannot be deleted (a disk that may only be read) harms nobody: it is never believed. */
async function discard(path: string): Promise<void> {
  await rm(path, { force: true }).catch(() => undefined);
}

/** Deletes what killed processes were writing (tensors/safetensors.ts names it). */
function deleteParts(folder: string): Promise<void> {
  return deleteAbandoned(folder, /\.(\d+)\.part$/u);
}

/** The time a file was last of use is its modification time: access times are switched off on many machines. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

async function describe(keptId: string, files: readonly KeptFile[]): Promise<KeptDocument | undefined> {
  const abouts = await Promise.all(files.map(({ path }) => readAbout(path)));
  const known = abouts.filter((about) => about !== undefined);
  // The piece written last knows most: how many there are, and how many tokens in all.
  const last = known.reduce<AboutKept | undefined>((best, about) => (best && best.tokens > about.tokens ? best : about), undefined);
  if (last === undefined) return undefined;
  const { pieces, ...facts } = last;
  return {
    keptId,
    ...facts,
    sizeBytes: sizeOf(files),
    usedMs: Math.max(...files.map(({ usedMs }) => usedMs)),
    isComplete: files.filter(({ kind }) => kind === 'states').length === pieces,
    isThere: await fileExists(facts.path),
  };
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
