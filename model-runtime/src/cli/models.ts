/** `recto models`: which models there are, making one from a checkpoint, checking one, taking one away. */
import path from 'node:path';
import type { ModelSummary } from '../contract.ts';
import { showAmount, showBytes, showCount, showDuration, showMagnitude } from './amounts.ts';
import { withRuntime } from './command.ts';
import type { Command, CommandContext } from './command.ts';
import { stepLine } from './progress.ts';
import { showTable } from './table.ts';
import { UsageError, actionOf, oneOf, parseCommandLine } from './usage.ts';

const usage = `recto models list
recto models import <folder> [--name N] [--precision fp32|int8|int4]
recto models verify <name>
recto models remove <name>

list shows the models there are. import makes one from a Hugging Face T5Gemma 2 checkpoint folder (config.json,
*.safetensors, tokenizer.json). verify checks every file against its recorded sha256. remove deletes one.

      --name N          what to call the imported model (default: the folder's name)
      --precision P     how its weights are stored: int8 (default), fp32, or int4 (the decoder in 4 bits: faster
                        answers, coarser)
      --json            print one JSON value`;

/** See the file's head. */
export const models: Command = { usage, run: runModels };

const actions: Readonly<Record<string, (args: readonly string[], context: CommandContext) => Promise<void>>> = {
  list: listModels,
  import: importModel,
  verify: verifyModel,
  remove: removeModel,
};

async function runModels(args: readonly string[], context: CommandContext): Promise<void> {
  const index = args.findIndex((arg) => !arg.startsWith('-'));
  const name = args[index] ?? '';
  const rest = args.filter((_, other) => other !== index);
  return actionOf('models', name, actions)(rest, context);
}

async function listModels(args: readonly string[], { terminal }: CommandContext): Promise<void> {
  const { positionals } = parseCommandLine(args, {});
  if (positionals.length > 0) throw new UsageError('models list takes no names');
  await withRuntime(async (runtime) => {
    const { models: usable, unusable } = await runtime.call('models.list', {});
    if (terminal.isJson) return terminal.writeJson({ models: usable, unusable });
    if (usable.length > 0) terminal.write(table(usable));
    else terminal.note('There are no models yet; `recto models import` makes one from a checkpoint folder.');
    for (const { name, problem } of unusable) terminal.warn(`${name} cannot be used: ${problem}`);
    return undefined;
  });
}

async function importModel(args: readonly string[], { terminal, signal }: CommandContext): Promise<void> {
  const { values, positionals } = parseCommandLine(args, { name: { type: 'string' }, precision: { type: 'string' } });
  const folder = theOne(positionals, 'models import', 'checkpoint folder');
  const precision = oneOf('--precision', values.precision, { words: ['fp32', 'int8', 'int4'] });
  await withRuntime(async (runtime) => {
    const onEvent = showSteps(terminal);
    const params = { folder: path.resolve(folder), name: values.name, precision };
    const { model, elapsedMs } = await runtime.call('models.import', params, { signal, onEvent }).finally(() => terminal.progress.end());
    if (terminal.isJson) return terminal.writeJson({ model, elapsedMs });
    return terminal.write(`${model.name}: ${describe(model)}, imported in ${showDuration(elapsedMs)}\n`);
  });
}

async function verifyModel(args: readonly string[], { terminal, signal }: CommandContext): Promise<void> {
  const { positionals } = parseCommandLine(args, {});
  const name = theOne(positionals, 'models verify', 'model');
  await withRuntime(async (runtime) => {
    const onEvent = showSteps(terminal);
    const { model, files } = await runtime
      .call('models.verify', { model: name }, { signal, onEvent })
      .finally(() => terminal.progress.end());
    if (terminal.isJson) return terminal.writeJson({ model, files });
    return terminal.write(`${model.name}: ${showAmount(files, 'file')}, ${files === 1 ? 'it is' : 'all are'} as recorded\n`);
  });
}

async function removeModel(args: readonly string[], { terminal }: CommandContext): Promise<void> {
  const { positionals } = parseCommandLine(args, {});
  const name = theOne(positionals, 'models remove', 'model');
  await withRuntime(async (runtime) => {
    const { freedBytes } = await runtime.call('models.remove', { model: name });
    if (terminal.isJson) return terminal.writeJson({ model: name, freedBytes });
    return terminal.write(`${name}: removed, ${showBytes(freedBytes)} freed\n`);
  });
}

function theOne(positionals: readonly string[], command: string, noun: string): string {
  const [first, second] = positionals;
  if (first === undefined || first === '') throw new UsageError(`${command} wants a ${noun}`);
  if (second !== undefined) throw new UsageError(`${command} takes one ${noun} at a time, got '${first}' and '${second}'`);
  return first;
}

function showSteps({ progress }: CommandContext['terminal']): (event: Parameters<typeof stepLine>[0]) => void {
  return (event) => progress.show(stepLine(event), event.fraction);
}

function describe({ precision, parameters, sizeBytes }: ModelSummary): string {
  return `${precision}, ${showMagnitude(parameters)} parameters, ${showBytes(sizeBytes)}`;
}

function table(rows: readonly ModelSummary[]): string {
  const cells = rows.map((model) => [
    model.name,
    model.precision,
    showMagnitude(model.parameters),
    showBytes(model.sizeBytes),
    `${showCount(model.contextTokens)} tokens`,
    model.isBuiltIn ? 'built in' : '',
  ]);
  return showTable([['NAME', 'PRECISION', 'PARAMETERS', 'SIZE', 'CONTEXT', ''], ...cells]);
}
