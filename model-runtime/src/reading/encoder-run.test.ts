import { afterAll, describe, expect, it } from 'vitest';
import { goldenModel, readGolden } from '../../test/golden-case.ts';
import { invariant } from '../errors.ts';
import { readManifest } from '../manifest.ts';
import { GraphFolder } from '../session/graph-folder.ts';
import { floats } from '../tensors/tensor.ts';
import { EncoderRun } from './encoder-run.ts';
import { closeEncoder, openEncoder } from './encoder-sessions.ts';
import { putTogether, takeApart } from './encoder-snapshot.ts';
import type { EncoderSnapshot, HeldRows } from './encoder-snapshot.ts';

const folder = await goldenModel('window');
const manifest = await readManifest(folder);
const sessions = await openEncoder(new GraphFolder(folder), manifest);
const { inputIds } = await readGolden('window');
afterAll(() => closeEncoder(sessions));

const newRun = (): EncoderRun => new EncoderRun(sessions, manifest, { tileRows: 16 });

async function finish(run: EncoderRun): Promise<Float32Array> {
  while (await run.advance());
  return run.states();
}

const bytesOf = (values: Float32Array): Buffer => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

/** A snapshot as it comes back from disk: its own memory. */
function kept(snapshot: EncoderSnapshot): EncoderSnapshot {
  const { outline, tensors } = takeApart(snapshot);
  const copies = new Map([...tensors].map(([name, { data, shape }]) => [name, floats(data.slice(), shape)]));
  const together = putTogether(JSON.parse(JSON.stringify(outline)), copies);
  invariant(together !== undefined, 'the parts belong together');
  return together;
}

describe('EncoderRun', () => {
  it('E8: a run that goes on from a snapshot, taken after any tile, gives the same states bit for bit', async () => {
    const whole = newRun();
    whole.append(inputIds);
    whole.end();
    const snapshots: EncoderSnapshot[] = [kept(whole.snapshot())];
    while (await whole.advance()) snapshots.push(kept(whole.snapshot()));
    const expected = whole.states();
    expect(snapshots.length).toBeGreaterThan(50);
    for (const [tile, snapshot] of snapshots.entries()) {
      if (tile % 4 !== 0 && tile !== snapshots.length - 1) continue;
      const run = newRun();
      run.restore(snapshot);
      run.append(inputIds);
      run.end();
      expect(run.work).toEqual(snapshot.work);
      expect(bytesOf(await finish(run)).equals(bytesOf(expected)), `after tile ${tile}`).toBe(true);
      expect(run.work).toEqual(whole.work);
    }
  });

  it('E8: also from the middle of a document whose later rows were not there yet', async () => {
    const first = newRun();
    first.append(inputIds.slice(0, 90));
    while (await first.advance());
    const run = newRun();
    run.restore(kept(first.snapshot()));
    run.append(inputIds);
    run.end();
    const whole = newRun();
    whole.append(inputIds);
    whole.end();
    expect(await finish(run)).toEqual(await finish(whole));
  });

  it('a sliding layer holds a few tiles, however long the document', async () => {
    const run = newRun();
    for (let round = 0; round < 12; round++) {
      run.append(inputIds);
      while (await run.advance());
    }
    const isFull = (layer: number): boolean => manifest.sizes.encoder.layerTypes[layer] === 'full_attention';
    const { layers } = run.snapshot();
    const rowsHeld = (held: HeldRows): number => held.rows.shape[0] ?? 0;
    const full = layers.filter(({ layer }) => isFull(layer)).map(({ k }) => rowsHeld(k));
    const sliding = layers.filter(({ layer }) => !isFull(layer)).map(({ q, k }) => Math.max(rowsHeld(q), rowsHeld(k)));
    expect(Math.min(...full)).toBeGreaterThan(1500);
    expect(sliding.length).toBeGreaterThan(0);
    expect(Math.max(...sliding)).toBeLessThan(8 * 16);
  });
});
