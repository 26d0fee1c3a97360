/**
 * What `require('electron')` gives the main process under the stand-in. Whatever is not here throws when it is used.
 */
import { app } from './app-life.ts';
import { BrowserWindow } from './browser-window.ts';
import { ipcMain } from './ipc-door.ts';
import { modelled } from './modelled.ts';
import { protocol } from './page-host.ts';
import { Menu, dialog, nativeTheme, powerSaveBlocker, session } from './system.ts';

const electron: object = modelled('electron', {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  nativeTheme,
  powerSaveBlocker,
  protocol,
  session,
});

// The name by which Node hands a module's exports to require().
export { electron as 'module.exports' };
