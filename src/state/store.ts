/**
 * One flat store for all mutable state of a machine.
 *
 * Everything that can change lives in one Int32Array, so that a snapshot is a copy, undo is a
 * journal and a state's identity is its words. Parts of the machine ask for columns while the store
 * is being laid out; `seal()` then allocates the words. After that nothing allocates.
 */

/** Rounds of a 32-bit finaliser (Murmur3); enough to spread (index, value) pairs over the hash. */
function mix(index: number, value: number): number {
  let h = Math.imul(index + 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(value, 0xc2b2_ae35);
  h = Math.imul(h ^ (h >>> 16), 0x7feb_352d);
  h = Math.imul(h ^ (h >>> 15), 0x846c_a68b);
  return h ^ (h >>> 16);
}

/**
 * `operation`: number + 1 of an operation of the thread's plan. `cpuMask`: bit per CPU. `address`:
 * the low word of an address, which may lie in a CPU's doorbell page.
 */
export type Held =
  | 'device'
  | 'vector'
  | 'vectorPlus1'
  | 'threadPlus1'
  | 'operation'
  | 'cpuPlus1'
  | 'cpuMask'
  | 'address';

/**
 * What a row of a column is part of, for whoever asks which steps can interfere (partial-order
 * reduction) or which rows may be renamed. A column that does not say is taken to be part of
 * everything.
 */
export interface RowOf {
  /** Columns that the same steps use. */
  readonly part: string;
  /** What a row belongs to; left out: the machine as a whole. -1: that cannot be said. */
  readonly device?: (row: number) => number;
  readonly vector?: (row: number) => number | undefined;
  readonly cpu?: (row: number) => number;
  /** An MSI controller. */
  readonly controller?: number;
  readonly domain?: (row: number) => number;
  readonly thread?: (row: number) => number;
  /** What its values name; left out: nothing that can be renamed. */
  readonly holds?: Held | ((row: number) => Held | undefined);
}

/**
 * Before seal(): one for all, because making a typed array costs more than the rest of a column.
 */
const NO_WORDS = new Int32Array(0);

const JOURNAL_START = 256;

export class Store {
  words: Int32Array = NO_WORDS;
  /**
   * XOR of mix(index, word) over all words; 0 is the state at seal(). Kept only while journalling.
   */
  hash = 0;

  private readonly columns: Attached[] = [];
  private readonly meanings: { base: number; length: number; wide: boolean; of: RowOf }[] = [];
  private size = 0;
  private sealed = false;
  /** Pairs (index, old value), newest last; empty unless journalling. */
  private journal: Int32Array = NO_WORDS;
  private journalLength = 0;
  private journalling = false;
  private hashing = false;

  /**
   * Bits of the words that were read, and written, since they were last cleared; only after
   * track().
   */
  reads = 0;
  writes = 0;
  private tracked: Int32Array | undefined;

  /** Reserve `length` words. Only before seal(). */
  column(length: number, of?: RowOf): Column {
    const column = new Column(this, this.reserve(length, of), length);
    this.columns.push(column);
    return column;
  }

  /** Reserve `length` safe non-negative integers (two words each). Only before seal(). */
  wideColumn(length: number, of?: RowOf): WideColumn {
    const column = new WideColumn(this, this.reserve(2 * length, of, true), length);
    this.columns.push(column);
    return column;
  }

  /** Calls `visit` with each word of the columns that say what they are. */
  describe(visit: (word: number, of: RowOf, row: number) => void): void {
    for (const { base, length, wide, of } of this.meanings)
      for (let n = 0; n < length; n++) visit(base + n, of, wide ? n >>> 1 : n);
  }

  /**
   * From here on `reads` and `writes` collect the bits that `bitOf` gives each row; `unsaid` for
   * rows of columns that do not say.
   */
  track(bitOf: (of: RowOf, row: number) => number, unsaid: number): void {
    const tracked = new Int32Array(this.size).fill(unsaid);
    for (const { base, length, wide, of } of this.meanings)
      if (of.device ?? of.domain ?? of.thread)
        for (let n = 0; n < length; n++) tracked[base + n] = bitOf(of, wide ? n >>> 1 : n);
      else if (length > 0) tracked.fill(bitOf(of, 0), base, base + length);
    this.tracked = tracked;
    for (const column of this.columns) column.track(tracked);
  }

  seal(): void {
    this.words = new Int32Array(this.size);
    for (const column of this.columns) column.attach(this.words);
    this.sealed = true;
  }

  write(index: number, value: number): void {
    const old = this.words[index] as number;
    // A write that changes nothing here would in another order.
    if (this.tracked !== undefined) this.writes |= this.tracked[index] as number;
    if (old === value) return;
    if (this.journalling) this.record(index, old, value);
    this.words[index] = value;
  }

  /** Most of what is cleared is 0 already. */
  zero(base: number, length: number): void {
    const { words, tracked } = this;
    for (let index = base; index < base + length; index++)
      if (words[index] !== 0 || tracked !== undefined) this.write(index, 0);
  }

  /** From here on every change can be undone; the hash is kept if asked for. */
  startJournal(hashing = true): void {
    this.journalling = true;
    this.hashing = hashing;
    this.journalLength = 0;
    this.journal = new Int32Array(2 * JOURNAL_START);
  }

  /** A mark to come back to with undo(). */
  mark(): number {
    return this.journalLength;
  }

  undo(mark: number): void {
    while (this.journalLength > mark) {
      this.journalLength -= 2;
      const index = this.journal[this.journalLength] as number;
      const old = this.journal[this.journalLength + 1] as number;
      if (this.hashing) this.hash ^= mix(index, this.words[index] as number) ^ mix(index, old);
      this.words[index] = old;
    }
  }

  /** What was changed so far can no longer be undone. */
  commit(): void {
    this.journalLength = 0;
  }

  /** Word that the nth change since startJournal was to; n from mark() on. Two for each change. */
  changed(n: number): number {
    return this.journal[n] as number;
  }

  snapshot(): Int32Array {
    return this.words.slice();
  }

  /**
   * Go to a snapshot of this same store. The journal, if any, starts anew and the hash is
   * recomputed.
   */
  restore(snapshot: Int32Array): void {
    this.words.set(snapshot);
    this.journalLength = 0;
    if (this.journalling && this.hashing) {
      this.hash = 0;
      this.words.forEach((word, index) => {
        if (word !== 0) this.hash ^= mix(index, word) ^ mix(index, 0);
      });
    }
  }

  private reserve(words: number, of: RowOf | undefined, wide = false): number {
    if (this.sealed)
      throw new Error('IMPOSSIBLE: a column was asked for after the store was sealed');
    const base = this.size;
    if (of !== undefined) this.meanings.push({ base, length: words, wide, of });
    this.size += words;
    return base;
  }

  private record(index: number, old: number, value: number): void {
    if (this.journalLength === this.journal.length) {
      const longer = new Int32Array(2 * this.journal.length);
      longer.set(this.journal);
      this.journal = longer;
    }
    this.journal[this.journalLength++] = index;
    this.journal[this.journalLength++] = old;
    if (this.hashing) this.hash ^= mix(index, old) ^ mix(index, value);
  }
}

interface Attached {
  attach(words: Int32Array): void;
  track(tracked: Int32Array): void;
}

/** A typed view on a run of words: one field of a table, a row per index. */
export class Column implements Attached {
  readonly length: number;
  private readonly store: Store;
  private readonly base: number;
  private words: Int32Array = NO_WORDS;
  private tracked: Int32Array | undefined;

  constructor(store: Store, base: number, length: number) {
    this.store = store;
    this.base = base;
    this.length = length;
  }

  attach(words: Int32Array): void {
    this.words = words;
  }

  track(tracked: Int32Array): void {
    this.tracked = tracked;
  }

  get(row: number): number {
    if (row >>> 0 >= this.length) outside(row, this.length);
    if (this.tracked !== undefined) this.store.reads |= this.tracked[this.base + row] as number;
    return this.words[this.base + row] as number;
  }

  set(row: number, value: number): void {
    if (row >>> 0 >= this.length) outside(row, this.length);
    this.store.write(this.base + row, value);
  }

  /** All rows become 0. */
  clear(): void {
    this.store.zero(this.base, this.length);
  }

  add(row: number, delta: number): number {
    const value = this.get(row) + delta;
    this.set(row, value);
    return value;
  }
}

const TWO_32 = 2 ** 32;

/** As Column, for safe non-negative integers: addresses and sizes. */
export class WideColumn implements Attached {
  readonly length: number;
  private readonly store: Store;
  private readonly base: number;
  private words: Int32Array = NO_WORDS;
  private tracked: Int32Array | undefined;

  constructor(store: Store, base: number, length: number) {
    this.store = store;
    this.base = base;
    this.length = length;
  }

  attach(words: Int32Array): void {
    this.words = words;
  }

  track(tracked: Int32Array): void {
    this.tracked = tracked;
  }

  get(row: number): number {
    if (row >>> 0 >= this.length) outside(row, this.length);
    const at = this.base + 2 * row;
    if (this.tracked !== undefined) this.store.reads |= this.tracked[at] as number;
    return (this.words[at + 1] as number) * TWO_32 + ((this.words[at] as number) >>> 0);
  }

  set(row: number, value: number): void {
    if (row >>> 0 >= this.length) outside(row, this.length);
    const at = this.base + 2 * row;
    this.store.write(at, value | 0);
    this.store.write(at + 1, Math.floor(value / TWO_32));
  }

  /** All rows become 0. */
  clear(): void {
    this.store.zero(this.base, 2 * this.length);
  }
}

function outside(row: number, length: number): never {
  throw new Error(`IMPOSSIBLE: row ${row} of a column of ${length}`);
}
