/**
 * The runtime in a child process, started when it is first needed and started anew after it died.
 *
 * A model run blocks its thread, so whoever must stay responsive (`recto serve`) keeps the runtime in another process.
 * Calls under way when the child dies fail with 'runtime-stopped'; what it had stored survives. The desktop shell
 * starts its own child: it imports nothing but the contract.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { connectClient } from '../client.ts';
import type { RuntimeClient } from '../contract.ts';
import { RuntimeError } from '../errors.ts';
import { connectToChild } from './process-port.ts';

/** How to start the child. */
export interface ChildOptions {
  /** Arguments of child.ts. */
  args: readonly string[];
  /** The module to run: child.ts, but for tests of this file. */
  entry?: string;
  /** Called with the reason, in words, whenever the child ended unasked. */
  onDeath?: (reason: string) => void;
}

/** A runtime in a child process. */
export interface RuntimeChild extends RuntimeClient {
  /** Ends the child: it may finish what cannot be interrupted, for at most three seconds. */
  close(): Promise<void>;
}

const maxDeaths = 3;
const deathsCountForMs = 60_000;
const killAfterMs = 3000;

interface Running {
  child: ChildProcess;
  client: RuntimeClient;
  ended: Promise<void>;
}

/** The runtime behind a child process. After three deaths within a minute, calls fail until that minute is over. */
export function startRuntimeChild(options: ChildOptions): RuntimeChild {
  let running: Running | undefined;
  let isClosed = false;
  let deathsAtMs: number[] = [];

  const start = (): Running => {
    const child = fork(options.entry ?? fileURLToPath(new URL('./child.ts', import.meta.url)), options.args, {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', process.stderr, process.stderr, 'ipc'], // stdout belongs to the command that started us
    });
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const port = connectToChild(child);
    const client = connectClient({
      post: port.post,
      listen: (onMessage, onClose) =>
        port.listen(onMessage, (reason) => {
          running = undefined;
          if (!isClosed) {
            deathsAtMs.push(Date.now());
            options.onDeath?.(reason);
          }
          onClose(reason);
          resolve();
        }),
    });
    return { child, client, ended };
  };

  return {
    call(name, params, callOptions) {
      if (isClosed) return Promise.reject(stopped('it has been closed'));
      deathsAtMs = deathsAtMs.filter((atMs) => Date.now() - atMs < deathsCountForMs);
      if (running === undefined && deathsAtMs.length >= maxDeaths) {
        return Promise.reject(stopped(`it died ${deathsAtMs.length} times within a minute and is left alone for a while`));
      }
      running ??= start();
      return running.client.call(name, params, callOptions);
    },
    async close() {
      isClosed = true;
      if (running === undefined) return;
      const { child, ended } = running;
      const kill = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      if (child.connected) child.disconnect();
      await Promise.all([ended, exited]);
      clearTimeout(kill);
    },
  };
}

function stopped(reason: string): RuntimeError<'runtime-stopped'> {
  return new RuntimeError({ code: 'runtime-stopped', message: `the runtime stopped: ${reason}`, details: { reason } });
}
