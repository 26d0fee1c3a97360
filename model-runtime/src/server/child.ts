/**
 * The runtime as a process of its own: a plain Node child that speaks the contract over its channel and nothing else.
 *
 * Entry point, started by start-child.ts here and by the desktop shell. It ends when its parent goes. It writes
 * nothing to stdout; what goes to stderr is for whoever reads logs.
 *
 *   --data-folder DIR       where to keep what is stored (default: RECTO_HOME or the system's usual place)
 *   --built-in-models DIR   the folder that holds the model folders that came with Recto (default: assets/ of its tree)
 */
import { Console } from 'node:console';
import { parseArgs } from 'node:util';
import { resolveDataFolder } from '../library/data-folder.ts';
import { ownModelsFolder } from '../models/model-folders.ts';
import { createRuntime } from '../runtime.ts';
import { connectToParent } from './process-port.ts';
import { serveCalls } from './serve-calls.ts';

// Libraries print warnings through the console; whose stdout this is, is not known here.
globalThis.console = new Console(process.stderr, process.stderr);

const { values } = parseArgs({ options: { 'data-folder': { type: 'string' }, 'built-in-models': { type: 'string' } } });

const runtime = createRuntime({
  dataFolder: values['data-folder'] ?? resolveDataFolder(),
  builtInModelsFolder: values['built-in-models'] ?? ownModelsFolder,
});

serveCalls(connectToParent(), runtime);

// Ctrl-C in a terminal reaches every process of the group: the parent decides what it means, not this one.
process.on('SIGINT', () => {});
process.once('disconnect', () => {
  // A tile under way holds the thread for up to half a second; whatever does not close within two is not waited for.
  setTimeout(() => process.exit(0), 2000).unref();
  void runtime.close().finally(() => process.exit(0));
});
