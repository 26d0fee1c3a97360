/**
 * Working folders that a killed process left behind, known by the process id in their names.
 *
 * A process that ends in order deletes its own; nothing else can be relied on, so the next one looks.
 */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Deletes the entries of `parent` whose names match `pattern` and whose process, the pattern's first group, no longer
 * runs. A parent that does not exist has none. An id that was given to another process since keeps its folder a while.
 */
export async function deleteAbandoned(parent: string, pattern: RegExp): Promise<void> {
  const names = await readdir(parent).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const pid = Number(pattern.exec(name)?.[1] ?? Number.NaN);
    if (Number.isInteger(pid) && !isRunning(pid)) await rm(path.join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 asks and does nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
