import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startRuntimeChild } from './start-child.ts';
import type { RuntimeChild } from './start-child.ts';

let folder: string;
let runtime: RuntimeChild;
let deaths: string[];

/** A real child that serves a scripted runtime: it tells its process id, and dies when it is told to remove a model. */
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'recto-start-child-'));
  const source = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  const entry = path.join(folder, 'child.mjs');
  writeFileSync(
    entry,
    `import { connectToParent } from ${source('./process-port.ts')};
     import { serveCalls } from ${source('./serve-calls.ts')};
     serveCalls(connectToParent(), { async call(name) {
       if (name === 'models.remove') process.exit(7);
       return { version: String(process.pid), dataFolder: process.argv[2] };
     } });
     process.once('disconnect', () => process.exit(0));`,
  );
  deaths = [];
  runtime = startRuntimeChild({ args: ['the data folder'], entry, onDeath: (reason) => deaths.push(reason) });
});
afterEach(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true });
});

const pid = async (): Promise<number> => Number((await runtime.call('runtime.info', {})).version);

it('starts one child when it is needed, and keeps it', async () => {
  expect((await runtime.call('runtime.info', {})).dataFolder).toBe('the data folder');
  expect(await pid()).toBe(await pid());
});

it('starts another after a death, whose calls fail with the reason', async () => {
  const first = await pid();
  await expect(runtime.call('models.remove', { model: 'm' })).rejects.toMatchObject({
    code: 'runtime-stopped',
    details: { reason: 'it ended with code 7' },
  });
  expect(deaths).toEqual(['it ended with code 7']);
  expect(await pid()).not.toBe(first);
});

it('leaves it alone after three deaths within a minute', async () => {
  for (let death = 0; death < 3; death++) await expect(runtime.call('models.remove', { model: 'm' })).rejects.toThrow('code 7');
  await expect(runtime.call('runtime.info', {})).rejects.toMatchObject({
    code: 'runtime-stopped',
    message: expect.stringContaining('3 times'),
  });
});

it('ends the child with it', async () => {
  const childPid = await pid();
  await runtime.close();
  expect(() => process.kill(childPid, 0)).toThrow('ESRCH');
  await expect(runtime.call('runtime.info', {})).rejects.toMatchObject({ code: 'runtime-stopped' });
  expect(deaths).toEqual([]);
});

it('is the real runtime, where nothing else is named', async () => {
  const real = startRuntimeChild({ args: ['--data-folder', folder, '--built-in-models', folder] });
  try {
    expect(await real.call('runtime.info', {})).toMatchObject({ dataFolder: folder, defaultModel: null });
    await expect(real.call('documents.open', { path: '/none.pdf' })).rejects.toMatchObject({ code: 'model-missing' });
  } finally {
    await real.close();
  }
});
