/**
 * Where a command's output goes: results to stdout, everything else to stderr.
 *
 * Holds the one rule of output: with --json, stdout carries one JSON value and nothing else. Knows no command.
 */
import { styleText } from 'node:util';
import { createProgress } from './progress.ts';
import type { Progress } from './progress.ts';

/** What a command writes to, and what it is told. */
export interface Terminal {
  /** Whether the result is to be one JSON value. */
  readonly isJson: boolean;
  /** Whether a person sits there who can be asked something. */
  readonly canAsk: boolean;
  readonly progress: Progress;
  /** A result, or a part of one, on stdout. */
  write(text: string): void;
  /** The one JSON value, on stdout. */
  writeJson(value: unknown): void;
  /** A quiet line beside the result, on stderr; none with --json, whose value tells all of it. */
  note(line: string): void;
  /** A line on stderr that is never left out. */
  warn(line: string): void;
}

/** The terminal that this process was started with. */
export function processTerminal(isJson: boolean): Terminal {
  const { stdin, stdout, stderr } = process;
  const progress = createProgress(stderr);
  return {
    isJson,
    canAsk: stdin.isTTY && stderr.isTTY,
    progress,
    write(text) {
      progress.clear();
      stdout.write(text);
    },
    writeJson(value) {
      progress.clear();
      stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    note(line) {
      progress.clear();
      if (!isJson) stderr.write(`${styleText('dim', line, { stream: stderr })}\n`);
    },
    warn(line) {
      progress.clear();
      stderr.write(`${line}\n`);
    },
  };
}

/** Why a command's signal was aborted where nobody reads its output any more (`| head`): no failure, and nothing to say. */
export const outputClosed: unique symbol = Symbol('output closed');

/** Resolves when everything written to stdout and stderr so far has been handed on. */
export async function flushOutput(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))));
}
