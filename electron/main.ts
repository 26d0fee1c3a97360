/**
 * The desktop shell's entry: puts the window, the doors and the runtime's life together. Thin on purpose; each part
 * knows its own business.
 *
 * RECTO_HOME moves everything the app keeps, the shell's own files (below `shell/`) as well as the runtime's.
 */
import { join } from 'node:path';
import { app, nativeTheme, protocol } from 'electron';
import type { BrowserWindow, WebContents } from 'electron';
import { answerPageRequest, appScheme } from './app-protocol.ts';
import { createBusySigns } from './busy-signs.ts';
import { documentsAmong } from './command-line.ts';
import { openPageDoor, sendToPage } from './ipc-main.ts';
import { setMenu } from './menu.ts';
import { pageFolder, preloadPath, runtimeCommand, samplePath } from './places.ts';
import type { AppFacts } from './places.ts';
import { watchRuntimeChild } from './runtime-child.ts';
import { relayCalls } from './runtime-relay.ts';
import { openSettings } from './settings.ts';
import { chooseDocuments } from './user-files.ts';
import { confineContents, denyPermissions, focusWindow, openWindow } from './window.ts';

const facts: AppFacts = {
  isPackaged: app.isPackaged,
  appFolder: app.getAppPath(),
  resourcesFolder: process.resourcesPath,
  env: process.env,
};

let window: BrowserWindow | undefined;
let canShowWindow = false; // not before the page's origin is there
let hasPageBegun = false;
let unofferedDocuments: string[] = [];

const page = (): WebContents | undefined => window?.webContents;

const relay = relayCalls({
  toPage: (message) => sendToPage(page(), 'runtime:message', message),
  toRuntime: (message) => runtime.post(message),
  onBusy: createBusySigns(() => window),
});

const runtime = watchRuntimeChild(() => runtimeCommand(facts), {
  onReady: () => sendToPage(page(), 'runtime:ready', null),
  onMessage: relay.fromRuntime,
  onClosed: (reason) => {
    relay.forgetCalls();
    sendToPage(page(), 'runtime:closed', reason);
  },
});

function showWindow(): void {
  if (!canShowWindow) return; // start() will
  if (window !== undefined) {
    focusWindow(window);
    return;
  }
  window = openWindow(preloadPath(facts));
  window.on('closed', () => {
    window = undefined;
    hasPageBegun = false;
    relay.dropCalls();
  });
}

/** Hands documents to the page, at once or as soon as there is one. */
function offerDocuments(paths: string[]): void {
  unofferedDocuments.push(...paths);
  if (!hasPageBegun || unofferedDocuments.length === 0) return;
  sendToPage(page(), 'documents:open', unofferedDocuments);
  unofferedDocuments = [];
}

/** Offers the documents of a command line. The first of it is Electron itself; in a checkout its folder follows, which is no file. */
async function offerDocumentsOf(commandLine: readonly string[], workingFolder: string): Promise<void> {
  offerDocuments(await documentsAmong(commandLine.slice(1), workingFolder));
}

function beginPage(): void {
  relay.dropCalls();
  hasPageBegun = true;
  if (runtime.isRunning()) sendToPage(page(), 'runtime:ready', null);
  else runtime.start();
  offerDocuments([]);
}

async function start(): Promise<void> {
  const settings = await openSettings(join(app.getPath('userData'), 'settings.json'));
  nativeTheme.themeSource = settings.current().theme;
  openPageDoor(page, {
    requests: {
      'documents:choose': () => chooseDocuments(window),
      'documents:sample': (name) => Promise.resolve(samplePath(facts, name)),
      'settings:read': async () => settings.current(),
      'settings:write': async (change) => {
        const changed = await settings.change(change);
        nativeTheme.themeSource = changed.theme;
        return changed;
      },
    },
    notices: { 'page:begun': beginPage, 'runtime:post': relay.fromPage },
  });
  await app.whenReady();
  denyPermissions();
  protocol.handle(appScheme, (request) => answerPageRequest(pageFolder(facts), request));
  setMenu({ openDocuments: () => void chooseDocuments(window).then(offerDocuments) }, { isDevelopment: !app.isPackaged });
  runtime.start();
  canShowWindow = true;
  showWindow();
  await offerDocumentsOf(process.argv, process.cwd());
}

function listenToSystem(): void {
  app.on('web-contents-created', (_event, contents) => confineContents(contents));
  app.on('second-instance', (_event, commandLine, workingFolder) => {
    showWindow();
    void offerDocumentsOf(commandLine, workingFolder);
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    showWindow();
    void documentsAmong([path], '/').then(offerDocuments);
  });
  app.on('activate', showWindow);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let isRuntimeStopped = false;
  app.on('will-quit', (event) => {
    if (isRuntimeStopped) return;
    event.preventDefault();
    void runtime.stop().finally(() => {
      isRuntimeStopped = true;
      app.quit();
    });
  });
}

app.enableSandbox();
protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
const home = process.env['RECTO_HOME'];
if (home !== undefined && home !== '') app.setPath('userData', join(home, 'shell'));

if (app.requestSingleInstanceLock()) {
  listenToSystem();
  start().catch((error: unknown) => {
    console.error(error);
    app.exit(1);
  });
} else {
  app.quit();
}
