/** The public surface of the engine: what a program that embeds Recto uses. Everything else is internal. */
export { createRuntime } from './runtime.ts';
export type { Runtime, RuntimeOptions } from './runtime.ts';
export { importCheckpoint } from './import/import-checkpoint.ts';
export type { ImportOptions } from './import/import-checkpoint.ts';
export { forward } from './tasks/forward.ts';
export { RuntimeError } from './errors.ts';
