/**
 * The weights of a checkpoint folder: one safetensors file or several with an index, in the released key spelling or
 * the re-saved one, read one tensor at a time.
 *
 * The rest of Recto knows each weight by the released name without its "model." (`encoder.layers.0.self_attn.q_proj.weight`,
 * `encoder.embed_tokens.weight`). Source: spec of the checkpoint format, SPEC W1 to W5.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeError } from '../errors.ts';
import { SafetensorsFile, fileExists } from '../tensors/safetensors.ts';
import type { TensorEntry, TensorSource } from '../tensors/safetensors.ts';
import { elementCount } from '../tensors/tensor.ts';

/** The tied table, under the one name the rest of Recto uses. */
export const embeddingName = 'encoder.embed_tokens.weight';
/** The vector that the end-of-image id takes instead of a table row. */
export const endOfImageName = 'encoder.embed_tokens.eoi_embedding';

/** Further copies of the tied table that checkpoints are known to hold. */
const embeddingCopies = ['lm_head.out_proj.weight', 'lm_head.weight', 'decoder.embed_tokens.weight', 'shared.weight'];
const endOfImageCopies = ['decoder.embed_tokens.eoi_embedding'];

interface Located {
  file: SafetensorsFile;
  entry: TensorEntry;
}

/** An open checkpoint. Close it when done. */
export class CheckpointWeights {
  readonly folder: string;
  readonly #files: SafetensorsFile[];
  readonly #located: Map<string, Located>;
  readonly #copies: Map<string, string[]>;

  private constructor(folder: string, files: SafetensorsFile[], located: Map<string, Located>, copies: Map<string, string[]>) {
    this.folder = folder;
    this.#files = files;
    this.#located = located;
    this.#copies = copies;
  }

  /** Opens every shard's header. Throws 'model-corrupt' naming a file that is missing or malformed. */
  static async open(folder: string): Promise<CheckpointWeights> {
    const files: SafetensorsFile[] = [];
    try {
      for (const name of await shardNames(folder)) files.push(await SafetensorsFile.open(join(folder, name)));
      const located = new Map<string, Located>();
      for (const file of files) {
        for (const entry of file.entries.values()) located.set(canonicalName(entry.name), { file, entry });
      }
      return new CheckpointWeights(folder, files, located, takeCopies(located));
    } catch (error) {
      await Promise.all(files.map((file) => file.close()));
      throw error;
    }
  }

  /** Whether the checkpoint brings a vision tower. */
  get hasVision(): boolean {
    return this.visionNames().length > 0;
  }

  /** Names of the vision tower's and projector's weights. */
  visionNames(): string[] {
    return [...this.#located.keys()].filter((name) => /^encoder\.(vision_tower|multi_modal_projector)\./.test(name));
  }

  /** Whether a weight is there. */
  has(name: string): boolean {
    return this.#located.has(name);
  }

  /**
   * Holds every expected weight against what is there. Throws one 'model-corrupt' that lists each missing or misshapen
   * tensor: loading anything else in its place would answer nonsense without a word.
   */
  expect(shapes: Readonly<Record<string, readonly number[]>>): void {
    const problems: string[] = [];
    for (const [name, shape] of Object.entries(shapes)) {
      const got = this.#located.get(name)?.entry.shape;
      if (got === undefined) problems.push(`${name} is missing (expected [${shape.join(',')}])`);
      else if (got.join() !== shape.join()) problems.push(`${name}: expected [${shape.join(',')}], got [${got.join(',')}]`);
    }
    if (problems.length > 0) throw corrupt(this.folder, 'the weights', problems.join('; '));
  }

  /** One weight as float32, row-major in its own shape. */
  async readFloats(name: string): Promise<Float32Array<ArrayBuffer>> {
    const { file, entry } = this.#at(name);
    return file.readFloats(entry.name);
  }

  /**
   * One weight as float32 in runs of whole rows, so that the largest table needs no more memory than a run of it.
   * Yields [rows, ...] slices of some `runElements` elements, in order.
   */
  async *readRuns(name: string, runElements: number = 1 << 22): AsyncGenerator<Float32Array<ArrayBuffer>> {
    const { file, entry } = this.#at(name);
    const [rows = 1, ...rest] = entry.shape;
    const rowElements = elementCount(rest);
    const runRows = Math.max(1, Math.floor(runElements / rowElements));
    for (let row = 0; row < rows; row += runRows) {
      yield await file.readFloats(entry.name, row * rowElements, Math.min(rows, row + runRows) * rowElements);
    }
  }

  /** One weight as it stands in the checkpoint, to be written elsewhere under its canonical name. */
  source(name: string): TensorSource {
    const { file, entry } = this.#at(name);
    return { name, code: entry.code, shape: entry.shape, sizeBytes: entry.end - entry.start, read: () => file.readBytes(entry) };
  }

  /** Compares the further copies of a tied weight with the one taken. Throws 'model-corrupt' naming a copy that differs. */
  async checkCopies(name: string): Promise<void> {
    const copies = this.#copies.get(name) ?? [];
    if (copies.length === 0) return;
    const taken = await this.readFloats(name);
    for (const copy of copies) {
      const other = await this.readFloats(copy);
      const isEqual = other.length === taken.length && other.every((value, index) => nearlySame(value, taken[index] ?? NaN));
      if (!isEqual) throw corrupt(this.folder, copy, `differs from ${name}, with which it should be tied`);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
  }

  #at(name: string): Located {
    const found = this.#located.get(name);
    if (found === undefined) throw corrupt(this.folder, name, 'is missing');
    return found;
  }
}

/** A copy may be kept in BF16 beside an F32 one: equal then means equal to within half a unit of BF16's last place. */
function nearlySame(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= Math.max(Math.abs(a), Math.abs(b)) * 2 ** -8;
}

/** One name for each weight, whichever spelling the checkpoint uses. */
function canonicalName(name: string): string {
  return name
    .replace(/^model\./, '')
    .replace(/^encoder\.text_model\./, 'encoder.')
    .replace(/^encoder\.vision_tower\.vision_model\./, 'encoder.vision_tower.');
}

/** Moves a copy into the tied weight's place where that is absent, and remembers the others for comparison. */
function takeCopies(located: Map<string, Located>): Map<string, string[]> {
  const copies = new Map<string, string[]>();
  for (const [name, others] of [
    [embeddingName, embeddingCopies],
    [endOfImageName, endOfImageCopies],
  ] as const) {
    const present = others.filter((other) => located.has(other));
    const [first] = present;
    const found = first === undefined ? undefined : located.get(first);
    if (!located.has(name) && found !== undefined) {
      located.set(name, found);
      present.shift();
    }
    copies.set(name, present);
  }
  return copies;
}

async function shardNames(folder: string): Promise<string[]> {
  const index = 'model.safetensors.index.json';
  if (!(await fileExists(join(folder, index)))) {
    if (await fileExists(join(folder, 'model.safetensors'))) return ['model.safetensors'];
    throw corrupt(folder, 'model.safetensors', 'neither model.safetensors nor its index is there');
  }
  try {
    const { weight_map: map } = JSON.parse(await readFile(join(folder, index), 'utf8')) as { weight_map: Record<string, string> };
    const names = [...new Set(Object.values(map))].sort();
    // A shard is a file of this folder: an index may not lead out of it.
    if (names.length > 0 && names.every((name) => /^[\w][\w.-]*\.safetensors$/.test(name))) return names;
  } catch (cause) {
    throw corrupt(folder, index, 'is not a JSON index of weights', cause);
  }
  throw corrupt(folder, index, 'does not name its shards');
}

function corrupt(folder: string, file: string, problem: string, cause?: unknown): RuntimeError<'model-corrupt'> {
  return new RuntimeError({
    code: 'model-corrupt',
    message: `import ${folder}: ${file}: ${problem}`,
    details: { folder, file, problem },
    ...(cause === undefined ? {} : { cause }),
  });
}
