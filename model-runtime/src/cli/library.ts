/** `recto library`: what is kept of documents that were read, and forgetting it. */
import path from 'node:path';
import type { KeptDocument, RuntimeClient } from '../contract.ts';
import { RuntimeError } from '../errors.ts';
import { showAmount, showBytes, showCount } from './amounts.ts';
import { withRuntime } from './command.ts';
import type { Command, CommandContext } from './command.ts';
import { showTable } from './table.ts';
import { UsageError, actionOf, parseCommandLine } from './usage.ts';

const usage = `recto library list
recto library forget <file...>
recto library clear

A document that was read is kept as the model sees it, so that the next question about it is answered at once. list shows
what is kept and what it takes on the disk; forget deletes what is kept of some documents, clear all of it. The documents
themselves are never touched; they are read again when they are asked next.

      --json            print one JSON value`;

/** See the file's head. */
export const library: Command = { usage, run: runLibrary };

const actions: Readonly<Record<string, (names: readonly string[], context: CommandContext) => Promise<void>>> = { list, forget, clear };

async function runLibrary(args: readonly string[], context: CommandContext): Promise<void> {
  const { positionals } = parseCommandLine(args, {});
  const [name = '', ...rest] = positionals;
  return actionOf('library', name, actions)(rest, context);
}

async function list(names: readonly string[], { terminal }: CommandContext): Promise<void> {
  if (names.length > 0) throw new UsageError('library list takes no names');
  await withRuntime(async (runtime) => {
    const kept = await runtime.call('library.list', {});
    if (terminal.isJson) return terminal.writeJson(kept);
    const { documents, sizeBytes, limitBytes } = kept;
    if (documents.length === 0) return terminal.note('Nothing is kept yet: what is read from now on will be.');
    terminal.write(showTable([['NAME', 'PAGES', 'TOKENS', 'SIZE', 'LAST USED', 'MODEL', ''], ...documents.map(cells)]));
    return terminal.note(`${showAmount(documents.length, 'document')}, ${showBytes(sizeBytes)} of at most ${showBytes(limitBytes)}`);
  });
}

async function forget(names: readonly string[], context: CommandContext): Promise<void> {
  if (names.length === 0) throw new UsageError('library forget wants a document: its path or its name as listed');
  await withRuntime(async (runtime) => {
    const { documents } = await runtime.call('library.list', {});
    const found = names.flatMap((name) => {
      const meant = documents.filter((document) => document.path === path.resolve(name) || document.name === name);
      if (meant.length === 0) throw unknown(name);
      return meant;
    });
    await remove(runtime, found, context);
  });
}

async function clear(names: readonly string[], context: CommandContext): Promise<void> {
  if (names.length > 0) throw new UsageError('library clear takes no names; library forget does');
  await withRuntime(async (runtime) => remove(runtime, (await runtime.call('library.list', {})).documents, context));
}

async function remove(runtime: RuntimeClient, documents: readonly KeptDocument[], { terminal }: CommandContext): Promise<void> {
  const keptIds = [...new Set(documents.map(({ keptId }) => keptId))];
  const { freedBytes } = await runtime.call('library.remove', { keptIds });
  if (terminal.isJson) return terminal.writeJson({ forgotten: keptIds.length, freedBytes });
  return terminal.write(`${showAmount(keptIds.length, 'document')} forgotten, ${showBytes(freedBytes)} freed\n`);
}

function cells({ name, pageCount, tokens, sizeBytes, usedMs, model, isComplete, isThere }: KeptDocument): string[] {
  const remarks = [...(isComplete ? [] : ['unfinished']), ...(isThere ? [] : ['file is gone'])];
  return [name, showCount(pageCount), showCount(tokens), showBytes(sizeBytes), when(usedMs), model, remarks.join(', ')];
}

/** 2026-03-01 14:05, in the machine's own time. */
function when(timeMs: number): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' }).format(timeMs);
}

function unknown(name: string): RuntimeError<'request-invalid'> {
  const problem = `nothing is kept of '${name}'; \`recto library list\` shows what is`;
  return new RuntimeError({ code: 'request-invalid', message: `library forget: ${problem}`, details: { problem } });
}
