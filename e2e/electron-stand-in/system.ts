/**
 * The parts of Electron that speak to the system: dialogs, menu, theme, sleep, permissions.
 *
 * A dialog has to be scripted by the spec that makes it open. Permissions, and requests that would leave the machine,
 * are real Electron's to prove: their handlers are taken and checked for being functions, no more.
 */
import { setColorScheme } from './browser-window.ts';
import { modelled, notModelled } from './modelled.ts';

const dialogAnswers: string[][] = [];

/** What the person will choose in the next file dialog; no paths: they cancel it. */
export function scriptNextDialog(filePaths: string[]): void {
  dialogAnswers.push(filePaths);
}

/** Electron's dialog. */
export const dialog: object = modelled('dialog', {
  showOpenDialog: async (..._windowAndOptions: unknown[]) => {
    const filePaths = dialogAnswers.shift();
    if (filePaths === undefined) throw notModelled('a file dialog that no spec has scripted');
    return { canceled: filePaths.length === 0, filePaths };
  },
});

/** A menu as it was set: specs choose items by their labels. */
interface MenuItem {
  label?: string;
  role?: string;
  type?: string;
  click?: () => void;
  submenu?: MenuItem[];
}
let applicationMenu: MenuItem[] = [];

/** Electron's Menu. */
export const Menu: object = modelled('Menu', {
  buildFromTemplate: (template: MenuItem[]) => template,
  setApplicationMenu: (menu: MenuItem[]) => {
    applicationMenu = menu;
  },
});

/** Chooses the item of the application menu with that label. */
export function chooseMenuItem(label: string): void {
  const item = applicationMenu.flatMap((menu) => menu.submenu ?? []).find((candidate) => candidate.label === label);
  if (item?.click === undefined) throw notModelled(`the menu item ${label}`);
  item.click();
}

let themeSource = 'system';

/** Electron's nativeTheme. */
export const nativeTheme: object = modelled('nativeTheme', {
  get themeSource(): string {
    return themeSource;
  },
  set themeSource(source: string) {
    if (source !== 'system' && source !== 'light' && source !== 'dark') throw new TypeError(`themeSource: ${source}`);
    themeSource = source;
    setColorScheme(source === 'system' ? null : source);
  },
  get shouldUseDarkColors(): boolean {
    return themeSource === 'dark';
  },
});

const blockers = new Set<number>();

/** Electron's powerSaveBlocker. */
export const powerSaveBlocker: object = modelled('powerSaveBlocker', {
  start: (kind: string) => {
    if (kind !== 'prevent-app-suspension') throw notModelled(`powerSaveBlocker '${kind}'`);
    blockers.add(blockers.size + 1);
    return blockers.size;
  },
  stop: (id: number) => {
    if (!blockers.delete(id)) throw new Error(`powerSaveBlocker: ${id} was not started`);
  },
});

function takeHandler(handler: unknown): void {
  if (typeof handler !== 'function') throw new TypeError('not a handler');
}

/** Electron's session, the default one. */
export const session: object = modelled('session', {
  defaultSession: modelled('defaultSession', {
    setPermissionRequestHandler: takeHandler,
    setPermissionCheckHandler: takeHandler,
    setDevicePermissionHandler: takeHandler,
    webRequest: modelled('webRequest', { onBeforeRequest: takeHandler }),
  }),
});
