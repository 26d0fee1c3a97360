import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exitCodeOf } from './run-child.mjs';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recto run child '));
  const module = pathToFileURL(join(import.meta.dirname, 'run-child.mjs')).href;
  const program = `import { exitCodeOf, runChild } from '${module}';
process.exitCode = exitCodeOf(await runChild(process.execPath, process.argv.slice(2)));`;
  await writeFile(join(folder, 'outer.mjs'), program);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts outer.mjs, which runs Node on the given script in its own place. */
function start(
  script: string,
  ...args: string[]
): { outer: ReturnType<typeof spawn>; ended: Promise<{ code: number | null; stdout: string }> } {
  const outer = spawn(process.execPath, [join(folder, 'outer.mjs'), '-e', script, '--', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  outer.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const ended = once(outer, 'close').then(([code]) => ({ code: code as number | null, stdout }));
  return { outer, ended };
}

test("the program's exit code and its arguments pass through as they are", async () => {
  const odd = ['two words', '"quoted"', "it's", '$HOME', '`id`', '*.pdf', 'a\\b', '', '--flag', 'ü€', ';exit 9'];
  const { ended } = start('process.stdout.write(JSON.stringify(process.argv.slice(1))); process.exitCode = 3', ...odd);
  const { code, stdout } = await ended;
  expect(JSON.parse(stdout)).toEqual(odd);
  expect(code).toBe(3);
});

test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s reaches the program, which may end in its own way',
  async (signal) => {
    const script = `process.once('${signal}', () => setTimeout(() => { console.log('tidied'); process.exit(130) }, 50)); console.log('ready'); setTimeout(() => {}, 20000)`;
    const { outer, ended } = start(script);
    if (outer.stdout !== null) await once(outer.stdout, 'data');
    outer.kill(signal);
    expect(await ended).toEqual({ code: 130, stdout: 'ready\ntidied\n' });
  },
);

test('a program ended by a signal is reported as shells do, one that cannot be started as 127', () => {
  expect(exitCodeOf({ exitCode: null, signal: 'SIGTERM', failure: null })).toBe(143);
  expect(exitCodeOf({ exitCode: null, signal: null, failure: new Error('ENOENT') })).toBe(127);
  expect(exitCodeOf({ exitCode: 0, signal: null, failure: null })).toBe(0);
});
