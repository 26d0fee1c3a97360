/**
 * The runtime's life, with real child processes: small ones that answer, die, or will not go.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { watchRuntimeChild } from './runtime-child.ts';
import type { RuntimeChild } from './runtime-child.ts';

const children: Record<string, string> = {
  // Answers every call with its own pid; 'die' ends it by a signal, having said a last word.
  answering: `process.on('message', ({ callId, name }) => {
      process.send({ kind: 'result', callId, result: process.pid }, () => { if (name === 'die') process.kill(process.pid, 'SIGKILL'); });
    });
    process.once('disconnect', () => process.exit(0));`,
  dying: `process.exit(7);`,
  stubborn: `setInterval(() => {}, 1000); process.on('SIGTERM', () => {}); process.on('message', () => process.send({ kind: 'result', callId: 1, result: process.pid }));`,
  curious: `process.send({ kind: 'result', callId: 1, result: Object.keys(process.env).filter((name) => name === 'NODE_OPTIONS' || name.startsWith('ELECTRON')) });
    process.once('disconnect', () => process.exit(0));`,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recto-runtime-child-'));
  for (const [name, source] of Object.entries(children)) await writeFile(join(folder, `${name}.cjs`), source);
});
afterAll(() => rm(folder, { recursive: true }));

interface Watched {
  runtime: RuntimeChild;
  log: string[];
  until(condition: () => boolean): Promise<void>;
}

function watch(child: string, nodePath = process.execPath): Watched {
  const log: string[] = [];
  const runtime = watchRuntimeChild(
    () => ({ nodePath, args: [join(folder, `${child}.cjs`)], env: { ...process.env, NODE_OPTIONS: '', ELECTRON_RUN_AS_NODE: '1' } }),
    {
      onReady: () => log.push('ready'),
      onMessage: (message) => log.push(JSON.stringify('result' in message ? message.result : message)),
      onClosed: (reason) => log.push(`closed: ${reason}`),
    },
  );
  onTestFinished(() => runtime.stop());
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { runtime, log, until };
}

test('what is posted straight after the start arrives; the answer comes back', async () => {
  const { runtime, log, until } = watch('answering');
  expect(runtime.post({ kind: 'call', callId: 1, name: 'x' })).toBe(false);
  runtime.start();
  expect(runtime.post({ kind: 'call', callId: 1, name: 'x' })).toBe(true);
  await until(() => log.length === 2);
  expect(log).toEqual(['ready', expect.stringMatching(/^\d+$/)]);
});

test('a child that dies says its last word, is reported, and is started anew', async () => {
  const { runtime, log, until } = watch('answering');
  runtime.start();
  runtime.post({ kind: 'call', callId: 1, name: 'die' });
  await until(() => log.length === 4);
  expect(log).toEqual(['ready', expect.stringMatching(/^\d+$/), 'closed: it was ended by SIGKILL', 'ready']);
  runtime.post({ kind: 'call', callId: 2, name: 'x' });
  await until(() => log.length === 5);
  expect(log[4]).not.toBe(log[1]);
});

test('after three deaths in a row it is given up, until it is started again', async () => {
  const { runtime, log, until } = watch('dying');
  runtime.start();
  await until(() => log.length === 6);
  expect(log.filter((line) => line !== 'ready')).toEqual([
    'closed: it ended with code 7',
    'closed: it ended with code 7',
    'closed: it ended with code 7, 3 times in a row; reloading the window tries again',
  ]);
  expect(runtime.isRunning()).toBe(false);
  runtime.start();
  await until(() => log.length >= 8);
  expect(log.slice(6, 8)).toEqual(['ready', 'closed: it ended with code 7']);
});

test('a Node that cannot be started is a closing with its reason', async () => {
  const { runtime, log, until } = watch('answering', join(folder, 'no-such-node'));
  runtime.start();
  await until(() => log.some((line) => line.startsWith('closed')));
  expect(log.find((line) => line.startsWith('closed'))).toMatch(/^closed: it cannot be started: .*ENOENT/);
});

test('stopping ends a child that listens, and one that does not', async () => {
  for (const child of ['answering', 'stubborn']) {
    const { runtime, log, until } = watch(child);
    runtime.start();
    runtime.post({ kind: 'call', callId: 1, name: 'x' });
    await until(() => log.length === 2);
    const pid = Number(log[1]);
    await runtime.stop();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(log).toHaveLength(2); // it was asked to end: no closing is reported
  }
});

test('what steers Electron does not reach the child', async () => {
  const { runtime, log, until } = watch('curious');
  runtime.start();
  await until(() => log.length === 2);
  expect(log[1]).toBe('[]');
});
