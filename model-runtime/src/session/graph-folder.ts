/**
 * The graphs of one model folder, opened by the names of their files.
 *
 * When a graph is loaded, onnxruntime lays its weights out for the kernels of this processor: seconds of work, and a copy in
 * memory that no other process shares. With `keepPrepared` that layout is kept in the model folder the first time, and mapped
 * like the weights themselves from then on:
 *
 *   prepared/<machine>/<graph>/graph.onnx, weights.bin
 *
 * <machine> stands for whatever the layout depends on: another onnxruntime or another processor makes its own, and deletes this
 * one. All of it may be deleted at any time. Decision record 0012.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';
import { basename, join } from 'node:path';
import { env } from 'onnxruntime-node';
import { isRuntimeError, toRuntimeError } from '../errors.ts';
import { deleteAbandoned } from '../abandoned-folders.ts';
import { GraphSession } from './graph-session.ts';

/** Prepared graphs lie in here, within a model folder. */
const preparedFolder = 'prepared';
const [preparedGraph, preparedWeights] = ['graph.onnx', 'weights.bin'];
/** onnxruntime 1.30 keeps the weights of this operation in a form that it reads back as nonsense (decision record 0012). */
const keptWrong = 'MatMulNBits';

/** See the file's head. */
export class GraphFolder {
  readonly #folder: string;
  /** Where this machine's prepared graphs lie. */
  readonly #prepared: string;
  readonly #machine: string;
  /** Not again in this process once it has failed: the disk is full, or the folder may not be written to. */
  #keepsPrepared: boolean;
  #isTidy = false;

  /** `machine` is for tests: what the layout depends on. */
  constructor(folder: string, options: { keepPrepared?: boolean; machine?: string } = {}) {
    this.#folder = folder;
    this.#keepsPrepared = options.keepPrepared ?? false;
    this.#machine = options.machine ?? thisMachine();
    this.#prepared = join(folder, preparedFolder, this.#machine);
  }

  /** Opens a graph. Throws 'out-of-memory', or 'model-corrupt' with the file of the model folder. */
  async open(file: string): Promise<GraphSession> {
    return (await this.#openPrepared(file)) ?? (await this.#prepare(file)) ?? GraphSession.open(join(this.#folder, file));
  }

  /** Opens all of these or, where one fails, none. Throws as {@link GraphFolder.open} does. */
  async openAll(files: readonly string[]): Promise<GraphSession[]> {
    const opened: GraphSession[] = [];
    try {
      for (const file of files) opened.push(await this.open(file));
      return opened;
    } catch (error) {
      for (const session of opened) await session.close();
      throw error;
    }
  }

  /** Whether graphs that can be kept are. */
  get keepsPrepared(): boolean {
    return this.#keepsPrepared;
  }

  /** Keeps a graph, where it can be kept and is not yet, so that it opens fast when it is needed. */
  async prepare(file: string): Promise<void> {
    const isThere = await stat(this.#of(file)).catch(() => undefined);
    if (isThere === undefined) await (await this.#prepare(file))?.close();
  }

  /** A prepared graph is never needed: one that does not load is deleted. */
  async #openPrepared(file: string): Promise<GraphSession | undefined> {
    const folder = this.#of(file);
    const path = join(folder, preparedGraph);
    const isThere = await stat(path).catch(() => undefined);
    if (isThere === undefined) return undefined;
    try {
      return await GraphSession.open(path);
    } catch (error) {
      if (isRuntimeError(toRuntimeError(error), 'out-of-memory')) throw error;
      await discard(folder);
      return undefined;
    }
  }

  /** Opens a graph as it is and keeps what becomes of its weights; undefined where that cannot be, for whichever reason. */
  async #prepare(file: string): Promise<GraphSession | undefined> {
    if (!this.#keepsPrepared || !(await this.#canBeKept(file))) return undefined;
    const folder = this.#of(file);
    const part = `${folder}.${process.pid}-${randomUUID()}.part`;
    try {
      await this.#tidy();
      await mkdir(part, { recursive: true });
      const path = join(this.#folder, file);
      const session = await GraphSession.open(path, { keepIn: { path: join(part, preparedGraph), preparedWeights } });
      await rename(part, folder).catch(() => discard(part)); // another process was faster
      return session;
    } catch {
      this.#keepsPrepared = false;
      await discard(part);
      return undefined;
    }
  }

  /** Only matrix products have their weights laid out anew. */
  async #canBeKept(file: string): Promise<boolean> {
    const graph = await readFile(join(this.#folder, file)).catch(() => undefined);
    return graph !== undefined && graph.includes('MatMul') && !graph.includes(keptWrong);
  }

  /** Deletes what was made for another machine or by an earlier onnxruntime, and what killed processes left. */
  async #tidy(): Promise<void> {
    if (this.#isTidy) return;
    this.#isTidy = true;
    const all = join(this.#folder, preparedFolder);
    for (const machine of await readdir(all).catch(() => [])) if (machine !== this.#machine) await discard(join(all, machine));
    await deleteAbandoned(this.#prepared, /\.(\d+)-[\da-f-]+\.part$/u);
  }

  #of(file: string): string {
    return join(this.#prepared, basename(file, '.onnx'));
  }
}

/** Everything that decides how onnxruntime lays out weights: itself, and what the processor can do. */
function thisMachine(): string {
  // Virtual machines call different processors by one name; where the system lists what each can do, that counts too.
  let abilities = '';
  try {
    abilities = /^(flags|Features)\s*:.*$/mu.exec(readFileSync('/proc/cpuinfo', 'latin1'))?.[0] ?? '';
  } catch {
    // no Linux: the name tells
  }
  const parts = [env.versions.node, platform(), arch(), cpus()[0]?.model, abilities];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

function discard(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true }).catch(() => undefined);
}
