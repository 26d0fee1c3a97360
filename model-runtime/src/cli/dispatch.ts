/**
 * Finds the command that a command line means, runs it, and says with which exit code it ended.
 *
 * Knows the commands by name; nothing of the process they run in (main.ts).
 */
import { toFailure } from '../errors.ts';
import { engineVersion } from '../version.ts';
import type { Command, CommandContext } from './command.ts';
import { exitCodeOf, failureLines } from './failure-lines.ts';
import { outputClosed } from './terminal.ts';
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
  library: { summary: 'lists and forgets what is kept of documents', load: async () => (await import('./library.ts')).library },
  models: { summary: 'lists, imports, verifies and removes models', load: async () => (await import('./models.ts')).models },
  serve: { summary: 'opens the app in a browser', load: async () => (await import('./serve.ts')).serve },
  forward: { summary: 'runs a model over given tensors, for comparing', load: async () => (await import('./forward.ts')).forward },
  eval: {
    summary: 'asks questions whose answers are known, and counts the right ones',
    load: async () => (await import('./eval.ts')).evaluate,
  },
  bench: { summary: 'times a model on this machine', load: async () => (await import('./bench.ts')).bench },
};

const overview = `recto <command> [options]

Reads documents whole and answers questions about them, on this machine alone.

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)
  .join('\n')}

  recto <command> --help says more about a command; recto --version which version this is.
  Every command takes --json. Models and documents are kept in RECTO_HOME, else where the system keeps such data.
  Exit codes: 0 done; 2 wrong usage; 3 a file or a model is unusable; 130 cancelled.`;

/** Runs the command line and gives its exit code; what went wrong has been said on stderr. */
export async function dispatch(args: readonly string[], context: CommandContext): Promise<number> {
  const { terminal } = context;
  const [name = '', ...rest] = args;
  if (name === '--version') return say(engineVersion, terminal);
  if (name === '--help' || name === '-h' || name === 'help') return say(overview, terminal);
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry !== undefined) return runCommand(entry, { name, args: rest }, context);
  const problem = name === '' ? 'say what to do' : `there is no command '${name}'${didYouMean(name, Object.keys(commands))}`;
  terminal.warn(`recto: ${problem}\n\n${overview}`);
  return 2;
}

async function runCommand(
  entry: Entry,
  { name, args }: { name: string; args: readonly string[] },
  context: CommandContext,
): Promise<number> {
  const { terminal, signal } = context;
  let usage = overview;
  try {
    const command = await entry.load();
    ({ usage } = command);
    if (asksForHelp(args)) return say(usage, terminal);
    await command.run(args, context);
    return 0;
  } catch (error) {
    if (signal.reason === outputClosed) return 0;
    if (!(error instanceof UsageError)) return sayFailure(error, terminal);
    terminal.warn(`recto ${name}: ${error.message}\n\n${usage}`);
    return 2;
  }
}

/** Says why something failed and gives the exit code for it. */
export function sayFailure(error: unknown, terminal: Terminal): number {
  const failure = toFailure(error);
  terminal.warn(failureLines(failure, terminal.isJson));
  if (process.env['RECTO_DEBUG'] === '1') console.error(error);
  return exitCodeOf(failure);
}

function say(text: string, terminal: Terminal): number {
  terminal.write(`${text}\n`);
  return 0;
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).some((arg) => arg === '--help' || arg === '-h');
}
