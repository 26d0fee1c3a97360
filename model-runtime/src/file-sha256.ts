/** The sha256 and the size of a file, read as a stream: what the manifest records and `verify` compares. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Reads every byte of a file. `onBytes` hears of each portion and may throw to stop. Throws what reading throws. */
export async function fileSha256(path: string, onBytes?: (byteCount: number) => void): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const { byteLength } = chunk as Buffer;
    onBytes?.(byteLength);
    hash.update(chunk as Buffer);
    sizeBytes += byteLength;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}
