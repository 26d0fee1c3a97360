/**
 * Electron's `protocol`: a page's own scheme, served to Chromium from 127.0.0.1 by the app's real handler.
 *
 * The handler is asked for app:// addresses and its answers go out with their status and headers, the content security
 * policy among them. Not modelled, and left to real Electron: the scheme itself and what being an origin of its own means.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allowOnly, modelled, notModelled } from './modelled.ts';

type SchemeHandler = (request: Request) => Response | Promise<Response>;

let isReady = false;
let handler: { scheme: string; handle: SchemeHandler } | undefined;
const privileged = new Set<string>();

/** Electron's protocol module, for one scheme. */
export const protocol: object = modelled('protocol', {
  registerSchemesAsPrivileged(schemes: { scheme: string; privileges: object }[]) {
    if (isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const { scheme, privileges } of schemes) {
      allowOnly('registerSchemesAsPrivileged', privileges, ['standard', 'secure', 'supportFetchAPI']);
      privileged.add(scheme);
    }
  },
  handle(scheme: string, handle: SchemeHandler) {
    if (!isReady) throw new Error('protocol.handle: the app is not ready');
    if (handler !== undefined || !privileged.has(scheme))
      throw notModelled(`protocol.handle of ${scheme}: a second or unprivileged scheme`);
    handler = { scheme, handle };
  },
});

/** Called when the app is ready: schemes can be privileged no more. */
export function markReady(): void {
  isReady = true;
}

/** Where an app:// address is found in Chromium, and back. */
export interface PageHost {
  /** http://127.0.0.1:port, which stands for the scheme's host. */
  origin: string;
  toHttp(appUrl: string): string;
  toApp(httpUrl: string): string;
}

/** Starts serving. The server keeps no process alive. */
export async function hostPages(): Promise<PageHost> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error('electron stand-in: the scheme handler rejected:', error);
      response.destroy(); // as a rejected handler is a failed connection in Electron
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    toHttp(appUrl) {
      const url = new URL(appUrl);
      if (`${url.protocol}//${url.host}` !== hostOrigin()) throw notModelled(`loading ${appUrl}`);
      return `${origin}${url.pathname}${url.search}`;
    },
    toApp: (httpUrl) => (httpUrl.startsWith(`${origin}/`) ? hostOrigin() + httpUrl.slice(origin.length) : httpUrl),
  };
}

function hostOrigin(): string {
  return `${handler?.scheme}://recto`;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (handler === undefined) throw notModelled('a request before protocol.handle');
  const reply = await handler.handle(new Request(`${hostOrigin()}${request.url ?? '/'}`, { method: request.method ?? 'GET' }));
  response.writeHead(reply.status, Object.fromEntries(reply.headers));
  response.end(Buffer.from(await reply.arrayBuffer()));
}
