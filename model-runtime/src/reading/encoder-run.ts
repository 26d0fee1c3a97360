/**
 * One document going through the encoder, layer by layer over tiles of rows.
 *
 * Rows are appended as pages are parsed; `advance` runs one tile of one layer, the deepest that can run. A sliding
 * layer's tile needs only its neighbourhood, so the layers before the first full one run while later pages are still
 * being parsed; a full layer waits for the last row. Numbers do not depend on when rows came or how tiles fall (SPEC
 * E5, E6). What runs: t5gemma2/encoder.ts.
 *
 * Memory: one row of hidden states a token, queries, keys and values of the whole document for at most two full layers
 * at a time, and of a few tiles for every sliding layer.
 */
import { invariant } from '../errors.ts';
import type { Manifest } from '../manifest.ts';
import { integers } from '../tensors/tensor.ts';
import { addWork, noWork, tileWork } from './cost.ts';
import type { Work } from './cost.ts';
import type { EncoderSessions } from './encoder-sessions.ts';
import { RowStore } from './row-store.ts';
import type { EncoderSnapshot } from './encoder-snapshot.ts';

/** Rows in one run: long enough for the matrix products' best speed, short enough to be cancelled within half a second. */
const defaultTileRows = 1024;

/** The queries, keys and values that wait for a layer. */
interface Waiting {
  q: RowStore;
  k: RowStore;
  v: RowStore;
  /** Rows that have been through this layer. */
  done: number;
}

/** See the file's head. */
export class EncoderRun {
  readonly #sessions: EncoderSessions;
  readonly #manifest: Manifest;
  readonly #tileRows: number;
  readonly #expectedRows: number;
  readonly #ids: number[] = [];
  /** Each row as deep as it has got; the encoder's states once it is through. */
  readonly #hidden: RowStore;
  /** By layer; null before the first row comes and after the last is through. */
  readonly #waiting: (Waiting | null)[];
  #entered = 0;
  /** Rows that are through every layer. */
  #finished = 0;
  #isEnded = false;
  #work = noWork;

  /** `expectedRows` sizes the stores; more rows than that are taken too. `tileRows` is a multiple of the sliding blocks' rows. */
  constructor(sessions: EncoderSessions, manifest: Manifest, options: { expectedRows?: number; tileRows?: number } = {}) {
    this.#sessions = sessions;
    this.#manifest = manifest;
    this.#tileRows = options.tileRows ?? defaultTileRows;
    invariant(this.#tileRows % manifest.slidingBlocks.rows === 0, `tiles of whole blocks of ${manifest.slidingBlocks.rows}`);
    this.#expectedRows = options.expectedRows ?? this.#tileRows;
    this.#hidden = new RowStore({ width: manifest.sizes.hiddenSize, capacityRows: this.#expectedRows });
    this.#waiting = manifest.sizes.encoder.layerTypes.map(() => null);
  }

  /** Rows appended so far. */
  get rows(): number {
    return this.#ids.length;
  }

  /** What has been computed so far. */
  get work(): Work {
    return this.#work;
  }

  /** Whether rows have entered: then it can no longer go on where another stood. */
  get hasBegun(): boolean {
    return this.#entered > 0;
  }

  /** Adds tokens at the end of the document. */
  append(ids: readonly number[]): void {
    invariant(!this.#isEnded, 'nothing is appended after the end');
    for (const id of ids) this.#ids.push(id);
  }

  /** No more tokens will come: layers that need the whole document may run. */
  end(): void {
    this.#isEnded = true;
  }

  /** Runs one tile, if any can run now. Returns whether one did. */
  async advance(): Promise<boolean> {
    for (let layer = this.#waiting.length - 1; layer >= 0; layer--) {
      const tile = this.#readyTile(layer);
      if (tile !== undefined) {
        await this.#runLayer(layer, tile);
        return true;
      }
    }
    const pending = this.#ids.length - this.#entered;
    if (pending === 0 || (pending < this.#tileRows && !this.#isEnded)) return false;
    await this.#enter(Math.min(this.#ids.length, this.#entered + this.#tileRows));
    return true;
  }

  /** The encoder's last hidden states [S, C], once every row is through. */
  states(): Float32Array<ArrayBuffer> {
    invariant(this.#isEnded && this.#finished === this.#ids.length, 'the document is through the encoder');
    return this.#hidden.view(0, this.#finished).data;
  }

  /** Where the run stands, over its own memory: to be used before it goes on. See encoder-snapshot.ts. */
  snapshot(): EncoderSnapshot {
    const layers = this.#waiting.flatMap((waiting, layer) => {
      if (waiting === null) return [];
      const { q, k, v, done } = waiting;
      const rows = (store: RowStore): EncoderSnapshot['hidden'] => ({ first: store.first, rows: store.held() });
      return [{ layer, done, q: rows(q), k: rows(k), v: rows(v) }];
    });
    const hidden = { first: 0, rows: this.#hidden.held() };
    return { entered: this.#entered, finished: this.#finished, work: this.#work, hidden, layers };
  }

  /** Goes on where another run over the same ids stood. Called before anything is run; the ids may come before or after. */
  restore(snapshot: EncoderSnapshot): void {
    invariant(!this.hasBegun, 'restores a run that has not begun');
    this.#entered = snapshot.entered;
    this.#finished = snapshot.finished;
    this.#work = snapshot.work;
    this.#hidden.restore(0, snapshot.hidden.rows.data);
    for (const { layer, done, q, k, v } of snapshot.layers) {
      const waiting = this.#newWaiting(layer);
      waiting.q.restore(q.first, q.rows.data);
      waiting.k.restore(k.first, k.rows.data);
      waiting.v.restore(v.first, v.rows.data);
      waiting.done = done;
      this.#waiting[layer] = waiting;
    }
  }

  /** The rows that layer `layer` can take now: whole tiles, or what is left once the document has ended. */
  #readyTile(layer: number): { from: number; to: number } | undefined {
    const waiting = this.#waiting[layer];
    if (!waiting) return undefined;
    const there = waiting.k.rows;
    const isComplete = this.#isEnded && there === this.#ids.length;
    const from = waiting.done;
    const to = Math.min(from + this.#tileRows, there);
    if (to === from) return undefined;
    if (isComplete) return { from, to };
    if (this.#manifest.sizes.encoder.layerTypes[layer] === 'full_attention') return undefined;
    const { rows, after } = this.#manifest.slidingBlocks;
    return to === from + this.#tileRows && there >= to + after * rows ? { from, to } : undefined;
  }

  async #enter(to: number): Promise<void> {
    const from = this.#entered;
    const embedded = await this.#sessions.embed.run({ ids: integers(this.#ids.slice(from, to)) });
    this.#hidden.append(embedded.floats('hidden'));
    const projected = await this.#sessions.entry.run({ hidden: this.#hidden.view(from, to), first: integers([from]) });
    this.#keep(0, projected);
    this.#entered = to;
  }

  async #runLayer(layer: number, { from, to }: { from: number; to: number }): Promise<void> {
    const waiting = this.#waiting[layer];
    const session = this.#sessions.layers[layer];
    invariant(waiting && session, `layer ${layer} has rows waiting`);
    const sizes = this.#manifest.sizes.encoder;
    const isSliding = sizes.layerTypes[layer] === 'sliding_attention';
    const common = { hidden: this.#hidden.view(from, to), first: integers([from]) };
    const outputs = await session.run(
      isSliding
        ? { ...common, ...this.#slidingViews(waiting, from, to), length: integers([this.#ids.length]) }
        : { ...common, q: waiting.q.view(from, to), k: waiting.k.view(0, waiting.k.rows), v: waiting.v.view(0, waiting.v.rows) },
    );
    waiting.done = to;
    if (layer + 1 === this.#waiting.length) {
      this.#hidden.overwrite(from, outputs.floats('states'));
      this.#finished = to;
    } else {
      this.#hidden.overwrite(from, outputs.floats('hidden_out'));
      this.#keep(layer + 1, outputs);
    }
    if (this.#isEnded && to === this.#ids.length) this.#waiting[layer] = null;
    else if (isSliding) this.#forget(waiting);
    this.#work = addWork(this.#work, tileWork(this.#manifest.sizes, layer, { rows: to - from, documentRows: waiting.k.rows }));
  }

  /** Whole blocks: the tile's queries padded at the end, keys and values with their neighbours. */
  #slidingViews(waiting: Waiting, from: number, to: number): Record<'q' | 'k' | 'v', ReturnType<RowStore['view']>> {
    const { rows, before, after } = this.#manifest.slidingBlocks;
    const end = from + Math.ceil((to - from) / rows) * rows;
    const keys: [number, number] = [from - before * rows, end + after * rows];
    return { q: waiting.q.view(from, end), k: waiting.k.view(...keys), v: waiting.v.view(...keys) };
  }

  /** What no later tile of a sliding layer looks at. */
  #forget({ q, k, v, done }: Waiting): void {
    const { rows, before } = this.#manifest.slidingBlocks;
    q.forget(done);
    k.forget(done - before * rows);
    v.forget(done - before * rows);
  }

  #keep(layer: number, outputs: { floats(name: string): Float32Array }): void {
    const waiting = (this.#waiting[layer] ??= this.#newWaiting(layer));
    waiting.q.append(outputs.floats('q_out'));
    waiting.k.append(outputs.floats('k_out'));
    waiting.v.append(outputs.floats('v_out'));
  }

  #newWaiting(layer: number): Waiting {
    const { heads, kvHeads, headDim, layerTypes } = this.#manifest.sizes.encoder;
    const { rows, before, after } = this.#manifest.slidingBlocks;
    const capacityRows = layerTypes[layer] === 'full_attention' ? this.#expectedRows : Math.min(this.#expectedRows, 4 * this.#tileRows);
    const padding = { capacityRows, paddingBefore: before * rows, paddingAfter: (after + 1) * rows };
    return {
      q: new RowStore({ width: heads * headDim, capacityRows, paddingAfter: rows }),
      k: new RowStore({ width: kvHeads * headDim, ...padding }),
      v: new RowStore({ width: kvHeads * headDim, ...padding }),
      done: 0,
    };
  }
}
