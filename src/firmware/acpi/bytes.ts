/**
 * Little-endian reads that cannot leave their bounds: each returns `undefined` beyond the end, so
 * that a decoder has to say what it makes of a table that stops too early.
 */
export class Bytes {
  readonly #view: DataView;
  readonly length: number;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.length = bytes.byteLength;
  }

  /** True when `size` bytes from `offset` on are there. */
  has(offset: number, size: number): boolean {
    return offset >= 0 && size >= 0 && offset + size <= this.length;
  }

  u8(offset: number): number | undefined {
    return this.has(offset, 1) ? this.#view.getUint8(offset) : undefined;
  }

  u16(offset: number): number | undefined {
    return this.has(offset, 2) ? this.#view.getUint16(offset, true) : undefined;
  }

  u32(offset: number): number | undefined {
    return this.has(offset, 4) ? this.#view.getUint32(offset, true) : undefined;
  }

  u64(offset: number): bigint | undefined {
    return this.has(offset, 8) ? this.#view.getBigUint64(offset, true) : undefined;
  }

  /** The bytes as Latin-1 text, up to the first NUL, the limit or the end. */
  text(offset: number, limit: number): string {
    let text = '';
    for (let at = offset; at < offset + limit; at++) {
      const code = this.u8(at);
      if (code === undefined || code === 0) break;
      text += String.fromCharCode(code);
    }
    return text;
  }
}
