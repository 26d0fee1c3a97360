/**
 * BrowserWindow and its webContents: one window, which is one page of Chromium.
 *
 * Not modelled, and left to real Electron: isolation, the sandbox, what will-navigate and the window-open handler
 * prevent, crashes of the page's process. Listeners for those are taken and never called.
 */
import { readFileSync } from 'node:fs';
import type { ChromiumBrowser, ChromiumPage } from './chromium-page.ts';
import { postFunction } from './chromium-page.ts';
import { deliver } from './ipc-door.ts';
import { ModelledEmitter, allowOnly, modelled, notModelled } from './modelled.ts';
import type { PageHost } from './page-host.ts';
import { scriptFor } from './page-script.ts';
import type { PageMessage } from './page-script.ts';

/** What a window stands on. */
export interface WindowGround {
  browser: ChromiumBrowser;
  host: PageHost;
  /** Told of new contents and of the closing of the window. */
  onContents(contents: object): void;
  onClosed(): void;
}

let ground: WindowGround | undefined;
let openWindow: StandInWindow | undefined;

/** Gives windows what they stand on; before the app is ready there are none. */
export function groundWindows(newGround: WindowGround): void {
  ground = newGround;
}

/** Closes the window there is. */
export async function closeWindow(): Promise<void> {
  await openWindow?.closePage();
}

/** Sets the colour scheme that the page is told of; for pages to come too. */
export function setColorScheme(scheme: 'light' | 'dark' | null): void {
  colorScheme = scheme;
  openWindow?.applyColorScheme();
}
let colorScheme: 'light' | 'dark' | null = null;

const windowOptions = ['width', 'height', 'minWidth', 'minHeight', 'show', 'title', 'backgroundColor', 'webPreferences'];
const preferences = ['preload', 'sandbox', 'contextIsolation', 'nodeIntegration', 'webSecurity', 'webviewTag', 'spellcheck'];

class StandInContents extends ModelledEmitter {
  private readonly window: StandInWindow;
  constructor(window: StandInWindow) {
    super('webContents', {
      emitted: [],
      neverHere: ['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview', 'render-process-gone'],
    });
    this.window = window;
  }
  send(channel: string, payload: unknown): void {
    this.window.evaluate(`globalThis.__electronStandIn?.receive(${JSON.stringify(channel)}, ${JSON.stringify(payload)})`);
  }
  isDestroyed(): boolean {
    return this.window.isDestroyed();
  }
  setWindowOpenHandler(_handler: unknown): void {}
}

class StandInWindow extends ModelledEmitter {
  readonly webContents: StandInContents;
  private readonly page: Promise<ChromiumPage>;
  private isGone = false;

  constructor(options: { webPreferences: { preload: string } }) {
    super('BrowserWindow', { emitted: ['ready-to-show', 'closed'], neverHere: [] });
    if (ground === undefined) throw new Error('Cannot create BrowserWindow before app is ready');
    if (openWindow !== undefined) throw notModelled('a second window');
    allowOnly('BrowserWindow', options, windowOptions);
    allowOnly('BrowserWindow.webPreferences', options.webPreferences, preferences);
    openWindow = this; // oxlint-disable-line typescript/no-this-alias -- the one window there is, for the module
    const self = modelled('BrowserWindow', this);
    this.webContents = modelled('webContents', new StandInContents(this));
    this.page = this.openPage(options.webPreferences.preload, ground);
    ground.onContents(this.webContents);
    return self;
  }

  private async openPage(preloadPath: string, { browser, host, onClosed }: WindowGround): Promise<ChromiumPage> {
    const page = await browser.openPage();
    const facts = { origin: host.origin, postFunction, platform: process.platform };
    await page.prepare(scriptFor(readFileSync(preloadPath, 'utf8'), facts), (message) => {
      const event = { sender: this.webContents, senderFrame: { url: host.toApp(page.url()), parent: null } };
      const posted = message as PageMessage;
      void deliver(posted, event, (outcome) => {
        if (posted.kind === 'invoke')
          page.evaluate(`globalThis.__electronStandIn?.settle(${posted.requestId}, ${JSON.stringify(outcome)})`);
      });
    });
    await page.emulateColorScheme(colorScheme);
    page.onClose(() => {
      this.isGone = true;
      openWindow = undefined;
      this.emit('closed');
      onClosed();
    });
    return page;
  }

  async loadURL(url: string): Promise<void> {
    const page = await this.page;
    await page.goto((ground as WindowGround).host.toHttp(url));
    this.emit('ready-to-show');
  }
  reload(): void {
    void this.page.then((page) => page.reload());
  }
  evaluate(expression: string): void {
    void this.page.then((page) => page.evaluate(expression));
  }
  applyColorScheme(): void {
    void this.page.then((page) => page.emulateColorScheme(colorScheme));
  }
  closePage(): Promise<void> {
    return this.page.then((page) => page.close());
  }
  isDestroyed(): boolean {
    return this.isGone;
  }
  // A page in Chromium is always shown, in front, and has no place in a task bar.
  show(): void {}
  focus(): void {}
  isMinimized(): boolean {
    return false;
  }
  setProgressBar(fraction: number): void {
    if (typeof fraction !== 'number') throw new TypeError('setProgressBar: not a number');
  }
}

/** Electron's BrowserWindow. */
export const BrowserWindow: typeof StandInWindow = StandInWindow;
