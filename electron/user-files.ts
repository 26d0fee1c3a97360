/**
 * The documents that a person hands to the app: picked in a dialog, opened with it, dropped on its icon.
 *
 * What arrives on a command line may come from any program, so only paths of existing files pass, and only as an offer:
 * the page shows them, the runtime reads them and refuses what is no document. Dropped files: the page's own business.
 */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dialog } from 'electron';
import type { BrowserWindow, OpenDialogOptions } from 'electron';

const mostDocuments = 64;
const longestPath = 4096;

const dialogOptions: OpenDialogOptions = {
  properties: ['openFile', 'multiSelections'],
  filters: [
    { name: 'Documents', extensions: ['pdf', 'txt', 'md'] },
    { name: 'All files', extensions: ['*'] },
  ],
};

/** Lets the person pick documents; none where they thought better of it. */
export async function chooseDocuments(window: BrowserWindow | undefined): Promise<string[]> {
  const choice = await (window === undefined ? dialog.showOpenDialog(dialogOptions) : dialog.showOpenDialog(window, dialogOptions));
  return choice.canceled ? [] : choice.filePaths.slice(0, mostDocuments);
}

/** The files among command-line arguments, as absolute paths. `workingFolder`: where the command was given. */
export async function documentsAmong(commandLine: readonly string[], workingFolder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const argument of commandLine) {
    const path = pathOf(argument, workingFolder);
    if (path !== null && paths.length < mostDocuments && (await isFile(path))) paths.push(path);
  }
  return paths;
}

function pathOf(argument: string, workingFolder: string): string | null {
  if (argument === '' || argument.startsWith('-') || argument.includes('\0') || argument.length > longestPath) return null;
  // Desktop environments hand over addresses as well as paths.
  if (!argument.startsWith('file:')) return resolve(workingFolder, argument);
  try {
    return fileURLToPath(argument);
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
