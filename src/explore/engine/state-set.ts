/**
 * The set of states that were met. Keys are two words and are stored whole: two different states are never
 * taken for one, however their hashes fall. Open addressing with linear probing; 8 bytes a slot.
 */
import { PAGE_WORDS, type WordLog } from './state-log.ts';

/** Slots filled at most, of 8. Beyond, probing gets long; below, memory is wasted. */
const FULL_EIGHTHS = 6;
export const SLOT_BYTES = 8;
/** Words of the largest table: what one Int32Array can hold, 2^31 slots being out of reach anyway. */
const MOST_SLOTS = 2 ** 30;

/** Spreads the keys, which differ in few bits, over the table. The slot is taken from the top bits. */
export function hashKey(lo: number, hi: number): number {
  let h = Math.imul(lo, 0x9e37_79b1) ^ Math.imul(hi ^ (hi >>> 15), 0x85eb_ca77);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b_3c6d);
  return Math.imul(h ^ (h >>> 13), 0x297a_2d39);
}

export class StateSet {
  /** Pairs of words; a pair of zeroes is free. */
  slots: Int32Array;
  count = 0;
  private shift: number;
  /** The key of two zeroes cannot be told from a free slot. */
  private hasZero = false;

  constructor(slotBits = 12) {
    this.slots = new Int32Array(2 << slotBits);
    this.shift = 32 - slotBits;
  }

  get bytes(): number {
    return 4 * this.slots.length;
  }

  /** Bytes that the table will have when `more` keys came in. 0: more than a table can hold. */
  bytesFor(more: number): number {
    let slots = this.slots.length / 2;
    while ((this.count + more) * 8 > slots * FULL_EIGHTHS) slots *= 2;
    return slots > MOST_SLOTS ? 0 : slots * SLOT_BYTES;
  }

  /** Makes room for `more` keys. The log holds every key so far, so the old table can go before the new one comes. */
  reserve(more: number, keys: WordLog): void {
    const bytes = this.bytesFor(more);
    if (bytes > this.bytes) this.rebuild(bytes / SLOT_BYTES, keys);
  }

  /** Word index of the slot at which the search for a key starts. */
  home(lo: number, hi: number): number {
    return (hashKey(lo, hi) >>> this.shift) << 1;
  }

  /** Adds a key; false if it was there. */
  add(lo: number, hi: number): boolean {
    return this.addAt(this.home(lo, hi), lo, hi);
  }

  /** As add, where the caller worked out home(lo, hi) before. */
  addAt(home: number, lo: number, hi: number): boolean {
    const { slots } = this;
    const last = slots.length - 1;
    for (let s = home; ; s = (s + 2) & last) {
      const a = slots[s] as number;
      const b = slots[s + 1] as number;
      if (a === lo && b === hi) return (lo | hi) === 0 && this.addZero();
      if ((a | b) === 0) {
        slots[s] = lo;
        slots[s + 1] = hi;
        this.count++;
        return true;
      }
    }
  }

  has(lo: number, hi: number): boolean {
    if ((lo | hi) === 0) return this.hasZero;
    const { slots } = this;
    const last = slots.length - 1;
    for (let s = this.home(lo, hi); ; s = (s + 2) & last) {
      const a = slots[s] as number;
      const b = slots[s + 1] as number;
      if (a === lo && b === hi) return true;
      if ((a | b) === 0) return false;
    }
  }

  private addZero(): boolean {
    if (this.hasZero) return false;
    this.hasZero = true;
    this.count++;
    return true;
  }

  private rebuild(slots: number, keys: WordLog): void {
    this.slots = new Int32Array(0);
    this.slots = new Int32Array(2 * slots);
    this.shift = 32 - Math.log2(slots);
    this.count = 0;
    this.hasZero = false;
    for (let k = 0; k < keys.length; k += 2) {
      const page = keys.page(k);
      const at = k & (PAGE_WORDS - 1);
      this.add(page[at] as number, page[at + 1] as number);
    }
  }
}
