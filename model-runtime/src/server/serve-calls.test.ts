import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { connectClient } from '../client.ts';
import type { ClientMessage, MessagePortLike, RuntimeClient, RuntimeMessage } from '../contract.ts';
import { RuntimeError, cancelled } from '../errors.ts';
import { connectToChild } from './process-port.ts';
import { serveCalls } from './serve-calls.ts';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

type AnyCall = (name: string, params: unknown, options: { onEvent: (event: unknown) => void; signal: AbortSignal }) => Promise<unknown>;

/** A runtime whose calls the test answers itself, served over a real MessageChannel. */
function serveOverChannel(call: AnyCall): {
  client: RuntimeClient;
  raw: MessagePort;
  received: RuntimeMessage[];
  runtimePort: MessagePort;
} {
  const { port1, port2 } = new MessageChannel();
  closers.push(() => port1.close());
  serveCalls(portOver(port2), { call } as unknown as RuntimeClient);
  const received: RuntimeMessage[] = [];
  port1.on('message', (message: RuntimeMessage) => received.push(message));
  return { client: connectClient(portOver(port1)), raw: port1, received, runtimePort: port2 };
}

function portOver<Out, In>(port: MessagePort): MessagePortLike<Out, In> {
  return {
    post: (message) => port.postMessage(message),
    listen(onMessage, onClose) {
      port.on('message', onMessage);
      port.on('close', () => onClose('the port was closed'));
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('serveCalls', () => {
  it('carries parameters one way and the result back', async () => {
    const { client } = serveOverChannel((name, params) => Promise.resolve({ name, params }));
    const result: unknown = await client.call('models.verify', { model: 'small' });
    expect(result).toEqual({ name: 'models.verify', params: { model: 'small' } });
  });

  it('keeps code, message and details of an error across a real MessagePort', async () => {
    const { client } = serveOverChannel(() =>
      Promise.reject(
        new RuntimeError({ code: 'document-too-long', message: 'too long', details: { path: '/a.pdf', tokens: 9000, limitTokens: 8192 } }),
      ),
    );
    const error: unknown = await client.call('documents.open', { path: '/a.pdf' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RuntimeError);
    expect(error).toMatchObject({ code: 'document-too-long', message: 'too long', details: { tokens: 9000, limitTokens: 8192 } });
  });

  it('sends an unexpected error as internal, without its stack', async () => {
    const { client, received } = serveOverChannel(() => Promise.reject(new TypeError('x is not a function')));
    await expect(client.call('models.list', {})).rejects.toMatchObject({ code: 'internal', message: 'x is not a function' });
    expect(JSON.stringify(received)).not.toContain('serve-calls.test.ts');
  });

  it('refuses what the contract does not know before the runtime sees it', async () => {
    const seen: string[] = [];
    const { client, raw, received } = serveOverChannel((name) => Promise.resolve(seen.push(name)));
    await expect(client.call('documents.page', { documentId: 'd', pageNumber: 0 })).rejects.toMatchObject({
      code: 'request-invalid',
      message: expect.stringContaining('pageNumber'),
    });
    await expect(client.call('toString' as 'models.list', {})).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(client.call('models.list', { folder: '/' } as never)).rejects.toMatchObject({ code: 'request-invalid' });
    raw.postMessage('hello');
    raw.postMessage({ kind: 'call', callId: 77 });
    await pause(20);
    expect(received.slice(-2)).toMatchObject([
      { kind: 'failure', callId: 0, failure: { code: 'request-invalid' } },
      { kind: 'failure', callId: 77, failure: { code: 'request-invalid' } },
    ]);
    expect(seen).toEqual([]);
  });

  it('sends the first event at once, batches what follows, and loses none before the result', async () => {
    const { client, received } = serveOverChannel(async (_name, _params, { onEvent }) => {
      for (let index = 0; index < 100; index++) onEvent({ kind: 'text', question: 0, text: `${index} ` });
      await pause(50);
      onEvent({ kind: 'text', question: 0, text: 'last' });
      return {};
    });
    let text = '';
    await client.call(
      'ask',
      { documentIds: ['d'], questions: ['q'] },
      { onEvent: (event) => (text += event.kind === 'text' ? event.text : '') },
    );
    expect(text).toBe(`${Array.from({ length: 100 }, (_, index) => `${index} `).join('')}last`);
    expect(received.map((message) => (message.kind === 'events' ? message.events.length : message.kind))).toEqual([1, 99, 1, 'result']);
  });

  it('passes cancel on to the call that it names, and to no other', async () => {
    const aborted: string[] = [];
    const { client } = serveOverChannel(
      (_name, params, { signal }) =>
        new Promise((resolve, reject) => {
          const { path } = params as { path: string };
          const timer = setTimeout(() => resolve(path), 60);
          signal.addEventListener('abort', () => {
            clearTimeout(timer);
            aborted.push(path);
            reject(cancelled());
          });
        }),
    );
    const abort = new AbortController();
    const first = client.call('documents.open', { path: 'first' }, { signal: abort.signal });
    const second: Promise<unknown> = client.call('documents.open', { path: 'second' });
    setTimeout(() => abort.abort(), 10);
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    expect(await second).toBe('second');
    expect(aborted).toEqual(['first']);
  });

  it('cancels what is under way when the connection closes', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { client, raw } = serveOverChannel((name, _params, { signal }) => {
      signal.addEventListener('abort', () => resolve(name));
      return new Promise(() => {});
    });
    const call = client.call('documents.open', { path: 'a.pdf' });
    call.catch(() => {});
    await pause(10);
    raw.close();
    expect(await promise).toBe('documents.open');
    await expect(call).rejects.toMatchObject({ code: 'runtime-stopped' });
  });
});

describe('over a real child process', () => {
  it('keeps the code of an error, and fails calls under way when the child dies', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'recto-child-'));
    closers.push(() => rmSync(folder, { recursive: true }));
    const entry = path.join(folder, 'child.mjs');
    const source = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
    writeFileSync(
      entry,
      `import { connectToParent } from ${source('./process-port.ts')};
       import { serveCalls } from ${source('./serve-calls.ts')};
       import { RuntimeError } from ${source('../errors.ts')};
       serveCalls(connectToParent(), { async call(name, params) {
         if (name === 'models.remove') process.kill(process.pid, 'SIGKILL');
         if (name === 'runtime.info') return { version: '1' };
         throw new RuntimeError({ code: 'file-encrypted', message: 'wants a password', details: { path: params.path, password: 'missing' } });
       } });
       process.once('disconnect', () => process.exit(0));`,
    );
    const child = fork(entry, [], { serialization: 'advanced', execArgv: [] });
    closers.push(() => child.kill('SIGKILL'));
    const client = connectClient(connectToChild(child) satisfies MessagePortLike<ClientMessage, RuntimeMessage>);
    await expect(client.call('documents.open', { path: '/a.pdf' })).rejects.toMatchObject({
      code: 'file-encrypted',
      details: { path: '/a.pdf', password: 'missing' },
    });
    expect(await client.call('runtime.info', {})).toEqual({ version: '1' });
    await expect(client.call('models.remove', { model: 'm' })).rejects.toMatchObject({
      code: 'runtime-stopped',
      message: expect.stringContaining('SIGKILL'),
    });
    await expect(client.call('runtime.info', {})).rejects.toMatchObject({ code: 'runtime-stopped' });
  });
});
