/**
 * The model folders at hand: which there are, which one a name means, whether its files are what was recorded, and
 * taking one away.
 *
 * Knows manifest.json and files; nothing of graphs or sessions. Making a model folder is import/import-checkpoint.ts.
 */
import type { Dirent } from 'node:fs';
import { lstat, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { ModelSummary, UnusableModel } from '../contract.ts';
import { RuntimeError, isRuntimeError, toWriteError } from '../errors.ts';
import { deleteAbandoned } from '../abandoned-folders.ts';
import { graphFiles, manifestFile, readManifest } from '../manifest.ts';
import type { Manifest } from '../manifest.ts';

/** Where model folders lie. */
export interface ModelPlaces {
  /** The user's own: each folder in here is a model, its name the model's. Need not exist yet. */
  modelsFolder: string;
  /** The model folders that came with Recto: they can be used, not removed. */
  builtIn: readonly string[];
}

/** A model folder that has passed the quick check. */
export interface FoundModel {
  summary: ModelSummary;
  manifest: Manifest;
}

/** Where the models that come with Recto lie in its own tree: assets/. A packaged app has them elsewhere, and says so. */
export const ownModelsFolder: string = fileURLToPath(new URL('../../../assets', import.meta.url));

/** The model folders within a folder of them, such as assets/; none where there is no such folder. */
export async function modelFoldersIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await subfolders(folder)) {
    if (await isFile(path.join(folder, name, manifestFile))) found.push(path.join(folder, name));
  }
  return found;
}

/** Every model at hand, the user's own first, by name; and apart from them the folders that fail the quick check. */
export async function listModels(places: ModelPlaces): Promise<{ models: ModelSummary[]; unusable: UnusableModel[] }> {
  const models: ModelSummary[] = [];
  const unusable: UnusableModel[] = [];
  const own = (await subfolders(places.modelsFolder)).map((name) => path.join(places.modelsFolder, name));
  for (const folder of [...own, ...places.builtIn]) {
    try {
      models.push((await openFolder(folder, places)).summary);
    } catch (error) {
      unusable.push({ name: path.basename(folder), folder, problem: problemOf(error) });
    }
  }
  return { models, unusable };
}

/**
 * The model that a name or a folder means, after the quick check (manifest well-formed; every file there, of its
 * recorded size). A name means one of the user's own models before a built-in one, and either before a folder.
 * Throws 'model-missing', or 'model-corrupt' with the file.
 */
export async function findModel(nameOrFolder: string, places: ModelPlaces): Promise<FoundModel> {
  const folder = await findModelFolder(nameOrFolder, places);
  return openFolder(folder, places);
}

/** The folder that a name or a path means, unchecked: what is broken must still be found, to be verified or removed. Throws 'model-missing'. */
export async function findModelFolder(nameOrFolder: string, places: ModelPlaces): Promise<string> {
  if (isPlainName(nameOrFolder)) {
    const own = path.join(places.modelsFolder, nameOrFolder);
    if (await isFolder(own)) return own;
    const builtIn = await findBuiltIn(nameOrFolder, places);
    if (builtIn !== undefined) return builtIn;
  }
  const folder = path.resolve(nameOrFolder);
  if (await isFile(path.join(folder, manifestFile))) return folder;
  throw await missing(nameOrFolder, folder, places);
}

/**
 * Takes a model of the user's away and says how many bytes that freed. It is gone at once, or not at all: the folder
 * is renamed first, then deleted. Throws 'model-protected' for a built-in one, 'model-missing' where there is none.
 */
export async function removeModel(name: string, places: ModelPlaces): Promise<{ freedBytes: number }> {
  const folder = path.join(places.modelsFolder, name);
  if (!isPlainName(name) || !(await isFolder(folder))) {
    const builtIn = await findModelFolder(name, places).catch(() => undefined);
    if (builtIn === undefined || !isBuiltIn(builtIn, places)) throw await missing(name, undefined, places);
    throw new RuntimeError({
      code: 'model-protected',
      message: `remove model '${name}': it came with Recto and cannot be removed`,
      details: { model: name, problem: 'built-in' },
    });
  }
  await deleteLeftovers(places);
  const freedBytes = await folderSizeBytes(folder);
  const doomed = path.join(places.modelsFolder, `.removing-${process.pid}-${randomUUID()}`);
  try {
    await rename(folder, doomed);
    await rm(doomed, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw toWriteError(error, folder);
  }
  return { freedBytes };
}

/** Whether a model may be called so: what is a folder's name on every system, and hidden on none. */
export function isPlainName(name: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}_. +()-]{0,99}$/u.test(name) && !/[. ]$/.test(name);
}

/**
 * Deletes what a killed process left among the user's models: half-removed folders, and half-made ones
 * (import/ writes into `.<name>.<pid>.part`).
 */
export async function deleteLeftovers(places: ModelPlaces): Promise<void> {
  await deleteAbandoned(places.modelsFolder, /^\.removing-(\d+)-/);
  await deleteAbandoned(places.modelsFolder, /^\..+\.(\d+)\.part$/);
}

async function openFolder(folder: string, places: ModelPlaces): Promise<FoundModel> {
  const manifest = await readManifest(folder).catch((error: unknown) => {
    // The folder is there, so it is no missing model but one whose making was broken off, or that lost its manifest.
    throw isRuntimeError(error, 'model-missing') ? corrupt({ folder, file: manifestFile, problem: 'missing', cause: error }) : error;
  });
  let sizeBytes = 0;
  for (const [file, recorded] of Object.entries(manifest.files)) {
    sizeBytes += recorded.sizeBytes;
    await checkSize(folder, file, recorded.sizeBytes);
  }
  for (const file of graphFiles(manifest.graphs)) {
    if (!Object.hasOwn(manifest.files, file))
      throw corrupt({ folder, file: manifestFile, problem: `graph ${file} is not among its files` });
  }
  const isOwn = path.dirname(folder) === path.resolve(places.modelsFolder);
  const summary: ModelSummary = {
    name: isOwn ? path.basename(folder) : manifest.name,
    folder,
    precision: manifest.precision,
    parameters: manifest.parameters,
    sizeBytes,
    contextTokens: manifest.sizes.contextTokens,
    isBuiltIn: isBuiltIn(folder, places),
    tellsDoubt: manifest.prompts.ask.unsureBelow !== undefined,
  };
  return { summary, manifest };
}

/** Throws 'model-corrupt' unless the file is there, of this size. */
export async function checkSize(folder: string, file: string, sizeBytes: number): Promise<void> {
  const found = await stat(path.join(folder, file)).catch((cause: NodeJS.ErrnoException) => {
    throw corrupt({
      folder,
      file,
      problem: cause.code === 'ENOENT' ? 'missing' : `cannot be read (${cause.code ?? cause.message})`,
      cause,
    });
  });
  if (!found.isFile()) throw corrupt({ folder, file, problem: 'not a file' });
  if (found.size !== sizeBytes) throw corrupt({ folder, file, problem: `expected ${sizeBytes} bytes, got ${found.size}` });
}

/** The error of a model folder whose `file` is not what was recorded. */
export function corrupt(what: { folder: string; file: string; problem: string; cause?: unknown }): RuntimeError<'model-corrupt'> {
  const { folder, file, problem, cause } = what;
  return new RuntimeError({
    code: 'model-corrupt',
    message: `model ${folder}: ${file}: ${problem}`,
    details: { folder, file, problem },
    cause,
  });
}

async function findBuiltIn(name: string, places: ModelPlaces): Promise<string | undefined> {
  for (const folder of places.builtIn) {
    if (path.basename(folder) === name) return folder;
    const manifest = await readManifest(folder).catch(() => undefined);
    if (manifest?.name === name) return folder;
  }
  return undefined;
}

function isBuiltIn(folder: string, places: ModelPlaces): boolean {
  return places.builtIn.some((builtIn) => path.resolve(builtIn) === path.resolve(folder));
}

async function missing(model: string, folder: string | undefined, places: ModelPlaces): Promise<RuntimeError<'model-missing'>> {
  const isCheckpoint = folder !== undefined && (await isFile(path.join(folder, 'config.json')));
  const names = (await listModels(places)).models.map(({ name }) => name);
  const hint = isCheckpoint
    ? 'the folder is a checkpoint, not yet a model folder: import it first'
    : names.length === 0
      ? 'there are no models yet'
      : `there are: ${names.join(', ')}`;
  return new RuntimeError({ code: 'model-missing', message: `no model '${model}': ${hint}`, details: { model } });
}

async function subfolders(folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const names: string[] = [];
  for (const { name } of entries) {
    if (!name.startsWith('.') && (await isFolder(path.join(folder, name)))) names.push(name);
  }
  return names.toSorted((one, other) => one.localeCompare(other, 'en'));
}

async function folderSizeBytes(folder: string): Promise<number> {
  let sizeBytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) sizeBytes += (await lstat(path.join(entry.parentPath, entry.name))).size;
  }
  return sizeBytes;
}

function problemOf(error: unknown): string {
  if (isRuntimeError(error, 'model-corrupt')) return `${error.details.file}: ${error.details.problem}`;
  return error instanceof Error ? error.message : String(error);
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
