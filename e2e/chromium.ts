/**
 * Which Chromium the specs run in: RECTO_CHROMIUM, else the system's, else the one inside @sparticuz/chromium.
 *
 * Found and tried once per run (global-setup.ts). Its sandbox is used wherever it works: not as root, and not in
 * containers that forbid it. Trap of @sparticuz/chromium: it unpacks into the temporary folder under a fixed name and
 * trusts what it finds there, so here it unpacks into a cache of our own, whole or not at all.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A Chromium that starts here. */
export interface ChromiumHere {
  path: string;
  version: string;
  /** Where it was found, for people. */
  from: string;
  canSandbox: boolean;
  args: string[];
  env: Record<string, string>;
}

interface Candidate {
  path: string;
  from: string;
  env: Record<string, string>;
}

const systemNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const systemPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
// Containers give /dev/shm too little room for a browser.
const commonArgs = ['--disable-dev-shm-usage'];
const run = promisify(execFile);

/** The first Chromium that starts. Throws an Error naming everything that was tried where none does. */
export async function findChromium(): Promise<ChromiumHere> {
  const failures: string[] = [];
  for await (const candidate of candidates(failures)) {
    const here = await tryCandidate(candidate, failures);
    if (here !== null) return here;
  }
  throw new Error(
    `The end-to-end specs need a Chromium and none starts here. Name one with RECTO_CHROMIUM. Tried:\n${failures.map((failure) => `  - ${failure}`).join('\n')}`,
  );
}

async function* candidates(failures: string[]): AsyncGenerator<Candidate> {
  const named = process.env['RECTO_CHROMIUM'];
  if (named !== undefined && named !== '') {
    yield { path: named, from: 'RECTO_CHROMIUM', env: {} };
    return; // whoever names one means that one
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const onPath = systemNames.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const path of [...onPath, ...systemPaths]) if (existsSync(path)) yield { path, from: 'the system', env: {} };
  if (process.platform === 'linux' && process.arch === 'x64') yield await unpackedChromium();
  else failures.push('@sparticuz/chromium: for Linux on x64 only');
}

async function tryCandidate(candidate: Candidate, failures: string[]): Promise<ChromiumHere | null> {
  const isRoot = process.getuid?.() === 0;
  for (const canSandbox of isRoot ? [false] : [true, false]) {
    const sandboxArgs = canSandbox ? [] : ['--no-sandbox'];
    try {
      const args = ['--headless', '--disable-gpu', '--dump-dom', ...commonArgs, ...sandboxArgs, 'data:text/html,<p>it starts</p>'];
      const { stdout } = await run(candidate.path, args, { env: { ...process.env, ...candidate.env }, timeout: 30_000 });
      if (!stdout.includes('it starts')) throw new Error('it shows no page');
      const version = (await run(candidate.path, ['--version'], { env: { ...process.env, ...candidate.env } })).stdout.trim();
      return { ...candidate, version, canSandbox, args: commonArgs };
    } catch (error) {
      const firstLines = String(error instanceof Error ? error.message : error).slice(0, 400);
      failures.push(`${candidate.path} (from ${candidate.from}${canSandbox ? ', sandboxed' : ''}): ${firstLines}`);
    }
  }
  return null;
}

async function unpackedChromium(): Promise<Candidate> {
  const packageJson = createRequire(import.meta.url).resolve('@sparticuz/chromium/package.json');
  const { version } = JSON.parse(await readFile(packageJson, 'utf8')) as { version: string };
  const cache = join(import.meta.dirname, '..', 'node_modules', '.cache', 'chromium');
  const folder = join(cache, version);
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    const unpacking = await mkdtemp(join(cache, 'unpacking-'));
    await unpack(dirname(packageJson), unpacking);
    try {
      await rename(unpacking, folder);
    } catch (error) {
      await rm(unpacking, { recursive: true });
      if (!existsSync(folder)) throw error; // else another run was faster
    }
  }
  // Its libraries come last, for machines without NSS; its fonts only where the system has none.
  const libraries = [process.env['LD_LIBRARY_PATH'], join(folder, 'al2023', 'lib')].filter((path) => path !== undefined && path !== '');
  const env: Record<string, string> = { LD_LIBRARY_PATH: libraries.join(':') };
  if (!existsSync('/etc/fonts/fonts.conf')) env['FONTCONFIG_PATH'] = join(folder, 'fonts');
  return { path: join(folder, 'chromium'), from: '@sparticuz/chromium', env };
}

/** In a process of its own, whose temporary folder is `folder`. */
async function unpack(packageFolder: string, folder: string): Promise<void> {
  const script = `
    import chromium, { inflate } from '@sparticuz/chromium';
    await chromium.executablePath();
    await inflate(${JSON.stringify(join(packageFolder, 'bin', 'al2023.tar.br'))});`;
  await run(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: folder },
    timeout: 120_000,
  });
}
