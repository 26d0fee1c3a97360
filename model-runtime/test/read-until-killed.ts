/**
 * Reads one document and prints a line for every piece of progress; for tests that kill it meanwhile.
 * Run: node read-until-killed.ts DATA_FOLDER MODELS_FOLDER DOCUMENT
 */
import { createRuntime } from '../src/runtime.ts';

const [dataFolder = '', builtInModelsFolder = '', path = ''] = process.argv.slice(2);
const runtime = createRuntime({ dataFolder, builtInModelsFolder, keepEveryMs: 0 });
await runtime.call('documents.open', { path }, { onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`) });
await runtime.close();
