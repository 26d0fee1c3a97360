/**
 * The JSON files of a checkpoint folder: config.json, generation_config.json where there is one, and the prompts that a
 * checkpoint may bring. What their fields mean: config.ts.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeError } from '../errors.ts';
import type { PromptTemplate } from '../manifest.ts';
import { fileExists } from '../tensors/safetensors.ts';
import { parseConfig } from './config.ts';
import type { CheckpointConfig } from './config.ts';

/** For checkpoints without prompts of their own: pretrained ones continue text. */
const defaultPrompt: PromptTemplate = { encoder: '{document}', decoder: 'Question: {question}\nAnswer:' };

/** What a checkpoint folder says of itself. */
export interface DescribedCheckpoint extends CheckpointConfig {
  configSha256: string;
  prompt: PromptTemplate;
}

/** Reads a checkpoint folder's JSON files. Throws 'model-missing' without a config.json, 'model-corrupt', 'model-unsupported'. */
export async function readConfig(folder: string): Promise<DescribedCheckpoint> {
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch((cause: unknown) => {
    throw new RuntimeError({
      code: 'model-missing',
      message: `import ${folder}: expected a checkpoint folder with a config.json, found none`,
      details: { model: folder },
      cause,
    });
  });
  const generation = await readOptionalJson(folder, 'generation_config.json');
  const config = parseConfig(folder, parseJson(folder, 'config.json', text), generation);
  const prompts = (await readOptionalJson(folder, 'prompts.json')) as { ask?: PromptTemplate } | undefined;
  return {
    ...config,
    configSha256: createHash('sha256').update(text).digest('hex'),
    prompt: checkPrompt(folder, prompts?.ask ?? defaultPrompt),
  };
}

function checkPrompt(folder: string, prompt: PromptTemplate): PromptTemplate {
  const { encoder, decoder, unsureBelow, absent } = prompt;
  const isComplete =
    typeof encoder === 'string' && typeof decoder === 'string' && encoder.includes('{document}') && decoder.includes('{question}');
  const isShare = unsureBelow === undefined || (typeof unsureBelow === 'number' && unsureBelow >= 0 && unsureBelow <= 1);
  const isSaid = absent === undefined || (typeof absent === 'string' && absent.trim() === absent && absent !== '');
  if (isComplete && isShare && isSaid && !encoder.includes('{question}'))
    return { encoder, decoder, ...(unsureBelow === undefined ? {} : { unsureBelow }), ...(absent === undefined ? {} : { absent }) };
  throw new RuntimeError({
    code: 'model-unsupported',
    message: `import ${folder}: prompts.json: ask: expected {document} in the encoder part, {question} in the decoder part, unsureBelow, if given, from 0 to 1, and absent, if given, a sentence, got ${JSON.stringify(prompt)}`,
    details: { folder, field: 'prompts.ask', value: JSON.stringify(prompt) },
  });
}

async function readOptionalJson(folder: string, file: string): Promise<unknown> {
  if (!(await fileExists(join(folder, file)))) return undefined;
  return parseJson(folder, file, await readFile(join(folder, file), 'utf8'));
}

function parseJson(folder: string, file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const problem = 'is not valid JSON';
    throw new RuntimeError({
      code: 'model-corrupt',
      message: `import ${folder}: ${file} ${problem}`,
      details: { folder, file, problem },
      cause,
    });
  }
}
