/** What a command of `recto` is made of, and the runtime that most of them use. */
import type { RuntimeClient } from '../contract.ts';
import { makeDataFolder, resolveDataFolder } from '../library/data-folder.ts';
import { ownModelsFolder } from '../models/model-folders.ts';
import type { Terminal } from './terminal.ts';

/** One command: how it is used, and what it does. It throws UsageError or RuntimeError; having returned, it is done. */
export interface Command {
  /** Shown by --help and after wrong usage: the command line first, then its options. */
  readonly usage: string;
  run(args: readonly string[], context: CommandContext): Promise<void>;
}

/** What a command is given. */
export interface CommandContext {
  terminal: Terminal;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** Runs `work` with a runtime in this process, which is closed afterwards whatever happened. */
export async function withRuntime(work: (runtime: RuntimeClient) => Promise<void>): Promise<void> {
  const dataFolder = resolveDataFolder();
  await makeDataFolder(dataFolder);
  // Loaded only now: `recto --help` needs no onnxruntime.
  const { createRuntime } = await import('../runtime.ts');
  const runtime = createRuntime({ dataFolder, builtInModelsFolder: ownModelsFolder });
  try {
    await work(runtime);
  } finally {
    await runtime.close();
  }
}
