/**
 * Electron's renderer side as the preload sees it: ipcRenderer, contextBridge, webUtils, in the page's own world.
 *
 * `installPreload` is sent to the page as text, so it uses nothing from outside itself. Not modelled, and left to real
 * Electron: that the preload's world is apart from the page's, and that the page is sandboxed.
 */

/** What the page needs to be told. */
export interface PageFacts {
  /** The origin that stands for app://recto. */
  origin: string;
  postFunction: string;
  platform: string;
}

/** What a message between page and shell looks like on the wire. */
export type PageMessage =
  | { kind: 'send'; channel: string; payload: unknown }
  | { kind: 'invoke'; channel: string; payload: unknown; requestId: number };

/** The script that runs a built preload at the start of every document. */
export function scriptFor(preload: string, facts: PageFacts): string {
  return `(${installPreload.toString()})(${JSON.stringify(facts)}, function (require, module, exports, process) {\n${preload}\n});`;
}

type Listener = (event: object, payload: unknown) => void;
type Preload = (require: (name: string) => object, module: object, exports: object, process: object) => void;

function installPreload(facts: PageFacts, runPreload: Preload): void {
  if (window.top !== window || location.origin !== facts.origin) return;
  const listeners = new Map<string, Set<Listener>>();
  const requests = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const droppedFiles = new Map<string, string>();
  let lastRequestId = 0;

  const modelled = (name: string, members: object): object =>
    new Proxy(members, {
      get(target, key) {
        if (typeof key === 'symbol' || key in target) return Reflect.get(target, key);
        throw new Error(`electron stand-in: ${name}.${key} is not modelled`);
      },
    });
  const assertJson = (value: unknown): void => {
    structuredClone(value); // throws as Electron does, for functions
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('electron stand-in: only JSON passes, not NaN or Infinity');
    if (typeof value !== 'object' || value === null) return;
    const prototype: unknown = Object.getPrototypeOf(value);
    if (!Array.isArray(value) && prototype !== Object.prototype) throw new Error('electron stand-in: only JSON passes, no other objects');
    for (const member of Object.values(value)) assertJson(member);
  };
  const post = (message: PageMessage): void => {
    assertJson(message.payload);
    (globalThis as unknown as Record<string, (text: string) => void>)[facts.postFunction]?.(JSON.stringify(message));
  };

  const electron = modelled('electron', {
    ipcRenderer: modelled('ipcRenderer', {
      send: (channel: string, payload: unknown) => post({ kind: 'send', channel, payload }),
      invoke: (channel: string, payload: unknown) =>
        new Promise((resolve, reject) => {
          requests.set(++lastRequestId, { resolve, reject });
          post({ kind: 'invoke', channel, payload, requestId: lastRequestId });
        }),
      on: (channel: string, listener: Listener) => {
        const known = listeners.get(channel) ?? new Set();
        listeners.set(channel, known.add(listener));
      },
    }),
    contextBridge: modelled('contextBridge', {
      exposeInMainWorld: (name: string, api: object) =>
        Object.defineProperty(globalThis, name, { value: Object.freeze({ ...api }), enumerable: true }),
    }),
    webUtils: modelled('webUtils', {
      // A page's File never tells its path: the specs say beforehand which file of that name and size they drop.
      getPathForFile: (file: File) => {
        if (!(file instanceof File)) throw new TypeError('getPathForFile: not a File');
        const path = droppedFiles.get(`${file.name}:${file.size}`);
        if (path === undefined) throw new Error(`electron stand-in: where ${file.name} lies is not known; drop it with the fixture`);
        return path;
      },
    }),
  });

  Object.defineProperty(globalThis, '__electronStandIn', {
    value: {
      receive: (channel: string, payload: unknown) => {
        for (const listener of listeners.get(channel) ?? []) listener({}, payload);
      },
      settle: (requestId: number, outcome: { result?: unknown; error?: string }) => {
        const request = requests.get(requestId);
        requests.delete(requestId);
        if (outcome.error === undefined) request?.resolve(outcome.result);
        else request?.reject(new Error(outcome.error));
      },
      rememberFile: (name: string, sizeBytes: number, path: string) => droppedFiles.set(`${name}:${sizeBytes}`, path),
    },
  });
  const requireElectron = (name: string): object => {
    if (name === 'electron') return electron;
    throw new Error(`module not found: ${name}`); // as in a sandboxed preload
  };
  const module = { exports: {} };
  runPreload(requireElectron, module, module.exports, modelled('process', { platform: facts.platform }));
}
