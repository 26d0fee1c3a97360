/**
 * Reads a document's bytes, and turns the system's refusals into failures that say what is wrong with the file.
 */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { RuntimeError } from '../errors.ts';

const reasons = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EACCES: 'forbidden',
  EPERM: 'forbidden',
  EISDIR: 'folder',
} as const;

/** All bytes of a file, and their sha256. Throws 'file-unreadable'; an empty file is unreadable too. */
export async function readFileBytes(path: string): Promise<{ bytes: Uint8Array<ArrayBuffer>; sha256: string }> {
  const bytes = await readFile(path).catch((cause: unknown) => Promise.reject(unreadable(path, cause)));
  if (bytes.length === 0) throw empty(path);
  // A copy that owns its memory: it may be handed to another thread.
  return { bytes: new Uint8Array(bytes), sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The first bytes of a file, `most` of them at most. Throws 'file-unreadable'; an empty file is unreadable too. */
export async function readFirstBytes(path: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(most), 0, most, 0);
      if (bytesRead === 0) throw empty(path);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof RuntimeError ? error : unreadable(path, error);
  }
}

function empty(path: string): RuntimeError<'file-unreadable'> {
  return new RuntimeError({
    code: 'file-unreadable',
    message: `read ${path}: expected a document, got a file of 0 bytes`,
    details: { path, reason: 'empty' },
  });
}

function unreadable(path: string, cause: unknown): RuntimeError<'file-unreadable'> {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const reason = code in reasons ? reasons[code as keyof typeof reasons] : 'io';
  return new RuntimeError({ code: 'file-unreadable', message: `read ${path}: ${message}`, details: { path, reason }, cause });
}
