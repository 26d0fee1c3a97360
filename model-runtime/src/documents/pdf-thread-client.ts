/**
 * The near side of pdf-thread.ts: starts the thread, sends it calls, ends it when a call takes too long.
 *
 * The parser has loops that no timer of its own thread could break (a damaged file can keep it busy for ever), so
 * the limit is held from here.
 */
import { Worker } from 'node:worker_threads';
import type { PdfCallName, PdfCalls, PdfProblem, PdfReply, PdfRequest } from './pdf-calls.ts';

/** How a call failed: by what the file is; by the time limit; because it broke the thread; because another call did. */
export type CallProblem = PdfProblem | 'timeout' | 'broken' | 'interrupted';

/** A call to the thread that failed. */
export class PdfCallError extends Error {
  readonly problem: CallProblem;

  constructor(problem: CallProblem, message: string) {
    super(message);
    this.name = 'PdfCallError';
    this.problem = problem;
  }
}

interface Pending {
  limitMs: number;
  resolve: (gives: unknown) => void;
  reject: (error: PdfCallError) => void;
}

/** The heap a parser may take, so that a bomb ends its thread and not the process. */
const mostHeapMb = 2048;

/** One thread of the parser. It takes its calls one after the other, and keeps the process alive only while one is under way. */
export class PdfThread {
  hasEnded = false;
  readonly #worker: Worker;
  /** In the order in which the thread takes them: the first is the one that it is at. */
  readonly #pending = new Map<number, Pending>();
  #timer: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor() {
    // The file beside this one, as source (.ts) or as a bundle (.js).
    const extension = /\.[cm]?[jt]s(?=$|\?)/.exec(import.meta.url)?.[0] ?? '.ts';
    this.#worker = new Worker(new URL(`./pdf-thread${extension}`, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: mostHeapMb },
      // The parser may write warnings; stdout belongs to the command line's answer.
      stdout: true,
      stderr: true,
    });
    this.#worker.unref();
    this.#worker.on('message', (reply: PdfReply) => this.#settle(reply));
    this.#worker.on('error', (error: Error) => this.#fail('broken', error.message));
    this.#worker.on('exit', () => this.#fail('broken', 'the thread of the parser has ended'));
  }

  /** Makes a call. Throws PdfCallError; after 'timeout', 'broken' and 'interrupted' the thread has ended. */
  call<Name extends PdfCallName>(name: Name, takes: PdfCalls[Name]['takes'], limitMs: number): Promise<PdfCalls[Name]['gives']> {
    if (this.hasEnded) return Promise.reject(new PdfCallError('interrupted', 'the thread of the parser has ended'));
    const id = (this.#lastId += 1);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { limitMs, resolve, reject });
    if (this.#pending.size === 1) this.#watchFirst();
    const transfer = 'data' in takes ? [takes.data.buffer] : [];
    this.#worker.postMessage({ id, name, takes } as PdfRequest, transfer);
    return promise as Promise<PdfCalls[Name]['gives']>;
  }

  /** Ends the thread. Calls under way fail. */
  async end(): Promise<void> {
    this.#fail('interrupted', 'the document was closed');
    await this.#worker.terminate();
  }

  #settle(reply: PdfReply): void {
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    this.#pending.delete(reply.id);
    this.#watchFirst();
    if ('problem' in reply) pending.reject(new PdfCallError(reply.problem, reply.message));
    else pending.resolve(reply.gives);
  }

  /** Starts the clock of the call that the thread is at now. */
  #watchFirst(): void {
    clearTimeout(this.#timer);
    const [first] = this.#pending.values();
    if (!first) {
      this.#worker.unref();
      return;
    }
    this.#worker.ref();
    const id = this.#pending.keys().next().value;
    this.#timer = setTimeout(() => {
      // This thread may itself have been busy (a model's tile): let an answer that is already here come first.
      setImmediate(() => {
        if (id === undefined || !this.#pending.has(id)) return;
        this.#fail('timeout', `the parser took longer than ${first.limitMs / 1000} s`);
        void this.#worker.terminate();
      });
    }, first.limitMs);
  }

  /** Fails the call that the thread was at for `problem`, and those behind it as interrupted. */
  #fail(problem: CallProblem, message: string): void {
    this.hasEnded = true;
    clearTimeout(this.#timer);
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const [index, call] of calls.entries()) call.reject(new PdfCallError(index === 0 ? problem : 'interrupted', message));
  }
}
