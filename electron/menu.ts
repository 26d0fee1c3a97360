/**
 * The application menu: what every desktop app has, and opening documents. Knows labels and keys; does nothing itself.
 */
import { Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';

/** What the menu can set off. */
export interface MenuActions {
  openDocuments(): void;
}

/** Sets the menu of the app. `isDevelopment` adds the developer tools. */
export function setMenu(actions: MenuActions, { isDevelopment }: { isDevelopment: boolean }): void {
  const isMac = process.platform === 'darwin';
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      { label: '&Open…', accelerator: 'CmdOrCtrl+O', click: () => actions.openDocuments() },
      { type: 'separator' },
      isMac ? { role: 'close' } : { role: 'quit' },
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      { role: 'reload' },
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      ...(isDevelopment ? ([{ role: 'toggleDevTools' }] as const) : []),
    ],
  };
  const appMenu: MenuItemConstructorOptions[] = isMac ? [{ role: 'appMenu' }] : [];
  Menu.setApplicationMenu(Menu.buildFromTemplate([...appMenu, file, { role: 'editMenu' }, view, { role: 'windowMenu' }]));
}
