/**
 * Reads documents and asks each one question, in a process of its own; for tests that make the machine small or run two.
 * Prints one line of JSON: an outcome for each document, and the files that are left in the data folder afterwards.
 * Run: node read-and-ask.ts DATA_FOLDER MODELS_FOLDER DOCUMENT...
 */
import { readdirSync } from 'node:fs';
import type { RuntimeFailure } from '../src/contract.ts';
import { toFailure } from '../src/errors.ts';
import { createRuntime } from '../src/runtime.ts';
import type { Runtime } from '../src/runtime.ts';

/** What came of one document. */
export type Outcome =
  | { cached: boolean; text: string; storeFailure: RuntimeFailure | null; notKept: RuntimeFailure[] }
  | { failed: RuntimeFailure };

/** What the process prints. */
export interface ReadAndAsked {
  outcomes: Outcome[];
  files: string[];
}

/** Reads a document and asks it. */
export async function readAndAsk(runtime: Runtime, path: string): Promise<Outcome> {
  const notKept: RuntimeFailure[] = [];
  try {
    const { documentId, cached, storeFailure } = await runtime.call(
      'documents.open',
      { path },
      { onEvent: (event) => event.kind === 'not-kept' && notKept.push(event.failure) },
    );
    const { answers } = await runtime.call('ask', { documentIds: [documentId], questions: ['Which item?'], maxTokens: 12 });
    await runtime.call('documents.close', { documentId });
    return { cached, text: answers[0]?.text ?? '', storeFailure, notKept };
  } catch (error) {
    return { failed: toFailure(error) };
  }
}

if (import.meta.main) {
  const [dataFolder = '', builtInModelsFolder = '', ...documents] = process.argv.slice(2);
  const runtime = createRuntime({ dataFolder, builtInModelsFolder, keepEveryMs: 0 });
  const outcomes: Outcome[] = [];
  for (const path of documents) outcomes.push(await readAndAsk(runtime, path));
  await runtime.close();
  const printed: ReadAndAsked = { outcomes, files: readdirSync(dataFolder, { recursive: true, encoding: 'utf8' }) };
  process.stdout.write(`${JSON.stringify(printed)}\n`);
}
