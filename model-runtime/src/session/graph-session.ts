/**
 * The only door to onnxruntime-node: a graph file becomes something that runs.
 *
 * Graphs are loaded by path, so that their external weights are mapped and not copied. `run` blocks the thread it is
 * called on and cannot be cancelled: whoever calls it keeps each run short (a tile). Measured choices: decision
 * record 0003.
 */
import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { RuntimeError, invariant } from '../errors.ts';
import type { HostTensor } from '../tensors/tensor.ts';

/** Threads that one run uses: as many as the machine has cores, at most eight (more gained nothing in any tile). */
export const sessionThreads: number = Math.min(8, availableParallelism());

/**
 * Sums of eight-bit products as they are: processors without VNNI otherwise multiply by pairs and cut off what does not fit
 * into 16 bits (an error of 19 % instead of 0.6 % measured on a Zen 3). Where there is VNNI it changes nothing.
 */
const exactSums = '1';

/** A graph that runs. */
export class GraphSession {
  readonly #session: InferenceSession;
  readonly #path: string;

  private constructor(session: InferenceSession, path: string) {
    this.#session = session;
    this.#path = path;
  }

  /**
   * Loads a graph file. With `keepIn` it also writes the graph as it is then, with the weights laid out for this processor, to a
   * path and a file beside it. Throws 'out-of-memory' or 'model-corrupt' (also where that could not be written).
   */
  static async open(path: string, { keepIn }: { keepIn?: { path: string; preparedWeights: string } } = {}): Promise<GraphSession> {
    const keeping = keepIn && {
      save_external_prepacked_constant_initializers: '1',
      optimized_model_external_initializers_file_name: keepIn.preparedWeights,
      optimized_model_external_initializers_min_size_in_bytes: '1024',
    };
    try {
      const session = await InferenceSession.create(path, {
        intraOpNumThreads: sessionThreads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        enableCpuMemArena: false,
        logSeverityLevel: 3,
        ...(keepIn && { optimizedModelFilePath: keepIn.path }),
        extra: { session: { force_spinning_stop: '1', x64quantprecision: exactSums, ...keeping } },
      });
      return new GraphSession(session, path);
    } catch (cause) {
      throw failure(cause, path, 'load');
    }
  }

  /**
   * Runs the graph. Inputs are read where they lie (no copy); outputs are the graph's own memory, free for keeping.
   * Throws 'out-of-memory' where the machine has none left.
   */
  async run(inputs: Readonly<Record<string, HostTensor>>): Promise<Outputs> {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { dtype, data, shape }] of Object.entries(inputs)) {
      feeds[name] = dtype === 'float32' ? new Tensor('float32', data, shape) : new Tensor('int64', data, shape);
    }
    try {
      return new Outputs(await this.#session.run(feeds));
    } catch (cause) {
      throw failure(cause, this.#path, 'run');
    }
  }

  /** Frees the session. It must not be used again. */
  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** What a run returned. */
export class Outputs {
  readonly #tensors: Readonly<Record<string, Tensor>>;

  constructor(tensors: Readonly<Record<string, Tensor>>) {
    this.#tensors = tensors;
  }

  /** One float32 output, row-major. */
  floats(name: string): Float32Array<ArrayBuffer> {
    const data = this.#tensors[name]?.data;
    invariant(data instanceof Float32Array, `output ${name} is float32`);
    return data as Float32Array<ArrayBuffer>;
  }
}

function failure(cause: unknown, path: string, operation: string): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  // Of threads, too: where there is no memory for their stacks, none can be started. The rest of the text is onnxruntime's own source.
  const memory = /bad_alloc|pthread_create failed|[^:\n]*allocate[^\n]*|out of memory/i.exec(message)?.[0].trim();
  if (memory !== undefined) {
    return new RuntimeError({
      code: 'out-of-memory',
      message: `${operation} ${path}: there is not enough memory (${memory})`,
      details: { operation: `${operation} ${path}` },
      cause,
    });
  }
  if (operation === 'load') {
    const [folder, file] = [dirname(path), basename(path)];
    return new RuntimeError({
      code: 'model-corrupt',
      message: `load ${path}: ${message}`,
      details: { folder, file, problem: message },
      cause,
    });
  }
  return new Error(`${operation} ${path}: ${message}`, { cause });
}
