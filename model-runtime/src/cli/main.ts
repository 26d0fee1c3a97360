#!/usr/bin/env node
/**
 * The command `recto` as a process: its streams, its signals, its exit code. What it does: dispatch.ts.
 *
 * Ctrl-C cancels the command once; a second one ends the process at once. Closed output (`| head`) ends it quietly.
 */
import { Console } from 'node:console';
import { dispatch, sayFailure } from './dispatch.ts';
import { flushOutput, outputClosed, processTerminal } from './terminal.ts';

/** How long a cancelled command may take to end by itself: more than the longest piece of work that cannot be interrupted. */
const graceMs = 5000;

// Libraries print warnings through the console; stdout is for results alone.
globalThis.console = new Console(process.stderr, process.stderr);

const args = process.argv.slice(2);
const terminal = processTerminal(args.includes('--json'));
process.on('uncaughtException', (error) => process.exit(sayFailure(error, terminal)));

const exitCode = await dispatch(args, { terminal, signal: abortOnStop() });
await flushOutput();
// Whatever a library still holds, a timer or a thread: the command is done.
process.exit(exitCode);

/** Aborted by what stops a command from outside: Ctrl-C, the system, or a reader of its output that has had enough. */
function abortOnStop(): AbortSignal {
  const abort = new AbortController();
  const stop = (reason: unknown, exitCodeIfStuck: number): void => {
    abort.abort(reason);
    setTimeout(() => process.exit(exitCodeIfStuck), graceMs).unref();
  };
  // `once`: with no listener left, the second Ctrl-C ends the process as the system does by default.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop(name, 130));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stop(outputClosed, 0);
  });
  return abort.signal;
}
