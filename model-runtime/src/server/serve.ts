/**
 * The local server behind `recto serve`: the page, its uploads and its connection to the runtime, on 127.0.0.1 alone.
 *
 * Knows routes and who may use them; the parts it leans on know sessions, files, uploads and messages. The runtime is
 * handed in and lives in another process, so that this one answers while a model runs.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RuntimeClient } from '../contract.ts';
import { RuntimeError, isRuntimeError, toFailure, toRuntimeError } from '../errors.ts';
import { restrictToPage } from './page-client.ts';
import { sendPageFile } from './page-files.ts';
import { serveCalls } from './serve-calls.ts';
import { connectToSocket } from './socket-port.ts';
import { createUploads } from './uploads.ts';
import type { Uploads } from './uploads.ts';
import { createWebSessions } from './web-session.ts';
import type { WebSessions } from './web-session.ts';

/** What to serve, and where. */
export interface ServeOptions {
  /** 0: any free one. */
  port: number;
  dataFolder: string;
  /** The built page. */
  pageFolder: string;
  runtime: RuntimeClient;
  uploadLimitBytes?: number;
}

/** A server that listens. */
export interface LocalServer {
  port: number;
  /** A link that opens the page in one browser, once. */
  newLink(): string;
  /** Ends every connection (which cancels its calls) and deletes the uploads. The runtime stays the caller's. */
  close(): Promise<void>;
}

const uploadTimeoutMs = 30 * 60 * 1000;
const longestMessageBytes = 2 ** 20;

/** Starts the server. Throws 'file-unreadable' where the page is not built, 'request-invalid' where the port cannot be had. */
export async function serve(options: ServeOptions): Promise<LocalServer> {
  await checkPage(options.pageFolder);
  const server = createServer({ requestTimeout: uploadTimeoutMs });
  const port = await listen(server, options.port);
  const uploads = await createUploads(options.dataFolder, options.uploadLimitBytes);
  const site: Site = { ...options, port, uploads, sessions: createWebSessions(port) };
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestMessageBytes, perMessageDeflate: false });

  server.on('request', (request, response) => void answer(site, request, response).catch((error) => answerError(error, response)));
  server.on('upgrade', (request, socket, head) => {
    const refusal = refuseUpgrade(site, request);
    if (refusal !== null) return refuse(socket, refusal);
    return sockets.handleUpgrade(request, socket, head, (webSocket) =>
      serveCalls(connectToSocket(webSocket), restrictToPage(site.runtime, uploads.has)),
    );
  });

  return {
    port,
    newLink: site.sessions.newLink,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await closed;
      await uploads.deleteAll();
    },
  };
}

interface Site extends ServeOptions {
  uploads: Uploads;
  sessions: WebSessions;
}

async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(securityHeaders(site.port))) response.setHeader(name, value);
  const { urlPath, query } = targetOf(request);
  if (!site.sessions.isForThisServer(request)) return sendText(response, 421, 'This server answers to 127.0.0.1 and localhost alone.');
  if (urlPath === '/' && query.has('token') && request.method === 'GET') return enter(site, query.get('token') ?? '', request, response);
  if (!site.sessions.hasSession(request)) {
    return sendText(response, 403, 'Open Recto with the link that `recto serve` printed. A link opens it in one browser, once.');
  }
  return answerSession(site, request, response);
}

/** Answers whoever has come in. */
async function answerSession(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { urlPath, query } = targetOf(request);
  if (urlPath === '/uploads') return receiveUpload(site, query.get('name') ?? '', request, response);
  if (urlPath === '/runtime') return sendText(response, 426, 'Here a WebSocket is expected.', { upgrade: 'websocket' });
  if (request.method !== 'GET' && request.method !== 'HEAD') return sendMethodNotAllowed(response, 'GET, HEAD');
  if (await sendPageFile({ folder: site.pageFolder, urlPath }, request, response)) return undefined;
  return sendText(response, 404, 'There is nothing here.');
}

function enter(site: Site, token: string, request: IncomingMessage, response: ServerResponse): void {
  const cookie = site.sessions.redeem(token);
  if (cookie === null && !site.sessions.hasSession(request)) {
    return sendText(response, 403, 'This link has been used, or is none of ours. `recto serve` prints a new one when it is started again.');
  }
  // On to an address without the token, so that a reload works and a copied address gives nothing away.
  response.writeHead(303, { location: '/', 'cache-control': 'no-store', ...(cookie === null ? {} : { 'set-cookie': cookie }) });
  response.end();
}

async function receiveUpload(site: Site, name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return sendMethodNotAllowed(response, 'POST');
  if (!site.sessions.isFromOwnPage(request)) return sendText(response, 403, 'Uploads are taken from the page of this server alone.');
  try {
    const stored = await site.uploads.receive(name, request.iterator({ destroyOnReturn: false }));
    return sendJson(response, 200, { path: stored });
  } catch (error) {
    // A browser reads the answer only when it could send everything.
    for await (const _rest of request.iterator({ destroyOnReturn: false }));
    const status = isRuntimeError(error, 'request-invalid') ? 413 : isRuntimeError(toRuntimeError(error), 'disk-full') ? 507 : 500;
    return sendJson(response, status, toFailure(error));
  }
}

function refuseUpgrade(site: Site, request: IncomingMessage): string | null {
  const { urlPath, query } = targetOf(request);
  if (!site.sessions.isForThisServer(request)) return '421 Misdirected Request';
  if (urlPath !== '/runtime') return '404 Not Found';
  if (!site.sessions.isFromOwnPage(request)) return '403 Forbidden';
  const isKnown = site.sessions.hasSession(request) || site.sessions.redeem(query.get('token') ?? '') !== null;
  return isKnown ? null : '403 Forbidden';
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => {}); // whoever it was may have gone
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function answerError(error: unknown, response: ServerResponse): void {
  if (response.headersSent || response.destroyed) response.destroy();
  else sendJson(response, 500, toFailure(error));
}

function sendText(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers });
  response.end(`${text}\n`);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

function sendMethodNotAllowed(response: ServerResponse, allow: string): void {
  sendText(response, 405, `Here only ${allow} will do.`, { allow });
}

// By hand: `new URL` would resolve dot segments and take '//host' for another host before anything could be checked.
function targetOf(request: IncomingMessage): { urlPath: string; query: URLSearchParams } {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return mark === -1
    ? { urlPath: target, query: new URLSearchParams() }
    : { urlPath: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

function securityHeaders(port: number): Record<string, string> {
  const policy = [
    "default-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self' ws://127.0.0.1:${port} ws://localhost:${port}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  };
}

async function checkPage(pageFolder: string): Promise<void> {
  const page = path.join(pageFolder, 'index.html');
  await stat(page).catch((cause: unknown) => {
    throw new RuntimeError({
      code: 'file-unreadable',
      message: `serve: the page is not built (${page} is missing); \`npm run build\` builds it`,
      details: { path: page, reason: 'missing' },
      cause,
    });
  });
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program uses it' : error.message;
      const problem = `port ${port} of 127.0.0.1 cannot be had: ${why}; \`--port 0\` takes any free one`;
      reject(new RuntimeError({ code: 'request-invalid', message: `serve: ${problem}`, details: { problem }, cause: error }));
    });
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });
  return (server.address() as AddressInfo).port;
}
