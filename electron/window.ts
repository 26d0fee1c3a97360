/**
 * The app's window: a sandboxed page that can go nowhere and open nothing.
 *
 * Knows how a window is made and kept shut; not what the page shows nor what it may ask (ipc-main.ts).
 */
import { BrowserWindow, nativeTheme, session } from 'electron';
import type { WebContents } from 'electron';
import { appOrigin } from './app-protocol.ts';

const crashesCountForMs = 30_000;

/** Opens the window and begins to load the page; it is shown once it has something to show. */
export function openWindow(preloadPath: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1180,
    height: 800,
    minWidth: 560,
    minHeight: 420,
    show: false,
    title: 'Recto',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#17181b' : '#fbfaf7', // until the page has painted its own
    webPreferences: {
      preload: preloadPath,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false, // its dictionaries would come over the network
    },
  });
  window.once('ready-to-show', () => window.show());
  let crashedAtMs = Number.NEGATIVE_INFINITY;
  window.webContents.on('render-process-gone', () => {
    // A page that crashes as soon as it is there is not loaded for ever.
    const isFirst = performance.now() - crashedAtMs > crashesCountForMs;
    crashedAtMs = performance.now();
    if (isFirst) window.reload();
  });
  void window.loadURL(`${appOrigin}/`);
  return window;
}

/** Brings the window before the person. */
export function focusWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.focus();
}

/** Keeps contents where they are: no navigation, no new windows, no webviews. For every contents the app ever makes. */
export function confineContents(contents: WebContents): void {
  const stay = (event: { preventDefault(): void; url: string }): void => {
    // Reloading is a navigation too, to where it already is.
    if (event.url !== `${appOrigin}/`) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Denies every permission that a page could ask for, and every request that would leave the machine. */
export function denyPermissions(): void {
  const { defaultSession } = session;
  // Copying an answer is the one thing that the page does with the system itself.
  const isAllowed = (permission: string): boolean => permission === 'clipboard-sanitized-write';
  defaultSession.setPermissionRequestHandler((_contents, permission, callback) => callback(isAllowed(permission)));
  defaultSession.setPermissionCheckHandler((_contents, permission) => isAllowed(permission));
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.webRequest.onBeforeRequest((details, callback) => callback({ cancel: leavesTheMachine(details.url) }));
}

function leavesTheMachine(address: string): boolean {
  const protocol = URL.parse(address)?.protocol;
  return protocol === undefined || ['http:', 'https:', 'ws:', 'wss:', 'ftp:', 'file:'].includes(protocol);
}
