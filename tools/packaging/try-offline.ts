/**
 * Packages the app as far as that goes without network or Electron: with a made-up Electron, so that it proves
 * everything about the package but that Electron runs it. Installers need tools that would be fetched: of those only the
 * maker is tried, on a plain folder.
 *
 *   node tools/packaging/try-offline.ts
 *
 * Then looks at what came out: the archive's files, the fuses, and that the packaged runtime answers, run by the
 * packaged Node, from a folder where nothing of the checkout can help it. Needs the starter model. Prints what it saw.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { writeFakeElectron } from './fake-electron.ts';

const root = join(import.meta.dirname, '..', '..');
const answersWithinMs = 30_000;

async function packageInto(folder: string): Promise<string> {
  const zipFolder = join(folder, 'electron-zip');
  await mkdir(zipFolder);
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')) as { version: string };
  writeFakeElectron(zipFolder, version);
  const forge = join(root, 'node_modules', '@electron-forge', 'cli', 'dist', 'electron-forge.js');
  await promisify(execFile)(process.execPath, [forge, 'make'], {
    cwd: root,
    // The packager works in a folder of fixed name in the temporary folder: each run gets one of its own.
    env: { ...process.env, TMPDIR: folder, ELECTRON_ZIP_DIR: zipFolder, RECTO_OUT: join(folder, 'out'), RECTO_TARGETS: 'dir' },
    timeout: 300_000,
  });
  return join(folder, 'out', `Recto-${process.platform}-${process.arch}`);
}

function checkArchive(resources: string): void {
  const archive = join(resources, 'app.asar');
  const files = listPackage(archive, { isPack: false }).map((path) => path.replaceAll('\\', '/'));
  for (const needed of ['/package.json', '/.vite/build/main.cjs', '/.vite/build/preload.cjs', '/dist/renderer/index.html'])
    assert(files.includes(needed), `the archive lacks ${needed}`);
  const strangers = files.filter(
    (path) => !/^\/(package\.json|\.vite(\/build(\/(main|preload)\.cjs)?)?|dist(\/renderer(\/.*)?)?)$/.test(path),
  );
  assert.deepEqual(strangers, [], 'the archive holds files that do not belong there');
  console.log(`archive: ${files.length} entries, no strangers`);
}

async function checkFuses(packaged: string): Promise<void> {
  const fuses = await getCurrentFuseWire(join(packaged, 'recto'));
  const off = [
    'RunAsNode',
    'EnableNodeOptionsEnvironmentVariable',
    'EnableNodeCliInspectArguments',
    'GrantFileProtocolExtraPrivileges',
  ] as const;
  const on = ['EnableCookieEncryption', 'EnableEmbeddedAsarIntegrityValidation', 'OnlyLoadAppFromAsar'] as const;
  for (const name of off) assert.equal(fuses[FuseV1Options[name]], FuseState.DISABLE, `${name} should be off`);
  for (const name of on) assert.equal(fuses[FuseV1Options[name]], FuseState.ENABLE, `${name} should be on`);
  console.log(`fuses: off ${off.join(', ')}; on ${on.join(', ')}`);
}

/** Asks the packaged runtime, moved away from the checkout, which models it has. */
async function checkRuntime(resources: string, folder: string): Promise<void> {
  const runtime = join(folder, 'elsewhere', 'runtime');
  await cp(join(resources, 'runtime'), runtime, { recursive: true });
  const other = process.platform === 'win32' ? 'linux' : 'win32';
  assert(!existsSync(join(runtime, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6', other)), `holds onnxruntime for ${other}`);
  const child = spawn(join(runtime, 'bin', 'node'), [join(runtime, 'model-runtime', 'src', 'server', 'child.ts')], {
    cwd: tmpdir(),
    env: { PATH: '', RECTO_HOME: join(folder, 'home') },
    serialization: 'json',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const answer = new Promise<unknown>((resolve, reject) => {
      child.once('message', resolve);
      child.once('error', reject);
      child.once('exit', (exitCode) => reject(new Error(`the packaged runtime ended with code ${exitCode}`)));
      setTimeout(() => reject(new Error(`the packaged runtime did not answer within ${answersWithinMs} ms`)), answersWithinMs).unref();
    });
    child.send({ kind: 'call', callId: 1, name: 'models.list', params: {} });
    const { kind, result } = (await answer) as { kind: string; result: { models: { name: string; isBuiltIn: boolean }[] } };
    assert.equal(kind, 'result');
    assert(
      result.models.some((model) => model.isBuiltIn),
      'the packaged runtime finds no model of its own',
    );
    console.log(`runtime: answers, and finds ${result.models.map((model) => model.name).join(', ')}`);
  } finally {
    child.kill('SIGKILL');
  }
}

if (process.platform !== 'linux') {
  console.log('The made-up Electron is one for Linux; elsewhere package with a real one (npm run package).');
  process.exit(0);
}
const folder = await mkdtemp(join(tmpdir(), 'recto-package-'));
try {
  const packaged = await packageInto(folder);
  checkArchive(join(packaged, 'resources'));
  await checkFuses(packaged);
  await checkRuntime(join(packaged, 'resources'), folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
