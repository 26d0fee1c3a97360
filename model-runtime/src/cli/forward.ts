/** `recto forward`: tensors in, tensors out, through an imported model; how anyone can hold Recto against the reference. */
import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { RuntimeError, isRuntimeError } from '../errors.ts';
import { resolveDataFolder } from '../library/data-folder.ts';
import { findModel, modelFoldersIn, ownModelsFolder } from '../models/model-folders.ts';
import type { Command, CommandContext } from './command.ts';
import { UsageError, parseCommandLine } from './usage.ts';

const usage = `recto forward --model NAME|DIR --inputs CASE.safetensors --outputs OUT.safetensors

Runs a model once over given tokens. Inputs: input_ids int64 [n], decoder_input_ids int64 [t].
Outputs: encoder_last_hidden_state float32 [n, hidden], logits float32 [t, vocab].

      --model NAME|DIR  the model to run
      --inputs FILE     a safetensors file
      --outputs FILE    a safetensors file; overwritten where it exists
      --json            print one JSON value: the model's name, inputs, outputs`;

/** See the file's head. */
export const forward: Command = { usage, run: runForward };

async function runForward(args: readonly string[], { terminal }: CommandContext): Promise<void> {
  const { values, positionals } = parseCommandLine(args, {
    model: { type: 'string' },
    inputs: { type: 'string' },
    outputs: { type: 'string' },
  });
  const { model, inputs, outputs } = values;
  if (positionals[0] !== undefined) throw new UsageError(`forward takes options alone, not '${positionals[0]}'`);
  if (model === undefined) throw new UsageError('--model is missing');
  if (inputs === undefined) throw new UsageError('--inputs is missing');
  if (outputs === undefined) throw new UsageError('--outputs is missing');

  await checkPaths(path.resolve(inputs), path.resolve(outputs));
  const { summary } = await findModel(model, {
    modelsFolder: path.join(resolveDataFolder(), 'models'),
    builtIn: await modelFoldersIn(ownModelsFolder),
  });
  const tasks = await import('../tasks/forward.ts');
  const paths = { inputsPath: path.resolve(inputs), outputsPath: path.resolve(outputs) };
  await tasks.forward({ modelFolder: summary.folder, ...paths }).catch((error: unknown) => {
    throw blameInputs(error, paths.inputsPath);
  });
  if (terminal.isJson) terminal.writeJson({ model: summary.name, inputs, outputs });
  else terminal.note(`${outputs}: encoder_last_hidden_state and logits of ${summary.name}`);
}

/** Says what is wrong with a path before a model is loaded for it. */
async function checkPaths(inputs: string, outputs: string): Promise<void> {
  const found = await stat(inputs).catch(() => null);
  const reason = found === null ? 'missing' : found.isDirectory() ? 'folder' : null;
  if (reason !== null) {
    const message = `forward ${inputs}: expected a safetensors file, ${reason === 'missing' ? 'found none' : 'got a folder'}`;
    throw new RuntimeError({ code: 'file-unreadable', message, details: { path: inputs, reason } });
  }
  const folder = path.dirname(outputs);
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    const message = `forward: ${outputs} cannot be written: the folder ${folder} does not exist or may not be written`;
    throw new RuntimeError({ code: 'disk-full', message, details: { path: outputs, problem: 'forbidden' }, cause });
  });
}

// The reader of tensors blames a model folder; here the file is the user's own.
function blameInputs(error: unknown, inputs: string): unknown {
  if (!isRuntimeError(error, 'model-corrupt')) return error;
  const { folder, file, problem } = error.details;
  if (path.join(folder, file) !== inputs) return error;
  return new RuntimeError({ code: 'file-unsupported', message: error.message, details: { path: inputs, found: problem }, cause: error });
}
