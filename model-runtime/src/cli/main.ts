#!/usr/bin/env node
/**
 * The command `recto`: finds the command that is meant, runs it, and turns how it ended into an exit code.
 *
 * Ctrl-C cancels the command once; a second one ends the process at once. Closed output (`| head`) ends it quietly.
 */
import { Console } from 'node:console';
import { toFailure } from '../errors.ts';
import { engineVersion } from '../version.ts';
import type { Command } from './command.ts';
import { exitCodeOf, failureLines } from './failure-lines.ts';
import { flushOutput, processTerminal } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { UsageError, didYouMean } from './usage.ts';

interface Entry {
  summary: string;
  load: () => Promise<Command>;
}

const commands: Readonly<Record<string, Entry>> = {
  ask: { summary: 'answers questions about documents', load: async () => (await import('./ask.ts')).ask },
  encode: { summary: 'reads documents and stores them, for instant answers later', load: async () => (await import('./encode.ts')).encode },
  read: { summary: 'shows the text that goes into the model, page by page', load: async () => (await import('./read.ts')).read },
  models: { summary: 'lists, imports, verifies and removes models', load: async () => (await import('./models.ts')).models },
  serve: { summary: 'opens the app in a browser', load: async () => (await import('./serve.ts')).serve },
  forward: { summary: 'runs a model over given tensors, for comparing', load: async () => (await import('./forward.ts')).forward },
};

const overview = `recto <command> [options]

Reads documents whole and answers questions about them, on this machine alone.

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)
  .join('\n')}

  recto <command> --help says more about a command; recto --version which version this is.
  Every command takes --json. Models and documents are kept in RECTO_HOME, else where the system keeps such data.
  Exit codes: 0 done; 2 wrong usage; 3 a file or a model is unusable; 130 cancelled.`;

/** How long a cancelled command may take to end by itself: a little more than the longest piece of work that cannot be interrupted. */
const graceMs = 5000;

process.exitCode = await main(process.argv.slice(2));
await flushOutput();
// Whatever library still holds a timer or a thread: the command is done.
process.exit();

async function main(args: readonly string[]): Promise<number> {
  keepStdoutClean();
  const terminal = processTerminal(args.includes('--json'));
  process.on('uncaughtException', (error) => process.exit(fail(error, terminal)));

  const [name = '', ...rest] = args;
  if (name === '--version') return say(engineVersion);
  if (name === '--help' || name === '-h' || name === 'help') return say(overview);
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry !== undefined) return runCommand(entry, { name, args: rest }, terminal);
  const problem = name === '' ? 'say what to do' : `there is no command '${name}'${didYouMean(name, Object.keys(commands))}`;
  terminal.warn(`recto: ${problem}\n\n${overview}`);
  return 2;
}

async function runCommand({ load }: Entry, { name, args }: { name: string; args: readonly string[] }, terminal: Terminal): Promise<number> {
  const stopping = listenForStops();
  let usage = overview;
  try {
    const command = await load();
    ({ usage } = command);
    if (asksForHelp(args)) return say(usage);
    await command.run(args, { terminal, signal: stopping.signal });
    return 0;
  } catch (error) {
    if (stopping.isOutputClosed()) return 0;
    if (!(error instanceof UsageError)) return fail(error, terminal);
    terminal.warn(`recto ${name}: ${error.message}\n\n${usage}`);
    return 2;
  }
}

/** What stops a command from outside: Ctrl-C, the system, or a reader of its output that has had enough. */
function listenForStops(): { signal: AbortSignal; isOutputClosed: () => boolean } {
  const abort = new AbortController();
  let isOutputClosed = false;
  const cancel = (exitCode: number): void => {
    abort.abort();
    setTimeout(() => process.exit(exitCode), graceMs).unref();
  };
  // `once`: with no listener left, the second Ctrl-C ends the process as the system does by default.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => cancel(130));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isOutputClosed = true;
    cancel(0);
  });
  return { signal: abort.signal, isOutputClosed: () => isOutputClosed };
}

/** Says why the command failed and gives its exit code. */
function fail(error: unknown, terminal: Terminal): number {
  const failure = toFailure(error);
  terminal.warn(failureLines(failure, terminal.isJson));
  if (process.env['RECTO_DEBUG'] === '1') console.error(error);
  return exitCodeOf(failure);
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).some((arg) => arg === '--help' || arg === '-h');
}

// Libraries print warnings through the console; stdout is for results alone.
function keepStdoutClean(): void {
  globalThis.console = new Console(process.stderr, process.stderr);
}
