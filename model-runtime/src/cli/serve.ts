/** `recto serve`: the app's page in a browser, served on this machine alone, until it is stopped. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDataFolder, resolveDataFolder } from '../library/data-folder.ts';
import type { Command, CommandContext } from './command.ts';
import { UsageError, parseCommandLine, wholeNumber } from './usage.ts';

const usage = `recto serve [--port N] [--open]

Serves the app's page on 127.0.0.1 and prints a link that opens it in one browser, once. Nobody else on the network
can reach it. Ctrl-C ends it.

      --port N          the port to use (default: any free one)
      --open            open the link in the browser
      --page DIR        the built page (default: dist/renderer)
      --json            print the link as one JSON value`;

/** See the file's head. */
export const serve: Command = { usage, run: runServe };

async function runServe(args: readonly string[], { terminal, signal }: CommandContext): Promise<void> {
  const { values, positionals } = parseCommandLine(args, { port: { type: 'string' }, open: { type: 'boolean' }, page: { type: 'string' } });
  if (positionals[0] !== undefined) throw new UsageError(`serve takes options alone, not '${positionals[0]}'`);
  const port = wholeNumber('--port', values.port, { from: 0, to: 65535 }) ?? 0;
  const pageFolder =
    values.page === undefined ? fileURLToPath(new URL('../../../dist/renderer', import.meta.url)) : path.resolve(values.page);
  const dataFolder = resolveDataFolder();
  await makeDataFolder(dataFolder);

  const [{ serve: startServer }, { startRuntimeChild }] = await Promise.all([
    import('../server/serve.ts'),
    import('../server/start-child.ts'),
  ]);
  const runtime = startRuntimeChild({
    args: ['--data-folder', dataFolder],
    onDeath: (reason) => terminal.warn(`The runtime stopped: ${reason}. It is started anew when it is needed.`),
  });
  const server = await startServer({ port, dataFolder, pageFolder, runtime });
  try {
    const url = server.newLink();
    if (terminal.isJson) terminal.writeJson({ url, port: server.port });
    else terminal.write(`${url}\n`);
    terminal.note('Open this link in a browser: it works once, for one browser. Ctrl-C ends Recto.');
    if (values.open === true) openInBrowser(url, () => terminal.note('No browser could be started: open the link by hand.'));
    const stopGivingLinks = giveNewLinks(server.newLink, terminal);
    await untilAborted(signal);
    stopGivingLinks();
  } finally {
    await server.close();
    await runtime.close();
  }
}

/** Enter at the terminal prints another link, for another browser. */
function giveNewLinks(newLink: () => string, terminal: CommandContext['terminal']): () => void {
  if (!terminal.canAsk || terminal.isJson) return () => {};
  terminal.note('Enter prints another link.');
  const onLine = (): void => terminal.write(`${newLink()}\n`);
  process.stdin.on('data', onLine);
  return () => {
    process.stdin.off('data', onLine);
    process.stdin.pause();
  };
}

function openInBrowser(url: string, onFailure: () => void): void {
  const [program, ...args] =
    process.platform === 'darwin' ? ['open', url] : process.platform === 'win32' ? ['explorer.exe', url] : ['xdg-open', url];
  const browser = spawn(program ?? 'xdg-open', args, { stdio: 'ignore', detached: true });
  browser.once('error', onFailure);
  // explorer.exe exits with 1 although it has opened the link.
  browser.once('exit', (exitCode) => {
    if (exitCode !== 0 && process.platform !== 'win32') onFailure();
  });
  browser.unref();
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
