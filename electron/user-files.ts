/**
 * The system's dialog in which a person picks documents. Other ways in: command-line.ts; drops are the page's business.
 */
import { dialog } from 'electron';
import type { BrowserWindow, OpenDialogOptions } from 'electron';

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
  return choice.canceled ? [] : choice.filePaths;
}
