/**
 * The safetensors file format: an 8-byte little-endian header length, a JSON header, then the tensors' bytes.
 * Reads lazily (one tensor at a time) and writes whole. Knows nothing of models.
 *
 * Source: the format description of the safetensors project, version 0.4 and later (header at most 100 MB, offsets
 * relative to the end of the header, `__metadata__` holds strings).
 */
import { open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, basename } from 'node:path';
import { RuntimeError } from '../errors.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './float-formats.ts';
import { elementBytes, elementCount } from './tensor.ts';
import type { Dtype, HostTensor } from './tensor.ts';

const dtypeOfCode: Readonly<Record<string, Dtype>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  U8: 'uint8',
  BOOL: 'bool',
};
const maxHeaderBytes = 100_000_000;

/** Where a tensor lies in a file. */
export interface TensorEntry {
  name: string;
  /** The file's own code for the element type, such as BF16. */
  code: string;
  dtype: Dtype;
  shape: readonly number[];
  /** Absolute byte range in the file. */
  start: number;
  end: number;
}

/** An open safetensors file. Holds its header in memory and nothing else. */
export class SafetensorsFile {
  readonly path: string;
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /** The header's `__metadata__`: strings by name. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, header: Header) {
    this.path = path;
    this.#handle = handle;
    this.entries = header.entries;
    this.metadata = header.metadata;
  }

  /** Opens a file and checks its header against its size. Throws 'model-corrupt' naming the file and what is wrong. */
  static async open(path: string): Promise<SafetensorsFile> {
    const handle = await open(path, 'r').catch((cause: unknown) => {
      throw corrupt(path, 'the file is missing or cannot be read', cause);
    });
    try {
      const { size } = await handle.stat();
      return new SafetensorsFile(path, handle, await readHeader(path, handle, size));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The tensor's bytes as they stand in the file; of elements [from, to) only, where told. */
  async readBytes(entry: TensorEntry, from = 0, to: number = elementCount(entry.shape)): Promise<Uint8Array<ArrayBuffer>> {
    const size = elementBytes[entry.dtype];
    const bytes = new Uint8Array((to - from) * size);
    for (let done = 0; done < bytes.length;) {
      const wanted = Math.min(bytes.length - done, 1 << 30);
      const { bytesRead } = await this.#handle.read(bytes, done, wanted, entry.start + from * size + done);
      if (bytesRead === 0) throw corrupt(this.path, `tensor ${entry.name} ends early`);
      done += bytesRead;
    }
    return bytes;
  }

  /** A float tensor as float32, whatever its 16- or 32-bit form in the file; elements [from, to) only, where told. */
  async readFloats(name: string, from?: number, to?: number): Promise<Float32Array<ArrayBuffer>> {
    const entry = this.entry(name);
    const bytes = await this.readBytes(entry, from, to);
    if (entry.dtype === 'float32') return new Float32Array(bytes.buffer);
    if (entry.dtype === 'bfloat16') return bfloat16ToFloat32(new Uint16Array(bytes.buffer));
    if (entry.dtype === 'float16') return float16ToFloat32(new Uint16Array(bytes.buffer));
    throw corrupt(this.path, `tensor ${name}: expected F32, F16 or BF16, got ${entry.code}`);
  }

  /** An integer tensor (I64 or I32) as int64. */
  async readIntegers(name: string): Promise<BigInt64Array<ArrayBuffer>> {
    const entry = this.entry(name);
    const bytes = await this.readBytes(entry);
    if (entry.dtype === 'int64') return new BigInt64Array(bytes.buffer);
    if (entry.dtype === 'int32') return BigInt64Array.from(new Int32Array(bytes.buffer), BigInt);
    throw corrupt(this.path, `tensor ${name}: expected I64 or I32, got ${entry.code}`);
  }

  /** Where a tensor lies. Throws 'model-corrupt' where the file has none of that name. */
  entry(name: string): TensorEntry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw corrupt(this.path, `tensor ${name} is missing`);
    return entry;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

interface Header {
  entries: Map<string, TensorEntry>;
  metadata: Record<string, string>;
}

async function readHeader(path: string, handle: FileHandle, sizeBytes: number): Promise<Header> {
  if (sizeBytes < 8) throw corrupt(path, `expected at least 8 bytes, got ${sizeBytes}`);
  const lengthField = new DataView(new ArrayBuffer(8));
  await handle.read(lengthField, 0, 8, 0);
  const headerBytes = Number(lengthField.getBigUint64(0, true));
  if (headerBytes > maxHeaderBytes || 8 + headerBytes > sizeBytes) {
    throw corrupt(path, `the header claims ${headerBytes} bytes in a file of ${sizeBytes}`);
  }
  const text = new Uint8Array(headerBytes);
  await handle.read(text, 0, headerBytes, 8);
  const header = parseHeader(path, new TextDecoder().decode(text));
  const entries = new Map<string, TensorEntry>();
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(value ?? {})) metadata[key] = String(text);
      continue;
    }
    entries.set(name, checkEntry(path, name, value, { dataStart: 8 + headerBytes, sizeBytes }));
  }
  return { entries, metadata };
}

function parseHeader(path: string, text: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) return { ...header };
  } catch {
    // the same answer as for JSON of another kind
  }
  throw corrupt(path, 'the header is not a JSON object');
}

function checkEntry(path: string, name: string, value: unknown, file: { dataStart: number; sizeBytes: number }): TensorEntry {
  const { dtype: code, shape, data_offsets: offsets } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const dtype = dtypeOfCode[String(code)];
  if (dtype === undefined) throw corrupt(path, `tensor ${name}: unknown dtype ${String(code)}`);
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) throw corrupt(path, `tensor ${name}: malformed header entry`);
  const start = file.dataStart + (offsets[0] ?? 0);
  const end = file.dataStart + (offsets[1] ?? 0);
  if (end > file.sizeBytes) throw corrupt(path, `tensor ${name} ends at byte ${end}, the file has ${file.sizeBytes} (truncated?)`);
  const expected = elementCount(shape) * elementBytes[dtype];
  if (end - start !== expected)
    throw corrupt(path, `tensor ${name} [${shape.join(',')}] ${String(code)}: expected ${expected} bytes, got ${end - start}`);
  return { name, code: String(code), dtype, shape, start, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

/** A tensor to be written: its header entry, and its bytes when their turn comes. */
export interface TensorSource {
  name: string;
  /** The format's code for the element type, such as BF16. */
  code: string;
  shape: readonly number[];
  sizeBytes: number;
  read: () => Promise<Uint8Array>;
}

/** A tensor in memory as something to write. */
export function sourceOf(name: string, { dtype, shape, data }: HostTensor): TensorSource {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, code: dtype === 'float32' ? 'F32' : 'I64', shape, sizeBytes: bytes.length, read: () => Promise.resolve(bytes) };
}

/** Writes a safetensors file atomically (a temporary file beside it, synced, then renamed), one tensor in memory at a time. */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorSource[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header: Record<string, unknown> = Object.keys(metadata).length === 0 ? {} : { __metadata__: metadata };
  let offset = 0;
  for (const { name, code, shape, sizeBytes } of tensors) {
    header[name] = { dtype: code, shape, data_offsets: [offset, offset + sizeBytes] };
    offset += sizeBytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  padded.set(json);
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(padded.length), true);

  const temporary = `${path}.${process.pid}.part`;
  try {
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(new Uint8Array(length.buffer));
      await handle.writeFile(padded);
      for (const tensor of tensors) await handle.writeFile(await tensor.read());
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Whether a file is there at all. */
export async function fileExists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

function corrupt(path: string, problem: string, cause?: unknown): RuntimeError<'model-corrupt'> {
  return new RuntimeError({
    code: 'model-corrupt',
    message: `read ${path}: ${problem}`,
    details: { folder: dirname(path), file: basename(path), problem },
    ...(cause === undefined ? {} : { cause }),
  });
}
