/**
 * Documents that a browser page hands over: a page cannot name files of the machine, so it sends their bytes.
 *
 * Kept in a private folder of this process under the data folder and deleted when it ends; what a killed process left
 * behind is deleted by the next. Knows streams and files, nothing of HTTP.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RuntimeError } from '../errors.ts';
import { deleteAbandoned } from '../abandoned-folders.ts';

/** The uploads of one server. */
export interface Uploads {
  /**
   * Stores a document and gives its path. Nothing is left of one that fails: 'request-invalid' where it is larger than
   * the limit, the file system's own error where it cannot be written.
   */
  receive(name: string, content: AsyncIterable<Buffer>): Promise<string>;
  /** Whether the path is that of a finished upload. */
  has(path: string): boolean;
  deleteAll(): Promise<void>;
}

/** Most bytes an upload may have. */
const uploadLimitBytes = 2 ** 30;

/** Makes this process's upload folder, having deleted those of processes that are gone. */
export async function createUploads(dataFolder: string, limitBytes: number = uploadLimitBytes): Promise<Uploads> {
  const parent = path.join(dataFolder, 'uploads');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  await deleteAbandoned(parent, /^(\d+)-/);
  const folder = await mkdtemp(path.join(parent, `${process.pid}-`));
  const finished = new Set<string>();

  return {
    async receive(name, content) {
      // A folder each: two documents may bear one name, and the name is what the person knows it by.
      const own = await mkdtemp(path.join(folder, 'document-'));
      const file = path.join(own, safeFileName(name));
      try {
        await pipeline(content, limitTo(limitBytes), createWriteStream(file, { mode: 0o600 }));
      } catch (error) {
        await rm(own, { recursive: true, force: true });
        throw error;
      }
      finished.add(file);
      return file;
    },
    has: (file) => finished.has(file),
    async deleteAll() {
      finished.clear();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A file name as close to the given one as is safe on every system: no folders, no control characters, not hidden, not too long. */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  // oxlint-disable-next-line no-control-regex -- control characters are what it is for
  const clean = last
    .replaceAll(/[\u0000-\u001f\u007f<>:"|?*]/g, '_')
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '');
  const extension = path.extname(clean).slice(0, 16);
  let stem = clean.slice(0, clean.length - path.extname(clean).length);
  while (Buffer.byteLength(stem + extension) > 200) stem = stem.slice(0, -1);
  return stem + extension === '' ? 'document' : stem + extension;
}

function limitTo(limitBytes: number): (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* limited(source) {
    let sizeBytes = 0;
    for await (const chunk of source) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > limitBytes) {
        const problem = `upload: expected at most ${limitBytes} bytes, got more`;
        throw new RuntimeError({ code: 'request-invalid', message: problem, details: { problem } });
      }
      yield chunk;
    }
  };
}
