/**
 * Recto's greedy ids against those of a golden case, as one JSON line in the shape of the peers' `tokens` rows: what
 * model-runtime/test/parity.test.ts asserts, as a figure. Run by compare.ts, in a process of its own.
 *
 *   node bench/golden-tokens.ts fp32|int8|int4 CASE
 */
import { Decoder } from '../model-runtime/src/answering/decoder.ts';
import { generate } from '../model-runtime/src/answering/generate.ts';
import type { Precision } from '../model-runtime/src/contract.ts';
import { readManifest } from '../model-runtime/src/manifest.ts';
import { GraphFolder } from '../model-runtime/src/session/graph-folder.ts';
import { forwardPass } from '../model-runtime/src/tasks/forward.ts';
import { goldenModel, goldenNames, readGolden } from '../model-runtime/test/golden-case.ts';
import type { GoldenName } from '../model-runtime/test/golden-case.ts';

const precisions: readonly Precision[] = ['fp32', 'int8', 'int4'];
const precision = precisions.find((known) => known === process.argv[2]);
const name = goldenNames.find((known) => known === process.argv[3]);
if (precision === undefined || name === undefined) throw new Error('wanted: node bench/golden-tokens.ts fp32|int8|int4 CASE');
const { greedyIds } = await readGolden(name);
const firstDifference = firstDifferenceOf(greedyIds, await greedyIdsOf(name, precision, greedyIds.length));
console.log(
  JSON.stringify({ row: 'tokens', case: name, form: precision, equal: firstDifference === null, first_difference: firstDifference }),
);

/** Greedy ids after <bos>, end tokens written like any other. */
async function greedyIdsOf(golden: GoldenName, form: Precision, count: number): Promise<number[]> {
  const folder = await goldenModel(golden, form);
  const manifest = await readManifest(folder);
  const { inputIds } = await readGolden(golden);
  const { states } = await forwardPass(folder, { inputIds, decoderInputIds: [manifest.tokens.bos] });
  const decoder = new Decoder(new GraphFolder(folder), manifest);
  try {
    const document = await decoder.documentRows([{ states }]);
    const written: number[] = [];
    const endless = { prompts: [[manifest.tokens.bos]], document, tokens: { ...manifest.tokens, eos: [] }, maxTokens: count };
    for await (const { ids } of generate(decoder, endless)) written.push(...ids);
    return written;
  } finally {
    await decoder.close();
  }
}

/** The index at which two texts part; null where they are equal. */
function firstDifferenceOf(golden: readonly number[], ours: readonly number[]): number | null {
  const index = golden.findIndex((id, index) => id !== ours[index]);
  return index === -1 ? null : index;
}
