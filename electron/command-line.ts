/**
 * The documents among the words of a command line: the app's own, a second start's, or what the system hands over.
 *
 * It may come from any program, so only paths of existing files pass, and only as an offer: the page shows them, the
 * runtime reads them and refuses what is no document.
 */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const mostDocuments = 64;
const longestPath = 4096;

/** The files among the words, as absolute paths, in their order. `workingFolder`: where the command was given. */
export async function documentsAmong(words: readonly string[], workingFolder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const word of words) {
    const path = pathOf(word, workingFolder);
    if (path !== null && paths.length < mostDocuments && (await isFile(path))) paths.push(path);
  }
  return paths;
}

function pathOf(word: string, workingFolder: string): string | null {
  if (word === '' || word.startsWith('-') || word.includes('\0') || word.length > longestPath) return null;
  // Desktop environments hand over addresses as well as paths.
  if (!word.startsWith('file:')) return resolve(workingFolder, word);
  try {
    return fileURLToPath(word);
  } catch {
    return null;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
