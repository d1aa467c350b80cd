/**
 * The set of states that were met. Keys are two words and are stored whole: two different states are never
 * taken for one, however their hashes fall. Open addressing with linear probing; 8 bytes a slot.
 */
import { PAGE_WORDS, type WordLog } from './state-log.ts';

/** Slots filled at most, of 8. Beyond, probing gets long; below, memory is wasted. */
const FULL_EIGHTHS = 6;
export const SLOT_BYTES = 8;
/** Keys put back at a time; a page holds a whole number of batches. */
const REBUILD_BATCH = 1024;
/** 16 K keys at most, 128 KB: well within the second cache. Fewer, as many as the table's, while that is small. */
const RECENT_BITS = 14;
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
  /** Keys added lately, each where its hash says; never one that is not in the set. */
  private recent = new Int32Array(0);
  /** The keys of a batch that are not among those: which, and where the search for each starts. */
  private rest = new Int32Array(1024);
  private homes = new Int32Array(1024);
  /** Which of the keys added last are new. */
  fresh = new Int32Array(1024);
  private readonly one = new Int32Array(2);
  /** Nobody reads it; it keeps the loads of touch() from being optimised away. */
  protected warmth = 0;

  constructor(slotBits = 12) {
    this.slots = new Int32Array(2 << slotBits);
    this.shift = 32 - slotBits;
    this.forgetRecent(slotBits);
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

  /** Holds the keys of the log, whatever it held. */
  refill(keys: WordLog): void {
    this.count = 0;
    this.rebuild(this.bytesFor(keys.length / 2) / SLOT_BYTES, keys);
  }

  /**
   * Adds `count` keys from `keys[from]` on and returns how many are new; their places among the `count` are
   * then in `fresh`.
   *
   * Three loops, for the sake of the cache. The first drops keys that were added a moment ago: nearly half of all
   * successors are, because steps commute. The second does nothing but load the slots at which the other
   * searches start: those loads do not wait for one another, so the processor has many cache misses under way at
   * once, where a search per key would take them one by one. The third searches.
   */
  addAll(keys: Int32Array, from: number, count: number): number {
    if (this.homes.length < count) {
      this.homes = new Int32Array(2 * count);
      this.rest = new Int32Array(2 * count);
      this.fresh = new Int32Array(2 * count);
    }
    const { homes, rest, recent, shift } = this;
    const last = recent.length - 1;
    let left = 0;
    for (let n = 0, k = from; n < count; n++, k += 2) {
      const lo = keys[k] as number;
      const hi = keys[k + 1] as number;
      const hash = hashKey(lo, hi);
      const r = (hash >>> (31 - RECENT_BITS)) & last & ~1;
      const other = ((recent[r] as number) ^ lo) | ((recent[r + 1] as number) ^ hi);
      recent[r] = lo;
      recent[r + 1] = hi;
      rest[left] = n;
      homes[left] = (hash >>> shift) << 1;
      // 1 if it is another, without a branch: the top bit of x | -x is set unless x is 0.
      left += (other | -other) >>> 31;
    }
    this.warmth = touch(this.slots, homes, left);
    return this.insert(keys, from, left);
  }

  /** Adds one key; false if it was there. */
  add(lo: number, hi: number): boolean {
    this.one[0] = lo;
    this.one[1] = hi;
    return this.addAll(this.one, 0, 1) === 1;
  }

  has(lo: number, hi: number): boolean {
    if ((lo | hi) === 0) return this.hasZero;
    const { slots } = this;
    const last = slots.length - 1;
    for (let s = (hashKey(lo, hi) >>> this.shift) << 1; ; s = (s + 2) & last) {
      const a = slots[s] as number;
      const b = slots[s + 1] as number;
      if (a === lo && b === hi) return true;
      if ((a | b) === 0) return false;
    }
  }

  /** The hash of two zeroes is 0; the key there must be another until they come. */
  private forgetRecent(slotBits: number): void {
    this.recent = new Int32Array(2 << Math.min(slotBits, RECENT_BITS));
    this.recent[0] = 1;
  }

  /** Searches for the `left` keys in `rest`, and adds those that are new. */
  private insert(keys: Int32Array, from: number, left: number): number {
    const { homes, slots, fresh, rest } = this;
    const last = slots.length - 1;
    let added = 0;
    for (let r = 0; r < left; r++) {
      const n = rest[r] as number;
      const lo = keys[from + 2 * n] as number;
      const hi = keys[from + 2 * n + 1] as number;
      for (let s = homes[r] as number; ; s = (s + 2) & last) {
        const a = slots[s] as number;
        const b = slots[s + 1] as number;
        if (a === lo && b === hi) {
          if ((lo | hi) !== 0 || this.hasZero) break;
          this.hasZero = true;
        } else if ((a | b) !== 0) continue;
        slots[s] = lo;
        slots[s + 1] = hi;
        fresh[added++] = n;
        break;
      }
    }
    this.count += added;
    return added;
  }

  private rebuild(slots: number, keys: WordLog): void {
    this.slots = new Int32Array(0);
    this.slots = new Int32Array(2 * slots);
    this.shift = 32 - Math.log2(slots);
    this.count = 0;
    this.hasZero = false;
    this.forgetRecent(32 - this.shift);
    for (let k = 0; k < keys.length; k += 2 * REBUILD_BATCH)
      this.addAll(
        keys.page(k),
        k & (PAGE_WORDS - 1),
        Math.min(REBUILD_BATCH, (keys.length - k) / 2),
      );
  }
}

function touch(slots: Int32Array, homes: Int32Array, count: number): number {
  let sum = 0;
  for (let n = 0; n < count; n++) sum ^= slots[homes[n] as number] as number;
  return sum;
}
