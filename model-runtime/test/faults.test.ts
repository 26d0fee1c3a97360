/**
 * What goes wrong on real machines, brought about for real and driven from the file to the answer: damaged files, two
 * processes at once, a document that changes under the reader, a full disk, too little memory.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { openPdf } from '../src/documents/pdf.ts';
import { createRuntime } from '../src/runtime.ts';
import type { Runtime } from '../src/runtime.ts';
import { startRuntimeChild } from '../src/server/start-child.ts';
import { goldenCheckpoint, goldenModel, temporaryFolder } from './golden-case.ts';
import { readAndAsk } from './read-and-ask.ts';
import type { Outcome, ReadAndAsked } from './read-and-ask.ts';

// Processes are started by the dozen here: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const models = dirname(await goldenModel('plain'));
const script = join(import.meta.dirname, 'read-and-ask.ts');
const command = join(import.meta.dirname, '../src/cli/main.ts');

const started: Runtime[] = [];
afterAll(() => Promise.all(started.map((runtime) => runtime.close())));

function newRuntime(dataFolder: string): Runtime {
  const runtime = createRuntime({ dataFolder, builtInModelsFolder: models });
  started.push(runtime);
  return runtime;
}

function letter(characters: number, about: string): string {
  let text = '';
  for (let i = 0; text.length < characters; i++) text += `Paragraph ${i} tells of ${about} and item ${i * 7}.\n\n`;
  return text.slice(0, characters);
}

function letterFile(characters: number, about: string): string {
  const path = join(temporaryFolder(), `${about}.txt`);
  writeFileSync(path, letter(characters, about));
  return path;
}

/** What lies in the folder of stored states, by name. */
function storedFiles(dataFolder: string): Map<string, Buffer> {
  const folder = join(dataFolder, 'library', 'states');
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ended, code }));
  });
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what a script prints, its own types say
function printed<Value>({ stdout, stderr }: Ended): Value {
  if (stdout === '') throw new Error(`the process printed nothing but:\n${stderr}`);
  return JSON.parse(stdout) as Value;
}

interface Undisturbed {
  text: string;
  /** Name and bytes of the one file that is kept. */
  name: string;
  bytes: Buffer;
}

const known = new Map<string, Undisturbed>();

/** What comes of a document where nothing goes wrong; read once. */
async function undisturbed(path: string): Promise<Undisturbed> {
  const before = known.get(path);
  if (before !== undefined) return before;
  const dataFolder = temporaryFolder();
  const outcome = await readAndAsk(newRuntime(dataFolder), path);
  expect(outcome).toMatchObject({ cached: false, storeFailure: null, notKept: [] });
  const [[name, bytes] = ['', Buffer.alloc(0)]] = storedFiles(dataFolder);
  const found = { text: 'text' in outcome ? outcome.text : '', name, bytes };
  known.set(path, found);
  return found;
}

/** A data folder in which one file of states lies. */
function folderWith(name: string, bytes: Uint8Array): { dataFolder: string; file: string } {
  const dataFolder = temporaryFolder();
  mkdirSync(join(dataFolder, 'library', 'states'), { recursive: true });
  const file = join(dataFolder, 'library', 'states', name);
  writeFileSync(file, bytes);
  return { dataFolder, file };
}

describe('a damaged file of states', () => {
  it('L2: wherever it is cut off or altered, the document is read anew, to the same states and the same answer', async () => {
    const path = letterFile(1500, 'the weather');
    const { text, name, bytes: whole } = await undisturbed(path);
    const { dataFolder, file } = folderWith(name, whole);
    const headerEnd = 8 + Number(whole.readBigUInt64LE());
    const flipped = (at: number): Buffer => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes;
    };
    const middle = Math.floor((headerEnd + whole.length) / 2);
    const cuts = [0, 7, 100, headerEnd, middle, whole.length - 1].map((length) => whole.subarray(0, length));
    const flips = [0, 40, Math.floor(headerEnd / 2), headerEnd, middle, whole.length - 1].map(flipped);
    const runtime = newRuntime(dataFolder);
    for (const damaged of [...cuts, ...flips, Buffer.concat([whole.subarray(0, headerEnd), Buffer.alloc(whole.length - headerEnd)])]) {
      writeFileSync(file, damaged);
      expect(await readAndAsk(runtime, path)).toEqual({ cached: false, text, storeFailure: null, notKept: [] });
      expect(storedFiles(dataFolder)).toEqual(new Map([[name, whole]]));
    }
    expect(await readAndAsk(runtime, path)).toMatchObject({ cached: true, text });
  });
});

describe('two processes on one library', () => {
  const one = letterFile(2500, 'the weather');
  const two = letterFile(2500, 'the post');

  it('L10: reading the same and different documents at once, both answer right and leave states alone', async () => {
    const [first, second] = [await undisturbed(one), await undisturbed(two)];
    const dataFolder = temporaryFolder();
    const ended = await Promise.all([one, one, two].map((path) => run(process.execPath, [script, dataFolder, models, path])));
    const outcomes = ended.flatMap((process) => printed<ReadAndAsked>(process).outcomes);
    expect(outcomes).toMatchObject([first, first, second].map(({ text }) => ({ text, storeFailure: null })));
    expect(storedFiles(dataFolder)).toEqual(new Map([first, second].map(({ name, bytes }) => [name, bytes])));
  });

  it('L7, L10: one forgets again and again what the other reads, and both come through', async () => {
    const { text } = await undisturbed(one);
    const dataFolder = temporaryFolder();
    const reading = Promise.all([one, two].map((path) => run(process.execPath, [script, dataFolder, models, path, path])));
    const isOver = reading.then(() => true);
    const runtime = newRuntime(dataFolder);
    const forgetAll = async (): Promise<void> => {
      const { documents } = await runtime.call('library.list', {});
      await runtime.call('library.remove', { keptIds: documents.map(({ keptId }) => keptId) });
    };
    do await forgetAll();
    while (!(await Promise.race([isOver, new Promise((resolve) => setTimeout(resolve, 5))])));
    const [ofOne, ofTwo] = (await reading).map((ended) => printed<ReadAndAsked>(ended).outcomes);
    expect(ofOne).toMatchObject([1, 2].map(() => ({ text, storeFailure: null, notKept: [] })));
    expect(ofTwo).toMatchObject([1, 2].map(() => ({ storeFailure: null, notKept: [] })));
    await forgetAll();
    expect(storedFiles(dataFolder).size).toBe(0);
  });
});

describe('a document that changes under the reader', () => {
  // Windows lets nobody rename over a file that is open.
  it.skipIf(process.platform === 'win32')(
    'P9: replaced again and again while it is opened, it is one of the two, under its own name',
    async () => {
      const texts = ['one thing', 'another'];
      const files = texts.map((about) => letterFile(300, about));
      const runtime = newRuntime(temporaryFolder());
      const open = async (path: string): Promise<{ documentId: string; text: string }> => {
        const { documentId } = await runtime.call('documents.open', { path });
        const { blocks } = await runtime.call('documents.page', { documentId, pageNumber: 1 });
        await runtime.call('documents.close', { documentId });
        return { documentId, text: blocks[0]?.text ?? '' };
      };
      const alone = [await open(files[0] ?? ''), await open(files[1] ?? '')];
      const path = join(temporaryFolder(), 'letter.txt');
      let turn = 0;
      const replace = (): void => {
        copyFileSync(files[turn++ % 2] ?? '', `${path}.new`);
        renameSync(`${path}.new`, path);
      };
      for (let times = 0; times < 20; times++) {
        replace();
        const opening = open(path);
        const isOpen = opening.then(() => true);
        while (!(await Promise.race([isOpen, new Promise((resolve) => setImmediate(resolve))]))) replace();
        expect(alone).toContainEqual(await opening);
      }
    },
  );

  it('L1, P9: replaced between two readings, it is read anew; an answer about what is open stays about that', async () => {
    const path = letterFile(300, 'one thing');
    const { text } = await undisturbed(path);
    const runtime = newRuntime(temporaryFolder());
    const { documentId } = await runtime.call('documents.open', { path });
    writeFileSync(path, letter(300, 'another'));
    const ask = async (): Promise<string | undefined> =>
      (await runtime.call('ask', { documentIds: [documentId], questions: ['Which item?'], maxTokens: 12 })).answers[0]?.text;
    expect(await ask()).toBe(text);
    const replaced = await runtime.call('documents.open', { path });
    expect(replaced).toMatchObject({ cached: false });
    expect(replaced.documentId).not.toBe(documentId);
    rmSync(path);
    expect(await ask()).toBe(text);
    await expect(runtime.call('documents.open', { path })).rejects.toMatchObject({
      code: 'file-unreadable',
      details: { path, reason: 'missing' },
    });
  });

  it('P9: a PDF whose parser has to be started anew is not gone on with in another file', async () => {
    const samples = join(import.meta.dirname, '../../assets/samples');
    const path = join(temporaryFolder(), 'report.pdf');
    copyFileSync(join(samples, 'report.pdf'), path);
    const pdf = await openPdf({ path, limits: { pageMs: 1 } });
    const draw = (): Promise<unknown> => pdf.renderPng(1, 4096);
    await expect(draw()).rejects.toMatchObject({ details: { reason: 'timeout' } });
    copyFileSync(join(samples, 'invoice.pdf'), path);
    await expect(draw()).rejects.toMatchObject({ code: 'file-unreadable', details: { path, reason: 'changed' } });
    await pdf.close();
  });
});

/** A way to a place that takes no more than so many KiB: how the limit is set, in which shell. */
interface SmallDisk {
  name: string;
  limit: string;
  shell: readonly string[];
}

const smallDisks: SmallDisk[] = [
  { name: 'disk', limit: 'mount -t tmpfs -o size=$1k tmpfs "$2"', shell: ['unshare', '--mount', '--map-root-user', 'sh'] },
  // Of each file by itself: it stands for whatever else the system refuses in the middle of writing.
  { name: 'limit for files', limit: 'ulimit -f $(($1 * 2))', shell: ['sh'] },
];

/** The command line that sets the limit, its first two arguments being KiB and folder, and then runs `then` with the others. */
function limited({ limit, shell: [program = 'sh', ...args] }: SmallDisk, then: string): [string, string[]] {
  return [program, [...args, '-c', `${limit} && shift 2 && ${then}`, 'sh']];
}

function canHave(disk: SmallDisk): boolean {
  if (process.platform === 'win32') return false;
  const [program, args] = limited(disk, 'exec "$@"');
  return spawnSync(program, [...args, '64', temporaryFolder(), 'true']).status === 0;
}

const onSmallDisks = letterFile(2500, 'the weather');

describe.each(smallDisks)('a $name that is too small', (disk) => {
  const readOn = async (sizeKib: number): Promise<{ outcome: Outcome; files: string[] }> => {
    const dataFolder = temporaryFolder();
    const [program, args] = limited(disk, 'exec "$@"');
    const reading = await run(program, [...args, String(sizeKib), dataFolder, process.execPath, script, dataFolder, models, onSmallDisks]);
    const { outcomes, files } = printed<ReadAndAsked>(reading);
    return { outcome: outcomes[0] as Outcome, files };
  };

  it.runIf(canHave(disk))('L3, L9: for states, the answer is right, what could not be kept is said, and nothing is left', async () => {
    const { text } = await undisturbed(onSmallDisks);
    const full = { code: 'disk-full', details: { problem: 'full' } };
    const { outcome, files } = await readOn(64);
    expect(outcome).toMatchObject({ cached: false, text, storeFailure: full, notKept: [full] });
    expect(files.filter((name) => /safetensors|part/u.test(name))).toEqual([]);
  });

  it.runIf(canHave(disk))('L9: for the unfinished reading alone, that is said, and the states are kept', async () => {
    const { text, name, bytes } = await undisturbed(onSmallDisks);
    const { outcome, files } = await readOn(Math.ceil(bytes.length / 1024) + 64);
    expect(outcome).toMatchObject({ text, storeFailure: null, notKept: [{ code: 'disk-full' }] });
    expect(files.filter((found) => /safetensors|part/u.test(found))).toEqual([join('library', 'states', name)]);
  });

  it.runIf(canHave(disk))('I1: for a model, the import says so and leaves nothing', async () => {
    const home = temporaryFolder();
    const [program, args] = limited(disk, '"$@"; echo "code $?"; find "$RECTO_HOME/models" -mindepth 1');
    const importing = [process.execPath, command, 'models', 'import', goldenCheckpoint('plain'), '--json'];
    const { stdout, stderr } = await run(program, [...args, '96', home, ...importing], { RECTO_HOME: home });
    expect(JSON.parse(stderr)).toMatchObject({ code: 'disk-full', details: { problem: 'full' } });
    expect(stdout).toBe('code 3\n');
  });
});

describe('a disk that may only be read', () => {
  const mount = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1"';
  const readOnly = (folder: string, args: readonly string[]): [string, string[]] => [
    'unshare',
    ['--mount', '--map-root-user', 'sh', '-c', `${mount} && shift && exec "$@"`, 'sh', folder, ...args],
  ];
  const canMount = process.platform === 'linux' && spawnSync(...readOnly(temporaryFolder(), ['true'])).status === 0;

  it.runIf(canMount)('L2, L3: damaged states that cannot be deleted are not believed, and keep nobody from reading', async () => {
    const path = letterFile(1500, 'the weather');
    const { text, name, bytes } = await undisturbed(path);
    const { dataFolder } = folderWith(name, bytes.subarray(0, -1));
    const { outcomes } = printed<ReadAndAsked>(await run(...readOnly(dataFolder, [process.execPath, script, dataFolder, models, path])));
    const forbidden = { code: 'disk-full', details: { problem: 'forbidden' } };
    expect(outcomes).toMatchObject([{ cached: false, text, storeFailure: forbidden }]);
  });
});

describe('too little memory', () => {
  // On one core the graphs have no threads of their own, whose stacks are what memory is wanted for first.
  const canLimit = process.platform === 'linux' && availableParallelism() > 1 && spawnSync('prlimit', ['--version']).status === 0;

  it.runIf(canLimit)('M1: what the system gives no memory for says so, and the same runtime does it once there is some', async () => {
    const path = letterFile(1500, 'the weather');
    const { text } = await undisturbed(path);
    const reader = join(import.meta.dirname, 'read-with-little-memory.ts');
    const ended = await run(process.execPath, [reader, temporaryFolder(), models, path]);
    expect(printed<Outcome[]>(ended)).toMatchObject([{ failed: { code: 'out-of-memory' } }, { cached: false, text }]);
  });

  it('M2: a document that takes the engine down with it is a failure of that reading; the engine is there again', async () => {
    const dataFolder = temporaryFolder();
    const deaths: string[] = [];
    const inherited = process.env['NODE_OPTIONS'];
    // The heap of a machine that has hardly any memory left. What V8 writes when it gives up is for whoever reads logs.
    process.env['NODE_OPTIONS'] = '--max-old-space-size=48';
    const engine = startRuntimeChild({
      args: ['--data-folder', dataFolder, '--built-in-models', models],
      onDeath: (reason) => deaths.push(reason),
    });
    try {
      const huge = letterFile(6_000_000, 'the weather');
      await expect(engine.call('documents.open', { path: huge })).rejects.toMatchObject({ code: 'runtime-stopped' });
      expect(deaths).toEqual([expect.stringMatching(/^it (was ended by SIG|ended with code)/u)]);
      const summary = await engine.call('documents.open', { path: letterFile(300, 'the post') });
      expect(summary).toMatchObject({ cached: false, storeFailure: null });
      expect(storedFiles(dataFolder).size).toBe(1);
    } finally {
      await engine.close();
      if (inherited === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = inherited;
    }
  });
});
