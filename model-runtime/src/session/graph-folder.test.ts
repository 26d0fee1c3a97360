/** Graphs kept as they lie in memory, over the models of the golden files. */
import { cpSync, existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goldenModel, readGolden, temporaryFolder } from '../../test/golden-case.ts';
import type { Precision } from '../contract.ts';
import { graphFiles, readManifest } from '../manifest.ts';
import { forwardPass } from '../tasks/forward.ts';
import { GraphFolder } from './graph-folder.ts';
import { GraphSession } from './graph-session.ts';

const golden = await readGolden('plain');

/** A model folder of this test's own. */
async function modelFolder(precision: Precision = 'int8'): Promise<string> {
  const folder = temporaryFolder();
  cpSync(await goldenModel('plain', precision), folder, { recursive: true });
  return folder;
}

/** The logits that the graphs give, prepared or not; each form of the document opens other graphs. */
async function logits(folder: string, graphs: GraphFolder): Promise<Float32Array[]> {
  const cached = await forwardPass(folder, golden, { graphs });
  const absorbed = await forwardPass(folder, golden, { graphs, documentForm: 'absorbed' });
  return [cached.states, cached.logits, absorbed.logits];
}

const machines = (folder: string): string[] => readdirSync(join(folder, 'prepared'));
const kept = (folder: string): string[] => readdirSync(join(folder, 'prepared', ...machines(folder))).toSorted();
const names = async (folder: string): Promise<string[]> =>
  graphFiles((await readManifest(folder)).graphs).map((file) => file.replace('.onnx', ''));

describe('GraphFolder', () => {
  it.each(['fp32', 'int8', 'int4'] as const)('S1: %s graphs that were kept give what they gave before, bit for bit', async (precision) => {
    const folder = await modelFolder(precision);
    const plain = await logits(folder, new GraphFolder(folder));
    expect(existsSync(join(folder, 'prepared'))).toBe(false);
    const graphs = new GraphFolder(folder, { keepPrepared: true });
    expect(await logits(folder, graphs)).toEqual(plain); // opened as they are, and kept
    const left = precision === 'fp32' ? ['embed'] : ['embed', 'decoder.cached', 'decoder.absorbed'];
    const keepable = (await names(folder)).filter((name) => !left.includes(name));
    expect(kept(folder)).toEqual(keepable.toSorted());
    expect(await logits(folder, graphs)).toEqual(plain); // opened from what was kept
  });

  it('S1: what was kept is what is opened', async () => {
    const folder = await modelFolder();
    const { encoderEntry } = (await readManifest(folder)).graphs;
    await (await new GraphFolder(folder, { keepPrepared: true }).open(encoderEntry)).close();
    rmSync(join(folder, encoderEntry)); // the graph itself is not needed any more
    const opened = await new GraphFolder(folder).open(encoderEntry);
    expect(opened).toBeInstanceOf(GraphSession);
    await opened.close();
  });

  it('S2: another machine or another onnxruntime makes its own in its place', async () => {
    const folder = await modelFolder();
    await logits(folder, new GraphFolder(folder, { keepPrepared: true, machine: 'old' }));
    expect(machines(folder)).toEqual(['old']);
    await logits(folder, new GraphFolder(folder, { keepPrepared: true }));
    expect(machines(folder)).toHaveLength(1);
    expect(machines(folder)).not.toEqual(['old']);
  });

  it('S3: what is damaged is made anew, what a killed process left goes', async () => {
    const folder = await modelFolder();
    const plain = await logits(folder, new GraphFolder(folder, { keepPrepared: true }));
    const [machine = ''] = machines(folder);
    const whole = kept(folder);
    for (const name of whole) truncateSync(join(folder, 'prepared', machine, name, 'weights.bin'), 100);
    cpSync(join(folder, 'prepared', machine, whole[0] ?? ''), join(folder, 'prepared', machine, 'embed.4194304-0.part'), {
      recursive: true,
    });
    expect(await logits(folder, new GraphFolder(folder, { keepPrepared: true }))).toEqual(plain);
    expect(kept(folder)).toEqual(whole);
    expect(await logits(folder, new GraphFolder(folder))).toEqual(plain);
  });

  it('S3: where nothing can be kept, the graphs open all the same', async () => {
    const folder = await modelFolder();
    writeFileSync(join(folder, 'prepared'), 'a file where a folder should be');
    const plain = await logits(folder, new GraphFolder(folder));
    expect(await logits(folder, new GraphFolder(folder, { keepPrepared: true }))).toEqual(plain);
  });

  it('I6: a graph that is missing is an error that names it, whether or not it is to be kept', async () => {
    const folder = await modelFolder();
    const { embed } = (await readManifest(folder)).graphs;
    rmSync(join(folder, embed));
    const details = { folder, file: embed };
    await expect(new GraphFolder(folder, { keepPrepared: true }).open(embed)).rejects.toMatchObject({ code: 'model-corrupt', details });
  });
});
