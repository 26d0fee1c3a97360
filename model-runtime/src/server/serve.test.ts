import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RuntimeClient } from '../contract.ts';
import { cancelled } from '../errors.ts';
import { serve } from './serve.ts';
import type { LocalServer } from './serve.ts';
import { safeFileName } from './uploads.ts';

let root: string;
let server: LocalServer;
let calls: { name: string; params: unknown }[];
const aborted: string[] = [];

/** A scripted runtime: answers with what it was asked, and `models.verify` waits until it is cancelled. */
const runtime = {
  call(name: string, params: unknown, options: { signal: AbortSignal }) {
    calls.push({ name, params });
    if (name !== 'models.verify') return Promise.resolve({ name, params });
    return new Promise((_resolve, reject) => {
      options.signal.addEventListener('abort', () => {
        aborted.push(name);
        reject(cancelled());
      });
    });
  },
} as unknown as RuntimeClient;

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'recto-serve-'));
  mkdirSync(path.join(root, 'page', 'assets'), { recursive: true });
  writeFileSync(path.join(root, 'page', 'index.html'), '<!doctype html><title>Recto</title>');
  writeFileSync(path.join(root, 'page', 'assets', 'app-1234.js'), 'console.log(1)');
  writeFileSync(path.join(root, 'secret.txt'), 'secret');
  calls = [];
  aborted.length = 0;
  server = await serve({
    port: 0,
    dataFolder: path.join(root, 'data'),
    pageFolder: path.join(root, 'page'),
    runtime,
    uploadLimitBytes: 100_000,
  });
});
afterEach(async () => {
  await server.close();
  rmSync(root, { recursive: true });
});

interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request as raw as node:http sends it: unlike fetch, it resolves no dot segments and lets any header be set. */
function send(
  target: string,
  headers: Record<string, string> = {},
  { method = 'GET', body = '' }: { method?: string; body?: string | Buffer } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: server.port, path: target, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function enter(): Promise<string> {
  const { headers } = await send(new URL(server.newLink()).search.replace(/^/, '/'));
  return (headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
}

const own = (): string => `http://127.0.0.1:${server.port}`;

/** Opens a WebSocket; the HTTP status where it is refused. */
function connect(target: string, headers: Record<string, string>): Promise<WebSocket | number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${target}`, { headers });
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', (error) => reject(error));
  });
}

function ask(socket: WebSocket, name: string, params: unknown): Promise<unknown> {
  const answered = new Promise((resolve) => socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString()))));
  socket.send(JSON.stringify({ kind: 'call', callId: 1, name, params }));
  return answered;
}

describe('entering', () => {
  it('exchanges the link for a cookie once, and the page then reloads without the token', async () => {
    const link = new URL(server.newLink());
    const first = await send(link.pathname + link.search);
    expect(first).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(first.headers['set-cookie']?.[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    for (let reload = 0; reload < 2; reload++) expect((await send('/', { cookie })).body).toContain('<title>Recto</title>');
    expect((await send(link.pathname + link.search)).status).toBe(403);
    expect((await send(link.pathname + link.search, { cookie })).status).toBe(303);
  });

  it('gives nothing away without a session', async () => {
    for (const target of ['/', '/assets/app-1234.js', '/?token=', '/?token=guess', '/runtime', '/uploads']) {
      const { status, body } = await send(target, { cookie: `recto-session-${server.port}=guess` });
      expect([status, body.includes('Recto</title>')], target).toEqual([403, false]);
    }
  });

  it('answers under its own names alone (DNS rebinding)', async () => {
    const cookie = await enter();
    for (const host of ['evil.example', `evil.example:${server.port}`, '127.0.0.1', `127.0.0.1.evil.example:${server.port}`]) {
      expect((await send('/', { cookie, host })).status, host).toBe(421);
    }
    expect((await send('/', { cookie, host: `localhost:${server.port}` })).status).toBe(200);
  });
});

describe('the page', () => {
  it('comes with headers that keep other pages and content out', async () => {
    const { headers } = await send('/', { cookie: await enter() });
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
    expect(headers['content-security-policy']).toBe(
      `default-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws://127.0.0.1:${server.port} ws://localhost:${server.port}; ` +
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  it('never leaves its folder', async () => {
    const cookie = await enter();
    symlinkSync(path.join(root, 'secret.txt'), path.join(root, 'page', 'link.txt'));
    writeFileSync(path.join(root, 'page', '.env'), 'secret');
    const targets = [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/..\\secret.txt',
      '/link.txt',
    ];
    for (const target of [...targets, '/.env', '//etc/passwd', '/index.html%00', '/%', '/assets', '/assets/', '/none.js']) {
      expect(await send(target, { cookie }), target).toMatchObject({ status: 404, body: 'There is nothing here.\n' });
    }
  });

  it('knows GET and HEAD, and says so', async () => {
    const cookie = await enter();
    const head = await send('/assets/app-1234.js', { cookie }, { method: 'HEAD' });
    expect(head).toMatchObject({
      status: 200,
      body: '',
      headers: { 'content-length': '14', 'content-type': 'text/javascript; charset=utf-8' },
    });
    expect(await send('/', { cookie }, { method: 'PUT' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(await send('/uploads', { cookie })).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect((await send('/runtime', { cookie })).status).toBe(426);
  });

  it('says how to build it where it is not built', async () => {
    const unbuilt = serve({ port: 0, dataFolder: root, pageFolder: path.join(root, 'none'), runtime });
    await expect(unbuilt).rejects.toMatchObject({ code: 'file-unreadable', message: expect.stringContaining('npm run build') });
  });

  it('says so where the port is taken', async () => {
    const second = serve({ port: server.port, dataFolder: root, pageFolder: path.join(root, 'page'), runtime });
    await expect(second).rejects.toMatchObject({ code: 'request-invalid', message: expect.stringContaining('another program uses it') });
  });
});

describe('uploads', () => {
  it('stores the bytes privately, opens them alone, and deletes them at the end', async () => {
    const cookie = await enter();
    const body = Buffer.from([37, 80, 68, 70, 0, 255]);
    const answer = await send('/uploads?name=My%20report.pdf', { cookie, origin: own() }, { method: 'POST', body });
    const { path: stored } = JSON.parse(answer.body) as { path: string };
    expect(path.basename(stored)).toBe('My report.pdf');
    expect(stored.startsWith(path.join(root, 'data', 'uploads'))).toBe(true);
    expect(readFileSync(stored)).toEqual(body);

    const socket = (await connect('/runtime', { cookie, origin: own() })) as WebSocket;
    expect(await ask(socket, 'documents.open', { path: stored })).toMatchObject({ kind: 'result', result: { params: { path: stored } } });
    for (const other of [path.join(root, 'secret.txt'), `${stored}/../../secret.txt`, path.dirname(stored)]) {
      expect(await ask(socket, 'documents.open', { path: other }), other).toMatchObject({
        kind: 'failure',
        failure: { code: 'request-invalid' },
      });
    }
    socket.terminate();
    await server.close();
    expect(existsSync(stored)).toBe(false);
    server = await serve({ port: 0, dataFolder: root, pageFolder: path.join(root, 'page'), runtime });
  });

  it('takes none from another page, none without a session, and leaves nothing of one that is too large', async () => {
    const cookie = await enter();
    const post = (headers: Record<string, string>, body: Buffer): Promise<Answered> =>
      send('/uploads?name=a.pdf', headers, { method: 'POST', body });
    const small = Buffer.alloc(10);
    expect((await post({ cookie, origin: 'http://evil.example' }, small)).status).toBe(403);
    expect((await post({ cookie, origin: 'null' }, small)).status).toBe(403);
    expect((await post({ cookie }, small)).status).toBe(403);
    expect((await post({ origin: own() }, small)).status).toBe(403);
    const tooLarge = await post({ cookie, origin: own() }, Buffer.alloc(3_000_000));
    expect([tooLarge.status, JSON.parse(tooLarge.body)]).toMatchObject([413, { code: 'request-invalid' }]);
    const [folder = ''] = readdirSync(path.join(root, 'data', 'uploads'));
    expect(readdirSync(path.join(root, 'data', 'uploads', folder))).toEqual([]);
  });

  it('deletes what a process that is gone left behind, and nothing of one that runs', async () => {
    const uploads = path.join(root, 'data', 'uploads');
    mkdirSync(path.join(uploads, '4194304999-abc'), { recursive: true });
    mkdirSync(path.join(uploads, `${process.ppid}-abc`));
    await server.close();
    server = await serve({ port: 0, dataFolder: path.join(root, 'data'), pageFolder: path.join(root, 'page'), runtime });
    expect(new Set(readdirSync(uploads).map((name) => Number(name.split('-')[0])))).toEqual(new Set([process.pid, process.ppid]));
  });

  it('keeps file names recognisable and harmless', () => {
    expect(safeFileName('../../etc/passwd')).toBe('passwd');
    expect(safeFileName('C:\\docs\\Größe 2.pdf')).toBe('Größe 2.pdf');
    expect(safeFileName('a\u0000b:c?.pdf')).toBe('a_b_c_.pdf');
    expect(['', '..', '.', '/', ' . '].map(safeFileName)).toEqual(Array.from({ length: 5 }, () => 'document'));
    expect(safeFileName('.hidden')).toBe('hidden');
    expect(Buffer.byteLength(safeFileName(`${'ü'.repeat(500)}.pdf`))).toBeLessThanOrEqual(204);
  });
});

describe('the connection to the runtime', () => {
  it('takes the cookie or a link token, from its own page alone', async () => {
    const cookie = await enter();
    const token = new URL(server.newLink()).searchParams.get('token') ?? '';
    expect(await connect('/runtime', { cookie, origin: 'http://evil.example' })).toBe(403);
    expect(await connect('/runtime', { cookie })).toBe(403);
    expect(await connect('/runtime', { origin: own() })).toBe(403);
    expect(await connect('/runtime?token=guess', { origin: own() })).toBe(403);
    expect(await connect('/runtime', { cookie, origin: own(), host: 'evil.example' })).toBe(421);
    expect(await connect('/other', { cookie, origin: own() })).toBe(404);
    for (const [target, headers] of [
      ['/runtime', { cookie, origin: own() }],
      [`/runtime?token=${token}`, { origin: own() }],
    ] as const) {
      const socket = await connect(target, headers);
      expect(await ask(socket as WebSocket, 'models.list', {})).toMatchObject({ kind: 'result' });
    }
  });

  it('refuses what is not for a browser page before the runtime hears of it', async () => {
    const socket = (await connect('/runtime', { cookie: await enter(), origin: own() })) as WebSocket;
    for (const [name, params] of [
      ['models.import', { folder: '/checkpoints/a' }],
      ['models.remove', { model: 'a' }],
      ['models.verify', { model: '/etc' }],
      ['documents.open', { path: '/etc/passwd' }],
      ['documents.open', { path: path.join(root, 'secret.txt'), model: '..' }],
    ] as const) {
      expect(await ask(socket, name, params), name).toMatchObject({ kind: 'failure', callId: 1, failure: { code: 'request-invalid' } });
    }
    expect(calls).toEqual([]);
  });

  it('ends with frames that are no JSON, and cancels the calls of a page that has gone', async () => {
    const cookie = await enter();
    const talker = (await connect('/runtime', { cookie, origin: own() })) as WebSocket;
    const closed = new Promise<number>((resolve) => talker.once('close', resolve));
    talker.send('{"kind":');
    expect(await closed).toBe(1007);

    const leaver = (await connect('/runtime', { cookie, origin: own() })) as WebSocket;
    leaver.send(JSON.stringify({ kind: 'call', callId: 1, name: 'models.verify', params: { model: 'a' } }));
    while (calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    leaver.terminate();
    while (aborted.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(aborted).toEqual(['models.verify']);
  });
});
