/**
 * The page's one door to the shell: `window.desktop`, a handful of functions and no way to anything else.
 *
 * Runs sandboxed and isolated. It remembers what the page has not listened for yet, since the page's modules load after
 * the shell's first words. What passes: ipc-contract.ts; the other door: ipc-main.ts.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopApi, PageNotices, PageRequests, ShellNotices } from './ipc-contract.ts';

/** Put here by the build (vite.preload.config.ts). */
declare const RECTO_VERSION: string;

type Listener<Value> = (value: Value) => void;

/** Listeners of one kind of notice. Whoever comes late first hears what is still unheard. */
interface Notice<Value> {
  tell(value: Value): void;
  forget(): void;
  listen(listener: Listener<Value>): () => void;
}

/** `keeps`: 'nothing', or the 'last' word for every newcomer, or every word 'until-heard' for the first one. */
function createNotice<Value>(keeps: 'nothing' | 'last' | 'until-heard'): Notice<Value> {
  const listeners = new Set<Listener<Value>>();
  let kept: Value[] = [];
  return {
    tell(value) {
      if (keeps === 'last') kept = [value];
      else if (keeps === 'until-heard' && listeners.size === 0) kept.push(value);
      for (const listener of listeners) listener(value);
    },
    forget() {
      kept = [];
    },
    listen(listener) {
      listeners.add(listener);
      const unheard = kept;
      if (keeps === 'until-heard') kept = [];
      for (const value of unheard) listener(value);
      return () => listeners.delete(listener);
    },
  };
}

function ask<Channel extends keyof PageRequests>(
  channel: Channel,
  takes: PageRequests[Channel]['takes'],
): Promise<PageRequests[Channel]['gives']> {
  return ipcRenderer.invoke(channel, takes) as Promise<PageRequests[Channel]['gives']>;
}

function tell<Channel extends keyof PageNotices>(channel: Channel, payload: PageNotices[Channel]): void {
  ipcRenderer.send(channel, payload);
}

function hear<Channel extends keyof ShellNotices>(channel: Channel, listener: Listener<ShellNotices[Channel]>): void {
  ipcRenderer.on(channel, (_event, payload) => listener(payload as ShellNotices[Channel]));
}

const messages = createNotice<ShellNotices['runtime:message']>('nothing');
const closings = createNotice<string>('last');
const starts = createNotice<null>('last');
const handedDocuments = createNotice<string[]>('until-heard');

hear('runtime:message', messages.tell);
hear('runtime:ready', () => {
  closings.forget();
  starts.tell(null);
});
hear('runtime:closed', (reason) => {
  starts.forget();
  closings.tell(reason);
});
hear('documents:open', handedDocuments.tell);

const desktop: DesktopApi = {
  postToRuntime: (message) => tell('runtime:post', message),
  onRuntimeMessage: messages.listen,
  onRuntimeClosed: closings.listen,
  onRuntimeReady: (listener) => starts.listen(() => listener()),
  chooseDocuments: () => ask('documents:choose', null),
  samplePath: (name) => ask('documents:sample', name),
  pathOfFile: (file) => webUtils.getPathForFile(file),
  onOpenDocuments: handedDocuments.listen,
  readSettings: () => ask('settings:read', null),
  writeSettings: (change) => ask('settings:write', change),
  platform: process.platform,
  version: RECTO_VERSION,
};

tell('page:begun', null);
contextBridge.exposeInMainWorld('desktop', desktop);
