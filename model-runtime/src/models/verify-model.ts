/**
 * The full check of a model folder: every file that its manifest records is there, has its size and its sha256.
 *
 * Reads every byte; the quick check made whenever a model is opened is in model-folders.ts.
 */
import path from 'node:path';
import type { EventOf } from '../contract.ts';
import { isRuntimeError, throwIfCancelled } from '../errors.ts';
import { fileSha256 } from '../file-sha256.ts';
import { manifestFile, readManifest } from '../manifest.ts';
import { checkSize, corrupt } from './model-folders.ts';

/**
 * Checks every file of the model folder and says how many there are. All sizes are compared before any sum is made, so
 * that what shows at once is said at once.
 * Throws 'model-corrupt' naming the first file that is wrong and what is wrong with it; 'cancelled'.
 */
export async function verifyModel(
  folder: string,
  onProgress?: (progress: EventOf<'models.verify'>) => void,
  signal?: AbortSignal,
): Promise<{ files: number }> {
  throwIfCancelled(signal);
  const manifest = await readManifest(folder).catch((error: unknown) => {
    throw isRuntimeError(error, 'model-missing') ? corrupt({ folder, file: manifestFile, problem: 'missing', cause: error }) : error;
  });
  const files = Object.entries(manifest.files);
  for (const [file, { sizeBytes }] of files) await checkSize(folder, file, sizeBytes);

  const totalBytes = files.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0);
  const startedMs = performance.now();
  let doneBytes = 0;
  for (const [file, { sha256 }] of files) {
    const found = await sha256Of(folder, file, {
      signal,
      onBytes: (byteCount) => {
        doneBytes += byteCount;
        const fraction = totalBytes === 0 ? 1 : doneBytes / totalBytes;
        const elapsedSeconds = (performance.now() - startedMs) / 1000;
        onProgress?.({
          kind: 'progress',
          step: file,
          fraction,
          secondsLeft: elapsedSeconds < 0.5 ? null : (elapsedSeconds / fraction) * (1 - fraction),
        });
      },
    });
    if (found !== sha256) throw corrupt({ folder, file, problem: `altered: expected sha256 ${sha256}, got ${found}` });
  }
  return { files: files.length };
}

async function sha256Of(
  folder: string,
  file: string,
  { onBytes, signal }: { onBytes: (byteCount: number) => void; signal: AbortSignal | undefined },
): Promise<string> {
  try {
    const { sha256 } = await fileSha256(path.join(folder, file), (byteCount) => {
      throwIfCancelled(signal);
      onBytes(byteCount);
    });
    return sha256;
  } catch (cause) {
    if (isRuntimeError(cause)) throw cause;
    throw corrupt({ folder, file, problem: `cannot be read (${(cause as Error).message})`, cause });
  }
}
