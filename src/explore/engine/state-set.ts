/**
 * The set of states that were met. Keys are two words and are stored whole: two different states
 * are never taken for one, however their hashes fall. Open addressing; 8 bytes a slot. A search
 * goes once round the cache line in which it begins, and only then to the next.
 */
import { GrowingWords } from './growing-words.ts';
import { PAGE_WORDS, type WordLog } from './state-log.ts';

/** Slots filled at most, of 8. Beyond, probing gets long; below, memory is wasted. */
const FULL_EIGHTHS = 6;
export const SLOT_BYTES = 8;
/** Of a cache line. */
const LINE_WORDS = 16;
/** Keys put in at a time from a log; a page holds a whole number of batches. */
const REFILL_BATCH = 1024;
/**
 * 16 K keys at most, 128 KB: well within the second cache. Fewer, as many as the table's, while
 * that is small.
 */
const RECENT_BITS = 14;
/**
 * Words of the largest table: what one Int32Array can hold, 2^31 slots being out of reach anyway.
 */
const MOST_SLOTS = 2 ** 30;

/**
 * Spreads the keys, which differ in few bits, over the table. The slot is taken from the low bits.
 */
export function hashKey(lo: number, hi: number): number {
  let h = Math.imul(lo, 0x9e37_79b1) ^ Math.imul(hi ^ (hi >>> 15), 0x85eb_ca77);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b_3c6d);
  return Math.imul(h ^ (h >>> 13), 0x297a_2d39);
}

export class StateSet {
  count = 0;
  /** Pairs of words; a pair of zeroes is free. */
  private readonly table: GrowingWords;
  /** The key of two zeroes cannot be told from a free slot. */
  private hasZero = false;
  /** Keys added lately, each where its hash says; never one that is not in the set. */
  private recent = new Int32Array(0);
  /** The keys of a batch that are not among those: which, and where the search for each starts. */
  private rest = new Int32Array(1024);
  private homes = new Int32Array(1024);
  /** Which of the keys added last are new, in order, and how many. */
  fresh = new Int32Array(1024);
  private added = 0;
  private readonly one = new Int32Array(2);
  /** Nobody reads it; it keeps the loads of touch() from being optimised away. */
  protected warmth = 0;

  constructor(slotBits = 12) {
    this.table = new GrowingWords(2 << slotBits);
    this.forgetRecent();
  }

  get bytes(): number {
    return 4 * this.table.words.length;
  }

  /** Bytes that the table will have when `more` keys came in. 0: more than a table can hold. */
  bytesFor(more: number): number {
    let slots = this.table.words.length / 2;
    while ((this.count + more) * 8 > slots * FULL_EIGHTHS) slots *= 2;
    return slots > MOST_SLOTS ? 0 : slots * SLOT_BYTES;
  }

  /** Makes room for `more` keys. */
  reserve(more: number): void {
    const wanted = this.bytesFor(more);
    while (this.bytes < wanted) this.double();
  }

  /** Holds the keys of the log, beside what it held. */
  refill(keys: WordLog): void {
    this.reserve(keys.length / 2);
    for (let k = 0; k < keys.length; k += 2 * REFILL_BATCH) {
      const count = Math.min(REFILL_BATCH, (keys.length - k) / 2);
      this.addAll(keys.page(k), k & (PAGE_WORDS - 1), count);
    }
  }

  /**
   * Adds `count` keys from `keys[from]` on and returns how many are new; their places among the
   * `count` are then in `fresh`.
   *
   * Four loops, for the sake of the cache. The first drops keys that were added a moment ago: more
   * than half of all successors are, because steps commute. The second does nothing but load the
   * slots at which the other searches start: those loads do not wait for one another, so the
   * processor has many cache misses under way at once, where a search per key would take them one
   * by one. The third drops the keys that are in those slots, without a branch that would be
   * guessed wrong half of the time. The fourth searches their cache line. The searches that have to
   * go on to the next line do so together, again after a loop of loads.
   */
  addAll(keys: Int32Array, from: number, count: number): number {
    if (this.homes.length < count) {
      this.homes = new Int32Array(2 * count);
      this.rest = new Int32Array(2 * count);
      this.fresh = new Int32Array(2 * count);
    }
    const { homes, rest, recent } = this;
    const slots = this.table.words;
    const last = recent.length - 1;
    const lastSlot = slots.length - 1;
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
      homes[left] = (hash << 1) & lastSlot;
      // 1 if it is another, without a branch: the top bit of x | -x is set unless x is 0.
      left += (other | -other) >>> 31;
    }
    this.warmth = touch(slots, homes, left);
    left = this.searchLines(keys, from, this.dropPresent(keys, from, left), 0);
    let added = this.added;
    while (left > 0) {
      this.warmth = touch(slots, homes, left);
      left = this.searchLines(keys, from, left, added);
      mergeRuns(this.fresh, added, this.added);
      added = this.added;
    }
    this.count += added;
    return added;
  }

  /** Adds one key; false if it was there. */
  add(lo: number, hi: number): boolean {
    this.one[0] = lo;
    this.one[1] = hi;
    return this.addAll(this.one, 0, 1) === 1;
  }

  has(lo: number, hi: number): boolean {
    if ((lo | hi) === 0) return this.hasZero;
    const slots = this.table.words;
    const last = slots.length - 1;
    const home = (hashKey(lo, hi) << 1) & last;
    for (let s = home; ; s = next(s, home, last)) {
      const a = slots[s] as number;
      const b = slots[s + 1] as number;
      if (a === lo && b === hi) return true;
      if ((a | b) === 0) return false;
    }
  }

  /** The hash of two zeroes is 0; the key there must be another until they come. */
  private forgetRecent(): void {
    this.recent = new Int32Array(Math.min(this.table.words.length, 2 << RECENT_BITS));
    this.recent[0] = 1;
  }

  /** Of the `left` keys in `rest`, keeps those that are not where their search starts. */
  private dropPresent(keys: Int32Array, from: number, left: number): number {
    const { homes, rest } = this;
    const slots = this.table.words;
    // A free slot looks like the key of two zeroes; until that has come, all are kept.
    const all = this.hasZero ? 0 : 1;
    let kept = 0;
    for (let r = 0; r < left; r++) {
      const n = rest[r] as number;
      const home = homes[r] as number;
      const k = from + 2 * n;
      const lo = (slots[home] as number) ^ (keys[k] as number);
      const hi = (slots[home + 1] as number) ^ (keys[k + 1] as number);
      const other = lo | hi | all;
      rest[kept] = n;
      homes[kept] = home;
      kept += (other | -other) >>> 31;
    }
    return kept;
  }

  /**
   * Searches for the `left` keys in `rest`, each in the line of its home, and adds those that are
   * new behind the first `known` in `fresh`. Returns how many have to be searched for in the next
   * line: a full one has neither them nor room. Equal keys of a batch stay in step, so that the
   * first of them is the one that is new.
   */
  private searchLines(keys: Int32Array, from: number, left: number, known: number): number {
    const { homes, fresh, rest } = this;
    const slots = this.table.words;
    const last = slots.length - 1;
    let added = known;
    let farther = 0;
    for (let r = 0; r < left; r++) {
      const n = rest[r] as number;
      const lo = keys[from + 2 * n] as number;
      const hi = keys[from + 2 * n + 1] as number;
      const home = homes[r] as number;
      for (let s = home; ;) {
        const a = slots[s] as number;
        const b = slots[s + 1] as number;
        if (a === lo && b === hi) {
          if ((lo | hi) !== 0 || this.hasZero) break;
          this.hasZero = true;
        } else if ((a | b) !== 0) {
          s = nextInLine(s);
          if (s !== home) continue;
          rest[farther] = n;
          homes[farther++] = (home + LINE_WORDS) & last;
          break;
        }
        slots[s] = lo;
        slots[s + 1] = hi;
        fresh[added++] = n;
        break;
      }
    }
    this.added = added;
    return farther;
  }

  /**
   * Doubles the table where it is. The hash has one bit more to say, so that a key belongs to its
   * line or to the same one of the new half. Lines are emptied one after another, and their keys
   * put in again. No search may pass a line that is yet to be emptied; none does if the line before
   * the first one has a free slot: then the keys of each line belong to it or to lines emptied
   * before, and there are never more of them than room there.
   */
  private double(): void {
    const half = this.table.words.length;
    this.table.enlarge(2 * half);
    const slots = this.table.words;
    const line = new Int32Array(LINE_WORDS);
    const first = afterFree(slots);
    for (let n = 0; n < half; n += LINE_WORDS) {
      const at = (first + n) & (half - 1);
      for (let w = 0; w < LINE_WORDS; w++) {
        line[w] = slots[at + w] as number;
        slots[at + w] = 0;
      }
      for (let w = 0; w < LINE_WORDS; w += 2)
        if (((line[w] as number) | (line[w + 1] as number)) !== 0)
          put(slots, line[w] as number, line[w + 1] as number);
    }
    this.forgetRecent();
  }
}

/** Where the line begins that comes after the first one with a free slot. */
function afterFree(slots: Int32Array): number {
  let s = 0;
  while (((slots[s] as number) | (slots[s + 1] as number)) !== 0) s += 2;
  return (s & -LINE_WORDS) + LINE_WORDS;
}

/** Puts in a key that is not there. */
function put(slots: Int32Array, lo: number, hi: number): void {
  const last = slots.length - 1;
  const home = (hashKey(lo, hi) << 1) & last;
  let s = home;
  while (((slots[s] as number) | (slots[s + 1] as number)) !== 0) s = next(s, home, last);
  slots[s] = lo;
  slots[s + 1] = hi;
}

/**
 * The slot after `s` in a search that began at `home`: in each line, it begins at the same place
 * and goes round.
 */
function next(s: number, home: number, last: number): number {
  const t = nextInLine(s);
  return ((t ^ home) & (LINE_WORDS - 1)) === 0 ? (t + LINE_WORDS) & last : t;
}

const nextInLine = (s: number): number => (s & -LINE_WORDS) | ((s + 2) & (LINE_WORDS - 1));

/**
 * Brings the numbers before `end` in order, of which those before `middle` and those from there on
 * are.
 */
function mergeRuns(numbers: Int32Array, middle: number, end: number): void {
  for (let n = middle; n < end; n++) {
    const number = numbers[n] as number;
    let m = n;
    for (; m > 0 && (numbers[m - 1] as number) > number; m--) numbers[m] = numbers[m - 1] as number;
    numbers[m] = number;
  }
}

/** Four at a time: fewer instructions between the loads, so that more of them are under way. */
function touch(slots: Int32Array, homes: Int32Array, count: number): number {
  let sum = 0;
  let n = 0;
  for (; n <= count - 4; n += 4)
    sum ^=
      (slots[homes[n] as number] as number) ^
      (slots[homes[n + 1] as number] as number) ^
      (slots[homes[n + 2] as number] as number) ^
      (slots[homes[n + 3] as number] as number);
  for (; n < count; n++) sum ^= slots[homes[n] as number] as number;
  return sum;
}
