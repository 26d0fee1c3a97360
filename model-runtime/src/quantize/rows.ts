/**
 * Eight-bit weights with one float32 scale an output, turned so that inputs run down: the layout of MatMulIntegerToFloat.
 * Whole numbers from -127 to 127, round to nearest.
 */

/** A matrix under quantisation: rows (outputs) are added in runs; the whole of it is held, a byte a weight. */
export class Int8Rows {
  readonly #outputs: number;
  readonly #inputs: number;
  /** [inputs, outputs]. */
  readonly values: Int8Array<ArrayBuffer>;
  /** [outputs]: weight = value * scale, |error| <= scale / 2, scale = max |row| / 127. */
  readonly scales: Float32Array<ArrayBuffer>;
  #added = 0;

  constructor(outputs: number, inputs: number) {
    this.#outputs = outputs;
    this.#inputs = inputs;
    this.values = new Int8Array(outputs * inputs);
    this.scales = new Float32Array(outputs);
  }

  /** Adds rows of the matrix as the checkpoint has it. run [n, inputs] float32. */
  add(run: Float32Array): void {
    for (let start = 0; start < run.length; start += this.#inputs) {
      const row = run.subarray(start, start + this.#inputs);
      let largest = 0;
      for (const value of row) largest = Math.max(largest, Math.abs(value));
      const scale = Math.fround(largest / 127);
      const inverse = scale === 0 ? 0 : 1 / scale;
      this.scales[this.#added] = scale;
      for (let i = 0; i < row.length; i++) this.values[i * this.#outputs + this.#added] = Math.round((row[i] ?? 0) * inverse);
      this.#added++;
    }
  }
}
