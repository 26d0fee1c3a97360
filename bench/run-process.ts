/**
 * One command as a process of its own, with a time limit, and what it printed as JSON. Where it gives nothing, a sentence why,
 * fit to stand in a file that others read: without the paths of this machine.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** Says that a command was cut off. Cells that would take longer still are known by it (cells.ts). */
export const cutOff = 'not done in';

let running: ChildProcess | undefined;

/** The JSON value that a command prints on stdout. Rejects with a sentence where it fails, or is not done in time. */
export async function printedBy([program = '', ...args]: readonly string[], { minutes }: { minutes: number }): Promise<unknown> {
  const printed = await new Promise<string>((resolve, reject) => {
    // A group of its own: what a peer starts ends with it, and an interrupt from the keyboard is no outcome of the cell.
    const child = spawn(program === 'node' ? process.execPath : program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    running = child;
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      endRunning();
    }, minutes * 60_000);
    const fail = (reason: string): void => {
      clearTimeout(timer);
      reject(new Error(reason));
    };
    child.on('error', (error) => fail(withoutPaths(error.message)));
    child.on('close', (code, signal) => {
      running = undefined;
      if (isLate) return fail(`${cutOff} ${minutes} min`);
      if (signal !== null) return fail(`ended by ${signal}${signal === 'SIGKILL' ? ', most likely for want of memory' : ''}`);
      if (code !== 0) return fail(lastWords(Buffer.concat(stderr).toString()) ?? `ended with ${code}`);
      clearTimeout(timer);
      return resolve(Buffer.concat(stdout).toString());
    });
  });
  try {
    return JSON.parse(printed);
  } catch {
    throw new Error('printed no JSON');
  }
}

/** Ends the process that is running, and all that it started. */
export function endRunning(): void {
  if (running?.pid === undefined) return;
  try {
    process.kill(-running.pid, 'SIGKILL');
  } catch {
    // It ended by itself just now.
  }
}

/** What a failing command said last: the message of a failure that Recto printed as JSON, else the last line. */
export function lastWords(stderr: string): string | undefined {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return line === '' ? undefined : withoutPaths(messageIn(line) ?? line);
}

function messageIn(line: string): string | undefined {
  try {
    return (JSON.parse(line) as { message?: string } | null)?.message;
  } catch {
    return undefined;
  }
}

/** A sentence with every absolute path cut down to its last part. */
export function withoutPaths(sentence: string): string {
  return sentence
    .replaceAll('file:///', '/')
    .replaceAll(/(['"])\/[^'"]*\/([^'"/]+)\1/g, '$1$2$1') // in quotes a path may have spaces
    .replaceAll(/(?<![\w.:/])\/(?:[\w.@+-]+\/)+/g, '');
}
