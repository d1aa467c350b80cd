/**
 * An allocation bitmap in the store, with the searches that Linux drivers use (lib/bitmap.c).
 */
import type { Column, RowOf, Store } from './store.ts';

export class Bitmap {
  readonly bits: number;
  private readonly words: Column;

  constructor(store: Store, bits: number, of?: RowOf) {
    this.bits = bits;
    this.words = store.column(Math.ceil(bits / 32), of);
  }

  test(bit: number): boolean {
    return (this.words.get(bit >>> 5) & (1 << (bit & 31))) !== 0;
  }

  set(bit: number, count = 1): void {
    for (let b = bit; b < bit + count; b++) {
      this.words.set(b >>> 5, this.words.get(b >>> 5) | (1 << (b & 31)));
    }
  }

  /** Clears what lies inside the map; the caller's range may reach past its end. */
  clear(bit: number, count = 1): void {
    for (let b = bit; b < Math.min(bit + count, this.bits); b++) {
      this.words.set(b >>> 5, this.words.get(b >>> 5) & ~(1 << (b & 31)));
    }
  }

  isEmpty(): boolean {
    for (let w = 0; w < this.words.length; w++) if (this.words.get(w) !== 0) return false;
    return true;
  }

  /** Bits set. */
  weight(): number {
    let n = 0;
    for (let b = 0; b < this.bits; b++) if (this.test(b)) n++;
    return n;
  }

  /**
   * bitmap_find_next_zero_area_off: the first run of `count` clear bits whose start plus `offset`
   * fits `alignMask`, below `limit`; -1 when there is none.
   */
  findZeroArea(count: number, alignMask = 0, offset = 0, limit = this.bits): number {
    let start = 0;
    for (;;) {
      start = this.nextZero(start, limit);
      start = ((start + offset + alignMask) & ~alignMask) - offset;
      if (start + count > limit) return -1;
      let bit = start;
      while (bit < start + count && !this.test(bit)) bit++;
      if (bit === start + count) return start;
      start = bit + 1;
    }
  }

  /** A full word is passed at once: two thousand vectors of one device search past one another. */
  private nextZero(from: number, limit: number): number {
    let bit = from;
    while (bit < limit && this.test(bit))
      bit += (bit & 31) === 0 && this.words.get(bit >>> 5) === -1 ? 32 : 1;
    return bit;
  }
}
