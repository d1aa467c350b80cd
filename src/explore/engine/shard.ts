/**
 * The states that one process or worker is responsible for, in the order in which they were met:
 * each is taken from the front, expanded, and its successors are admitted at the back if they are
 * new.
 */
import { codecFor, type Codec } from './codec.ts';
import { PartialOrder } from './partial-order.ts';
import type { SearchOptions } from './search.ts';
import { PAGE_WORDS, WordLog } from './state-log.ts';
import { StateSet } from './state-set.ts';
import { Successors } from './successors.ts';
import type { Symmetry, System } from './system.ts';

/** Who led to a state: its number, or -1 for an initial state. */
export const NO_PARENT = -1;

/**
 * Which of several shards one is. A state's number is then workers x its place in its shard + rank.
 */
export interface Share {
  readonly rank: number;
  readonly workers: number;
  isOwn(words: Int32Array, at: number): boolean;
}

export interface ShardImage {
  readonly counters: {
    readonly head: number;
    readonly transitions: number;
    readonly situations: number;
    readonly represented: number;
    readonly putOff: number;
  };
  readonly logs: Readonly<Record<string, WordLog>>;
}

/**
 * Of the mail of other workers, which comes by the ten thousand; what is touched must still be in
 * the cache when it is looked at.
 */
const MOST_AT_ONCE = 2048;

const ALONE: Share = { rank: 0, workers: 1, isOwn: () => true };

export class Shard {
  readonly set = new StateSet();
  /** Two words a state: its key. */
  readonly keys = new WordLog();
  readonly parents = new WordLog();
  readonly codec: Codec;
  readonly symmetry: Symmetry | undefined;
  /** Successors of the states expanded last, and the state that each comes from. */
  readonly out: Successors;
  origins = new Int32Array(0);
  /** The next state to expand. */
  head = 0;
  transitions = 0;
  situations = 0;
  /** States that the states met stand for. */
  represented = 0;
  /** Steps that partial order left to later states. */
  putOff = 0;
  /** The first state without a step that is not quiescent; -1: none yet. */
  deadlock = -1;

  private readonly system: System;
  private readonly partialOrder: PartialOrder | undefined;
  /** One state, to look up. */
  private readonly single: Successors;
  private readonly isNew = (n: number): boolean => !this.has(n);
  private readonly share: Share;

  constructor(
    system: System,
    { symmetry = false, partialOrder = false }: SearchOptions,
    share: Share = ALONE,
  ) {
    this.system = system;
    this.share = share;
    this.symmetry = symmetry ? system.symmetry : undefined;
    if (partialOrder && system.footprints) this.partialOrder = new PartialOrder(system.footprints);
    this.single = new Successors(system.width, 1);
    this.codec = codecFor(system.width);
    this.out = new Successors(system.width, this.codec.batch);
  }

  get states(): number {
    return this.parents.length;
  }

  get bytes(): number {
    return this.set.bytes + this.keys.bytes + this.parents.bytes + this.codec.bytes;
  }

  /**
   * Makes room for `more` states; false if that takes more bytes than may be, or than there are.
   */
  reserve(more: number, most: number): boolean {
    const table = this.set.bytesFor(more);
    if (table === 0 || this.bytes - this.set.bytes + table > most) return false;
    try {
      this.set.reserve(more);
      return true;
    } catch (error) {
      // What the engine throws if the system has no memory left for an array.
      if (error instanceof RangeError) return false;
      throw error;
    }
  }

  /** Fills `out` from the front, up to state number `end` or a batch's worth of successors. */
  expand(end: number): void {
    const { out, codec } = this;
    out.clear();
    while (this.head < end && out.count < codec.batch) this.expandState(this.head++);
    this.finish();
  }

  /** Fills `out` with the successors of one state. */
  expandOnly(state: number): void {
    this.out.clear();
    this.expandState(state);
    this.finish();
  }

  /** The initial states, as if expand() had met them. */
  start(): void {
    this.out.clear();
    this.system.initial(this.out);
    this.mark(0, NO_PARENT);
    this.canonicalize();
  }

  /**
   * Adds what is new of the states, for which there is room. Returns the place of the first new one
   * that breaks a property, and stops there; -1: none does.
   */
  admit(states = this.out, origins = this.origins): number {
    const found = this.codec.encode(states);
    for (let from = 0; from < states.count; from += MOST_AT_ONCE) {
      const bad = this.admitSome(states, origins, found, from);
      if (bad >= 0) return bad;
    }
    return -1;
  }

  private admitSome(
    states: Successors,
    origins: Int32Array,
    found: Int32Array,
    from: number,
  ): number {
    const { set, parents, keys, symmetry } = this;
    const count = Math.min(MOST_AT_ONCE, states.count - from);
    const added = set.addAll(found, 2 * from, count);
    const { fresh } = set;
    for (let f = 0; f < added; f++) {
      const n = from + (fresh[f] as number);
      keys.push(found[2 * n] as number);
      keys.push(found[2 * n + 1] as number);
      parents.push(origins[n] as number);
      const at = n * states.width;
      if (symmetry?.orbit) this.represented += symmetry.orbit(states.words, at);
      if (this.system.check(states.words, at) !== 0) return n;
    }
    return -1;
  }

  /** Adds a state by its key, if it is new. Room must have been made. */
  admitKey(lo: number, hi: number, parent: number): boolean {
    const { set, keys } = this;
    if (!set.add(lo, hi)) return false;
    keys.push(lo);
    keys.push(hi);
    this.parents.push(parent);
    const at = this.load(this.states - 1);
    if (this.symmetry?.orbit) this.represented += this.symmetry.orbit(this.codec.words, at);
    return true;
  }

  get workers(): number {
    return this.share.workers;
  }

  /** Everything that a search needs to go on from here: numbers, and lists that only grow. */
  save(): ShardImage {
    const { head, transitions, situations, represented, putOff, keys, parents, codec } = this;
    const logs = { keys, parents, ...(codec.log && { tuples: codec.log }) };
    return { counters: { head, transitions, situations, represented, putOff }, logs };
  }

  /** Goes on from an image whose lists were put into those of save() before. */
  restore(counters: ShardImage['counters']): void {
    Object.assign(this, counters);
    this.codec.restore();
    this.set.refill(this.keys);
  }

  /** Puts the state into codec.words and returns its place there. */
  load(state: number): number {
    const index = 2 * state;
    this.codec.decode(this.keys.page(index), index & (PAGE_WORDS - 1));
    return this.codec.at;
  }

  private expandState(state: number): void {
    const { out, codec, system } = this;
    const before = out.count;
    const at = this.load(state);
    system.expand(codec.words, at, out);
    if (this.deadlock < 0 && this.isStuck(before)) this.deadlock = state;
    this.putOff += this.partialOrder?.reduce(codec.words, at, out, before, this.isNew) ?? 0;
    this.mark(before, state);
  }

  private finish(): void {
    const { out } = this;
    this.transitions += out.count + out.loops;
    this.situations |= out.situations;
    this.canonicalize();
  }

  private canonicalize(): void {
    const { out, symmetry } = this;
    if (symmetry === undefined) return;
    for (let n = 0; n < out.count; n++) symmetry.canonicalize(out.words, n * out.width);
  }

  /** The successors from `from` on come from this state. */
  private mark(from: number, state: number): void {
    const { out, share } = this;
    const origin = state === NO_PARENT ? NO_PARENT : state * share.workers + share.rank;
    if (this.origins.length < out.labels.length) {
      const longer = new Int32Array(out.labels.length);
      longer.set(this.origins);
      this.origins = longer;
    }
    for (let n = from; n < out.count; n++) this.origins[n] = origin;
  }

  /** No step leads away from the state that was loaded, and it is not one to end in. */
  private isStuck(from: number): boolean {
    const { out, codec } = this;
    for (let n = from; n < out.count; n++)
      for (let w = 0; w < out.width; w++)
        if (out.words[n * out.width + w] !== codec.words[codec.at + w]) return false;
    return !this.system.quiescent(codec.words, codec.at);
  }

  /**
   * Whether a successor was met before, as far as this shard can tell: it may be a new state of
   * another's.
   */
  private has(n: number): boolean {
    const { single, out } = this;
    single.clear();
    single.push(0, out.words, n * out.width);
    this.symmetry?.canonicalize(single.words, 0);
    if (!this.share.isOwn(single.words, 0)) return true;
    const key = this.codec.encode(single);
    return this.set.has(key[0] as number, key[1] as number);
  }
}
