/**
 * Runs another program in this one's place: its signals, its exit code, its terminal.
 *
 * Never through a shell, so that what a person typed (file names, questions) reaches the program as it was typed.
 * Plain JavaScript for Node 20, like everything in this folder: it runs before anything has been installed.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';

/**
 * How a program ended.
 * @typedef {{ exitCode: number | null, signal: NodeJS.Signals | null, failure: Error | null }} Ending
 */

/**
 * Runs a program to its end. Signals that reach this process are passed on; it does not end before the program has.
 * A Ctrl-C in a terminal reaches both processes by itself, so it is passed on only where there is no terminal.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options] as spawn takes them; `stdio` is 'inherit' where absent
 * @returns {Promise<Ending>} never rejects: a program that cannot be started has a `failure`
 */
export function runChild(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options, shell: false });
    /** @type {[NodeJS.Signals, () => void][]} */
    const handlers = [
      ['SIGINT', () => void (hasTerminal() || child.kill('SIGINT'))],
      ['SIGTERM', () => void child.kill('SIGTERM')],
      ['SIGHUP', () => void child.kill('SIGHUP')],
    ];
    for (const [signal, handler] of handlers) process.on(signal, handler);

    let isOver = false;
    /** @param {Ending} ending */
    const end = (ending) => {
      if (isOver) return;
      isOver = true;
      for (const [signal, handler] of handlers) process.off(signal, handler);
      resolve(ending);
    };
    child.once('error', (failure) => end({ exitCode: null, signal: null, failure }));
    child.once('exit', (exitCode, signal) => end({ exitCode, signal, failure: null }));
  });
}

/**
 * The exit code by which this process reports how a program ended: the program's own, 128 + n for signal n (as shells
 * do), 127 where it could not be started.
 *
 * @param {Ending} ending
 * @returns {number}
 */
export function exitCodeOf({ exitCode, signal }) {
  if (exitCode !== null) return exitCode;
  return signal === null ? 127 : 128 + constants.signals[signal];
}

function hasTerminal() {
  return process.platform === 'win32' || process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}
