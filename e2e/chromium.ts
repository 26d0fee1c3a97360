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
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

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
  if (process.platform === 'linux' && process.arch === 'x64') yield* unpackedChromium();
  else failures.push('@sparticuz/chromium: for Linux on x64 only');
}

async function tryCandidate({ path, from, env }: Candidate, failures: string[]): Promise<ChromiumHere | null> {
  const isRoot = process.getuid?.() === 0;
  for (const canSandbox of isRoot ? [false] : [true, false]) {
    try {
      const version = await startOnce({ path, env, canSandbox });
      return { path, from, env, version, canSandbox, args: commonArgs };
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).slice(0, 400);
      failures.push(`${path} (from ${from}${canSandbox ? ', sandboxed' : ''}): ${reason}`);
    }
  }
  return null;
}

/** Starts it, has it show a page, ends it; returns its version. */
async function startOnce({ path, env, canSandbox }: { path: string; env: Record<string, string>; canSandbox: boolean }): Promise<string> {
  const browser = await chromium.launch({
    executablePath: path,
    chromiumSandbox: canSandbox,
    args: commonArgs,
    env: { ...process.env, ...env },
    timeout: 20_000,
  });
  try {
    const page = await browser.newPage();
    await page.setContent('<p>it starts</p>', { timeout: 10_000 });
    return browser.version();
  } finally {
    await browser.close();
  }
}

async function* unpackedChromium(): AsyncGenerator<Candidate> {
  const packageFolder = join(import.meta.dirname, '..', 'node_modules', '@sparticuz', 'chromium');
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const cache = join(import.meta.dirname, '..', 'node_modules', '.cache', 'chromium');
  const folder = join(cache, version);
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true });
    const unpacking = await mkdtemp(join(cache, 'unpacking-'));
    await unpack(unpacking);
    try {
      await rename(unpacking, folder);
    } catch (error) {
      await rm(unpacking, { recursive: true });
      if (!existsSync(folder)) throw error; // else another run was faster
    }
  }
  const path = join(folder, 'chromium');
  const from = '@sparticuz/chromium';
  const fonts: Record<string, string> = existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') };
  yield { path, from, env: fonts };
  yield { path, from: `${from}, with the libraries it brings`, env: { ...fonts, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') } };
}

/** In a process of its own, whose temporary folder is `folder`. */
async function unpack(folder: string): Promise<void> {
  await run(process.execPath, [join(import.meta.dirname, 'unpack-chromium.ts')], {
    env: { ...process.env, TMPDIR: folder },
    timeout: 120_000,
  });
}
