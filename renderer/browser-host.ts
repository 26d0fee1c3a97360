/**
 * The page's host in a browser tab of `recto serve`: the runtime is spoken to over a WebSocket of the server that
 * served the page, and documents are handed over as uploads, since a page cannot see where a file lies.
 *
 * The page's address carries a one-time token; the server turns it into a session cookie, and it is taken out of the
 * address at once. Settings stay in the browser. A lost connection is tried again with growing pauses.
 */
import type { Settings, Theme } from '../electron/ipc-contract.ts';
import type { ClientMessage, MessagePortLike, RuntimeClient, RuntimeFailure, RuntimeMessage } from 'model-runtime/contract';
import { isRuntimeError } from 'model-runtime/errors';
import type { AcceptedFile, Host, Loss } from './host.ts';
import { type Listeners, listeners } from './listeners.ts';
import { reconnectingClient } from './reconnecting-client.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** Until then, everything that died with the runtime has been told so. */
const RESTART_PAUSE_MS = 1000;
const SETTINGS_KEY = 'recto.settings';

/** The host of a page that `recto serve` served from this address. */
export function browserHost(address: Location): Host {
  const { client, connect } = reconnectingClient();
  const closed = listeners<Loss>();
  const back = listeners<void>();
  const token = new URLSearchParams(address.search).get('token');
  if (token !== null) window.history.replaceState(null, '', address.pathname);
  const runtimeUrl = `${address.protocol === 'https:' ? 'wss' : 'ws'}://${address.host}/runtime${token === null ? '' : `?token=${encodeURIComponent(token)}`}`;

  const isConnected = keepConnected({ runtimeUrl, connect, closed, back });
  return {
    kind: 'browser',
    client: noticingDeaths(client, { isConnected, closed, back }),
    onRuntimeClosed: closed.add,
    onRuntimeBack: back.add,
    chooseDocuments: async () => Promise.all((await pickFiles()).map(upload)),
    acceptFiles: (files) => Promise.all(files.map(upload)),
    acceptSample: async ({ name, url }) => upload(new File([await (await fetch(url)).blob()], name, { type: 'application/pdf' })),
    onOpenDocuments: () => () => {},
    readSettings: async () => storedSettings(),
    writeSettings: async (change) => {
      const settings = { ...storedSettings(), ...change };
      window.localStorage.setItem(SETTINGS_KEY, JSON.stringify(settings));
      return settings;
    },
  };
}

interface Connection {
  runtimeUrl: string;
  connect: (port: MessagePortLike<ClientMessage, RuntimeMessage>) => void;
  closed: Listeners<Loss>;
  back: Listeners<void>;
}

/** Returns whether the connection stands now. */
function keepConnected({ runtimeUrl, connect, closed, back }: Connection): () => boolean {
  let pauseMs = FIRST_PAUSE_MS;
  let wasClosed = false;
  function open(): void {
    const socket = new WebSocket(runtimeUrl);
    socket.addEventListener('open', () => {
      pauseMs = FIRST_PAUSE_MS;
      connect(portOver(socket));
      if (wasClosed) back.tell();
      wasClosed = false;
    });
    socket.addEventListener('close', () => {
      if (!wasClosed) closed.tell({ lost: 'connection', reason: 'the connection to the server was lost' });
      wasClosed = true;
      window.setTimeout(open, pauseMs);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    });
  }
  open();
  return () => !wasClosed;
}

interface Deaths {
  isConnected: () => boolean;
  closed: Listeners<Loss>;
  back: Listeners<void>;
}

/** The server starts a runtime that died anew by itself and says so only by the calls that died with it. */
function noticingDeaths(client: RuntimeClient, { isConnected, closed, back }: Deaths): RuntimeClient {
  let isTold = false;
  return {
    async call(name, params, options) {
      try {
        return await client.call(name, params, options);
      } catch (error) {
        if (isRuntimeError(error, 'runtime-stopped') && isConnected() && !isTold) {
          isTold = true;
          closed.tell({ lost: 'engine', reason: error.details.reason });
          window.setTimeout(() => {
            isTold = false;
            if (isConnected()) back.tell();
          }, RESTART_PAUSE_MS);
        }
        throw error;
      }
    },
  };
}

function portOver(socket: WebSocket): MessagePortLike<ClientMessage, RuntimeMessage> {
  return {
    post: (message) => socket.send(JSON.stringify(message)),
    listen(onMessage, onClose) {
      socket.addEventListener('message', (event: MessageEvent<string>) => onMessage(JSON.parse(event.data) as RuntimeMessage));
      socket.addEventListener('close', () => onClose('the connection to the server was lost'));
    },
  };
}

function pickFiles(): Promise<File[]> {
  const { promise, resolve } = Promise.withResolvers<File[]>();
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = '.pdf,application/pdf,.txt,.md,text/plain';
  input.addEventListener('change', () => resolve([...(input.files ?? [])]));
  input.addEventListener('cancel', () => resolve([]));
  input.click();
  return promise;
}

async function upload(file: File): Promise<AcceptedFile> {
  try {
    const response = await fetch(`uploads?name=${encodeURIComponent(file.name)}`, { method: 'POST', body: file });
    const answer = (await response.json().catch(() => ({}))) as { path?: string; failure?: RuntimeFailure; code?: string };
    if (response.ok && answer.path !== undefined) return { path: answer.path, name: file.name };
    if (answer.failure !== undefined) return { name: file.name, failure: answer.failure };
    if (answer.code !== undefined) return { name: file.name, failure: answer as RuntimeFailure };
    return unreachable(file, `the server answered ${response.status}`);
  } catch (error) {
    return unreachable(file, error instanceof Error ? error.message : String(error));
  }
}

function unreachable(file: File, why: string): AcceptedFile {
  const details = { path: file.name, reason: 'io' } as const;
  return { name: file.name, failure: { code: 'file-unreadable', message: `hand over ${file.name}: ${why}`, details } };
}

function storedSettings(): Settings {
  try {
    const stored = JSON.parse(window.localStorage.getItem(SETTINGS_KEY) ?? '{}') as { theme?: Theme };
    return { theme: stored.theme ?? 'system' };
  } catch {
    return { theme: 'system' }; // unreadable settings are as good as none
  }
}
