import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineVersion } from '../version.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
let home: string;

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'recto-cli-'));
});
afterAll(() => rmSync(home, { recursive: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the real command, without a terminal, its data in a folder of the test's own. */
function recto(args: readonly string[], onStdout?: (stop: (signal: NodeJS.Signals) => void, stdout: string) => void): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, RECTO_HOME: home, RECTO_DEBUG: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      onStdout?.((signal) => child.kill(signal), stdout);
    });
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

it('usage and version go to stdout and end with 0; wrong usage goes to stderr and ends with 2', async () => {
  expect(await recto(['--version'])).toEqual({ code: 0, stdout: `${engineVersion}\n`, stderr: '' });
  expect(await recto(['ask'])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('\n\nrecto ask <file...>') });
});

/** Runs the command and closes its stdout after the first piece of output, as `| head` does. */
function closeEarly(args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, RECTO_HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stdout.once('data', () => child.stdout.destroy());
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('close', (code) => resolve({ code, stderr }));
  });
}

describe('what cannot be used ends with 3', () => {
  it('says code and reason, without a stack', async () => {
    const { code, stdout, stderr } = await recto(['models', 'verify', 'none']);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^recto: model-missing: no model 'none': /);
    expect(stderr).not.toContain('    at ');
  });

  it('says it as JSON with --json', async () => {
    mkdirSync(path.join(home, 'models', 'broken'), { recursive: true });
    writeFileSync(path.join(home, 'models', 'broken', 'manifest.json'), '{}');
    const { code, stdout, stderr } = await recto(['models', 'verify', 'broken', '--json']);
    expect([code, stdout]).toEqual([3, '']);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'model-corrupt', details: { file: 'manifest.json' }, message: expect.any(String) });
  });

  it('lists what can be used all the same, and warns of the rest', async () => {
    const { code, stdout, stderr } = await recto(['models', 'list']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('broken');
    expect(stderr).toContain('broken cannot be used: manifest.json');
    const listed = JSON.parse((await recto(['models', 'list', '--json'])).stdout) as { unusable: { name: string }[] };
    expect(listed.unusable.map(({ name }) => name)).toEqual(['broken']);
  });

  it('names the file that cannot be read', async () => {
    const missing = path.join(home, 'none.pdf');
    const { code, stderr } = await recto(['read', missing, '--json']);
    expect([code, JSON.parse(stderr)]).toMatchObject([3, { code: 'file-unreadable', details: { path: missing, reason: 'missing' } }]);
  });
});

describe('with a real model, tiny and untrained', () => {
  const golden = fileURLToPath(new URL('../../test/golden/plain', import.meta.url));
  let letter: string;
  let inputs: string;

  beforeAll(() => {
    letter = path.join(home, 'letter.txt');
    writeFileSync(letter, 'Dear Ada,\n\nthe boat is blue and costs 1200 pounds.\n\nYours, Grace\n');
    inputs = path.join(golden, 'case.safetensors');
  });

  it('imports it', async () => {
    const { code, stdout } = await recto(['models', 'import', path.join(golden, 'checkpoint'), '--name', 'tiny', '--precision', 'fp32']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^tiny: fp32, .* imported in /)]);
  });

  it('reads, answers and tells it as one JSON value; the second time from what was stored', async () => {
    const args = ['ask', letter, '-q', 'What colour?', '-q', 'How much?', '--max-tokens', '4', '--model', 'tiny'];
    const { code, stdout, stderr } = await recto([...args, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const told = JSON.parse(stdout) as { documents: object[]; answers: { question: string; text: string }[] };
    expect(told).toMatchObject({
      documents: [{ path: letter, pages: 1, cached: false, read: { text: [1], recognised: [], seen: [] }, unread: [] }],
      answers: [{ question: 'What colour?' }, { question: 'How much?' }],
    });

    const again = await recto(args);
    expect(again.code).toBe(0);
    expect(again.stdout).toBe(told.answers.map(({ text }) => `${text}\n`).join(''));
    expect(again.stderr).toMatch(/letter\.txt: 1 page, \d+ tokens, read before\n/);
    expect(again.stderr).toMatch(/read page 1; .*tokens?( \(\d+ guessed from the document\))? in /);
  });

  it('examines a model: counts the answers that are right', async () => {
    const asking = await recto(['ask', letter, '-q', 'What colour?', '--max-tokens', '4', '--model', 'tiny', '--json']);
    const { answers } = JSON.parse(asking.stdout) as { answers: { text: string }[] };
    const questions = path.join(home, 'questions.json');
    const known = { question: 'What colour?', answers: ['something else', answers[0]?.text ?? ''] };
    writeFileSync(questions, JSON.stringify({ 'letter.txt': [known, { question: 'How much?', answer: '1200 pounds' }] }));
    const args = ['eval', questions, '--model', 'tiny', '--max-tokens', '4'];
    const { code, stdout } = await recto([...args, '--json']);
    const asked = [
      { question: 'What colour?', isExact: true, f1: 1 },
      { question: 'How much?', isExact: false, accepted: ['1200 pounds'] },
    ];
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { questions: 2, exact: 0.5, documents: [{ path: letter, answers: asked }] }]);
    expect((await recto(args)).stdout).toMatch(/^DOCUMENT .*\nletter\.txt +2 +50\.0% .*\nall +2 +50\.0% /u);

    writeFileSync(questions, '{ "letter.txt": [] }');
    expect(await recto(args)).toMatchObject({ code: 3, stderr: expect.stringContaining('letter.txt: ') });
  });

  it('lists what is kept, and forgets it', async () => {
    expect((await recto(['library', 'list'])).stdout).toMatch(/^NAME .*\nletter\.txt +1 +\d+ +.*tiny\n$/);
    expect(await recto(['library', 'forget', 'other.txt'])).toMatchObject({ code: 3, stderr: expect.stringContaining("'other.txt'") });
    expect(await recto(['library', 'forget', letter])).toMatchObject({ code: 0, stdout: expect.stringContaining('1 document forgotten') });
    expect(JSON.parse((await recto(['library', 'list', '--json'])).stdout)).toMatchObject({ documents: [], sizeBytes: 0 });
    expect(await recto(['library', 'clear'])).toMatchObject({ code: 0, stdout: '0 documents forgotten, 0 bytes freed\n' });
  });

  it('reads without a model', async () => {
    expect(await recto(['read', letter])).toEqual({
      code: 0,
      stdout: 'Dear Ada,\n\nthe boat is blue and costs 1200 pounds.\n\nYours, Grace\n',
      stderr: '',
    });
    const { documents } = JSON.parse((await recto(['read', letter, '--json'])).stdout) as { documents: object[] };
    expect(documents).toMatchObject([{ path: letter, pages: [{ page: 1, read: 'text', blocks: [{ text: 'Dear Ada,' }, {}, {}] }] }]);
  });

  it('runs forward, and verifies and removes the model', async () => {
    const outputs = path.join(home, 'out.safetensors');
    expect(await recto(['forward', '--model', 'tiny', '--inputs', inputs, '--outputs', outputs, '--json'])).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(statSync(outputs).size).toBeGreaterThan(1000);
    expect(await recto(['models', 'verify', 'tiny'])).toMatchObject({ code: 0, stdout: expect.stringContaining('all are as recorded') });
    expect(await recto(['models', 'remove', 'tiny'])).toMatchObject({ code: 0, stdout: expect.stringContaining('tiny: removed') });
    expect(await recto(['models', 'remove', 'tiny'])).toMatchObject({ code: 3 });
  });

  it('is cancelled by Ctrl-C with 130, and says nothing when its reader leaves', async () => {
    const long = path.join(home, 'long.txt');
    writeFileSync(long, 'A line of a long text.\n\n'.repeat(200_000));
    let hasStopped = false;
    const stopped = await recto(['read', long], (stop) => {
      if (!hasStopped) stop('SIGINT');
      hasStopped = true;
    });
    expect([stopped.code, stopped.stderr]).toEqual([130, 'Cancelled.\n']);
    expect(await closeEarly(['read', long])).toEqual({ code: 0, stderr: '' });
  });
});

describe('serve', () => {
  it('prints a link that works, and ends with 0 on Ctrl-C', async () => {
    const page = path.join(home, 'page');
    mkdirSync(page);
    writeFileSync(path.join(page, 'index.html'), '<title>Recto</title>');
    let status = 0;
    const ended = await recto(['serve', '--page', page, '--json'], (stop, stdout) => {
      const { url } = JSON.parse(stdout) as { url: string };
      void fetch(url, { redirect: 'manual' }).then((response) => {
        ({ status } = response);
        stop('SIGINT');
      });
    });
    expect([ended.code, status, ended.stderr]).toEqual([0, 303, '']);
    expect(ended.stdout).toMatch(/127\.0\.0\.1:\d+\/\?token=/);
  });

  it('says how to build the page where it is not built', async () => {
    const { code, stderr } = await recto(['serve', '--page', path.join(home, 'none')]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('npm run build')]);
  });
});
