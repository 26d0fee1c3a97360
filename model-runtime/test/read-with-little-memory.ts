/**
 * Reads a document and asks it while the process may hardly take more memory than it has, then again without that limit;
 * prints the two outcomes as JSON. Linux, with prlimit.
 * Run: node read-with-little-memory.ts DATA_FOLDER MODELS_FOLDER DOCUMENT
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRuntime } from '../src/runtime.ts';
import { readAndAsk } from './read-and-ask.ts';

const [dataFolder = '', builtInModelsFolder = '', document = ''] = process.argv.slice(2);
/** Enough for the heap of JavaScript, too little for the threads and buffers of a model's graphs. */
const spareBytes = 24 * 2 ** 20;

function limitMemory(to: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--as=${to}:unlimited`]);
}

const runtime = createRuntime({ dataFolder, builtInModelsFolder });
await runtime.call('models.list', {}); // Node starts its threads for files at the first one it reads, and aborts where it cannot
const sizeKib = Number(/^VmSize:\s+(\d+)/mu.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
limitMemory(1024 * sizeKib + spareBytes);
const limited = await readAndAsk(runtime, document);
limitMemory('unlimited');
process.stdout.write(`${JSON.stringify([limited, await readAndAsk(runtime, document)])}\n`);
await runtime.close();
