/**
 * One plain pass through encoder and decoder, tensors in and tensors out: how anyone can hold Recto against the
 * reference, on any imported model.
 */
import { Decoder } from '../answering/decoder.ts';
import type { DocumentForm } from '../contract.ts';
import { RuntimeError } from '../errors.ts';
import { readManifest } from '../manifest.ts';
import { closeEncoder, openEncoder } from '../reading/encoder-sessions.ts';
import { EncoderRun } from '../reading/encoder-run.ts';
import { GraphFolder } from '../session/graph-folder.ts';
import { SafetensorsFile, sourceOf, writeSafetensors } from '../tensors/safetensors.ts';
import { floats } from '../tensors/tensor.ts';

/**
 * inputs   input_ids int64 [n], decoder_input_ids int64 [t]
 * outputs  encoder_last_hidden_state float32 [n, C], logits float32 [t, V]
 *
 * Throws 'model-corrupt' where the inputs file lacks a tensor or an id lies outside the vocabulary.
 */
export async function forward(options: { modelFolder: string; inputsPath: string; outputsPath: string }): Promise<void> {
  const inputs = await readInputs(options.inputsPath);
  const result = await forwardPass(options.modelFolder, inputs);
  await writeSafetensors(options.outputsPath, [
    sourceOf('encoder_last_hidden_state', floats(result.states, [inputs.inputIds.length, result.hiddenSize])),
    sourceOf('logits', floats(result.logits, [inputs.decoderInputIds.length, result.vocabSize])),
  ]);
}

/** The same in memory. `tileRows` (of an encoder run), `documentForm` and `graphs` (prepared): for checking that they do not matter. */
export async function forwardPass(
  modelFolder: string,
  inputs: { inputIds: readonly number[]; decoderInputIds: readonly number[] },
  options: { tileRows?: number; documentForm?: DocumentForm; graphs?: GraphFolder } = {},
): Promise<{ states: Float32Array<ArrayBuffer>; logits: Float32Array<ArrayBuffer>; hiddenSize: number; vocabSize: number }> {
  const manifest = await readManifest(modelFolder);
  const { hiddenSize, vocabSize } = manifest.sizes;
  checkIds('input_ids', inputs.inputIds, vocabSize);
  checkIds('decoder_input_ids', inputs.decoderInputIds, vocabSize);
  const { documentForm, graphs = new GraphFolder(modelFolder), ...tiles } = options;
  const encoder = await openEncoder(graphs, manifest);
  const decoder = new Decoder(graphs, manifest);
  try {
    const run = new EncoderRun(encoder, manifest, { expectedRows: inputs.inputIds.length, ...tiles });
    run.append(inputs.inputIds);
    run.end();
    while (await run.advance());
    const states = run.states();
    const document = await decoder.documentRows([{ states }], { form: documentForm });
    const ids = inputs.decoderInputIds;
    const past = decoder.newPast(ids.length);
    const logits = await decoder.step({ ids, positions: [...ids.keys()], texts: ids.map(() => 0) }, { document, past }, [...ids.keys()]);
    return { states, logits, hiddenSize, vocabSize };
  } finally {
    await closeEncoder(encoder);
    await decoder.close();
  }
}

async function readInputs(path: string): Promise<{ inputIds: number[]; decoderInputIds: number[] }> {
  const file = await SafetensorsFile.open(path);
  try {
    if (file.entries.has('pixel_values')) {
      throw new RuntimeError({
        code: 'model-unsupported',
        message: `forward ${path}: pixel_values: the vision tower does not run yet`,
        details: { folder: path, field: 'pixel_values', value: 'present' },
      });
    }
    const read = async (name: string): Promise<number[]> => Array.from(await file.readIntegers(name), Number);
    return { inputIds: await read('input_ids'), decoderInputIds: await read('decoder_input_ids') };
  } finally {
    await file.close();
  }
}

function checkIds(name: string, ids: readonly number[], vocabSize: number): void {
  const wrong = ids.find((id) => id < 0 || id >= vocabSize);
  if (ids.length > 0 && wrong === undefined) return;
  const problem = ids.length === 0 ? 'is empty' : `holds ${wrong}, expected 0 to ${vocabSize - 1}`;
  throw new RuntimeError({ code: 'request-invalid', message: `forward: ${name} ${problem}`, details: { problem: `${name} ${problem}` } });
}
