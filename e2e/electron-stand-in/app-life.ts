/**
 * Electron's `app`: when it is ready, its paths, its quitting; and what the specs do to it from outside.
 *
 * The one instance of an app is the one that runs: specs send a second instance's command line over the process's
 * channel. Not modelled: packaged apps, macOS's life without windows.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { closeWindow } from './browser-window.ts';
import { ModelledEmitter, PreventableEvent, modelled, notModelled } from './modelled.ts';

/** What the app needs of its surroundings. */
export interface AppGround {
  appFolder: string;
  /** Resolves when there is a Chromium. */
  ready: Promise<void>;
  /** Ends Chromium. */
  close(): Promise<void>;
}

// No #private members here and in browser-window.ts: they cannot be reached through a Proxy.
class StandInApp extends ModelledEmitter {
  readonly isPackaged = false;
  private readonly paths = new Map([['userData', join(homedir(), '.config', 'recto')]]);
  private ground: AppGround | undefined;
  private isQuitting = false;

  constructor() {
    super('app', {
      emitted: ['web-contents-created', 'second-instance', 'window-all-closed', 'before-quit', 'will-quit', 'quit'],
      neverHere: ['open-file', 'activate'], // macOS only
    });
  }
  settle(ground: AppGround): void {
    this.ground = ground;
  }
  private get groundHere(): AppGround {
    if (this.ground === undefined) throw new Error('electron stand-in: start.ts has not settled the app');
    return this.ground;
  }
  whenReady(): Promise<void> {
    return this.groundHere.ready;
  }
  getAppPath(): string {
    return this.groundHere.appFolder;
  }
  getPath(name: string): string {
    const path = this.paths.get(name);
    if (path === undefined) throw notModelled(`app.getPath('${name}')`);
    return path;
  }
  setPath(name: string, path: string): void {
    if (!this.paths.has(name)) throw notModelled(`app.setPath('${name}')`);
    this.paths.set(name, path);
  }
  // The page runs in whatever sandbox Chromium has here; specs about it are real Electron's.
  enableSandbox(): void {}
  requestSingleInstanceLock(): boolean {
    return true;
  }

  quit(): void {
    if (this.isQuitting) return;
    this.isQuitting = true;
    void this.leave().catch((error: unknown) => {
      console.error('electron stand-in, quitting:', error);
      process.exit(1);
    });
  }
  private async leave(): Promise<void> {
    if (this.isPrevented('before-quit')) return;
    await closeWindow();
    if (this.isPrevented('will-quit')) return;
    await this.groundHere.close();
    this.emit('quit', {}, 0);
    process.exit(0);
  }
  private isPrevented(name: string): boolean {
    const event = new PreventableEvent();
    this.emit(name, event);
    if (event.defaultPrevented) this.isQuitting = false;
    return event.defaultPrevented;
  }
  exit(exitCode: number): void {
    void this.groundHere.close().finally(() => process.exit(exitCode));
  }
  /** The last window was closed by the person, not by quitting. */
  windowClosed(): void {
    if (this.isQuitting) return;
    if (this.listenerCount('window-all-closed') === 0) this.quit();
    else this.emit('window-all-closed');
  }
}

/** The app, for start.ts. */
export const standInApp: StandInApp = new StandInApp();
/** Electron's app. */
export const app: object = modelled('app', standInApp);
