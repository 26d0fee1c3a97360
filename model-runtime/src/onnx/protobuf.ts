/**
 * Writing protocol buffers by hand: varints, length-delimited fields, and nothing else that ONNX needs.
 *
 * Source: Protocol Buffers encoding, proto3 (wire types 0 varint, 2 length-delimited, 5 fixed 32-bit).
 */

/** A message under construction. Fields are written in call order; an absent value is simply not written. */
export class MessageWriter {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  /** An integer field (int32, int64, enum, bool), wire type 0. Negative numbers take ten bytes, as the encoding demands. */
  integer(field: number, value: number | bigint): this {
    this.#varint(field << 3);
    this.#varint(value);
    return this;
  }

  /** A float field, wire type 5. */
  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    const bytes = new DataView(new ArrayBuffer(4));
    bytes.setFloat32(0, value, true);
    return this.#push(new Uint8Array(bytes.buffer));
  }

  /** A bytes, string or nested-message field, wire type 2. */
  bytes(field: number, value: string | Uint8Array | MessageWriter): this {
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value instanceof MessageWriter ? value.finish() : value;
    this.#varint((field << 3) | 2);
    this.#varint(bytes.length);
    return this.#push(bytes);
  }

  /** A packed repeated integer field, wire type 2. */
  packed(field: number, values: readonly (number | bigint)[]): this {
    const inner = new MessageWriter();
    for (const value of values) inner.#varint(value);
    return this.bytes(field, inner);
  }

  /** The message's bytes. */
  finish(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#size);
    let offset = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, offset);
      offset += chunk.length;
    }
    return whole;
  }

  #varint(value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      bytes.push(rest === 0n ? low : low | 0x80);
    } while (rest !== 0n);
    this.#push(Uint8Array.from(bytes));
  }

  #push(chunk: Uint8Array): this {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    return this;
  }
}
