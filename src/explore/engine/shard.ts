/**
 * The states that one process or worker is responsible for, in the order in which they were met: each is
 * taken from the front, expanded, and its successors are admitted at the back if they are new.
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
  /** The first state without a step that is not quiescent; -1: none yet. */
  deadlock = -1;

  private readonly system: System;
  private readonly partialOrder: PartialOrder | undefined;
  /** One state, to look up. */
  private readonly single: Successors;
  private readonly isNew = (n: number): boolean => !this.has(n);

  constructor(system: System, { symmetry = false, partialOrder = false }: SearchOptions) {
    this.system = system;
    this.symmetry = symmetry ? system.symmetry : undefined;
    if (partialOrder && system.footprints) this.partialOrder = new PartialOrder(system.footprints);
    this.single = new Successors(system.width, 1);
    this.codec = codecFor(system.width);
    this.out = new Successors(system.width);
  }

  get states(): number {
    return this.parents.length;
  }

  get bytes(): number {
    return this.set.bytes + this.keys.bytes + this.parents.bytes + this.codec.bytes;
  }

  /** Bytes that admitting up to `more` states may bring the shard to; 0: beyond what a table can hold. */
  bytesFor(more: number): number {
    const table = this.set.bytesFor(more);
    return table === 0 ? 0 : this.bytes - this.set.bytes + table;
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
   * Adds what is new of `out`. Returns the place in `out` of the first new state that breaks a property, and
   * stops there; -1: none does.
   */
  admit(): number {
    const { out, set, codec, origins, parents, keys } = this;
    const found = codec.encode(out);
    set.reserve(out.count, keys);
    const added = set.addAll(found, 0, out.count);
    const { fresh } = set;
    for (let f = 0; f < added; f++) {
      const n = fresh[f] as number;
      keys.push(found[2 * n] as number);
      keys.push(found[2 * n + 1] as number);
      parents.push(origins[n] as number);
      const at = n * out.width;
      if (this.symmetry?.orbit) this.represented += this.symmetry.orbit(out.words, at);
      if (this.system.check(out.words, at) !== 0) return n;
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
    this.partialOrder?.reduce(codec.words, at, out, before, this.isNew);
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
    const { out } = this;
    if (this.origins.length < out.labels.length) {
      const longer = new Int32Array(out.labels.length);
      longer.set(this.origins);
      this.origins = longer;
    }
    for (let n = from; n < out.count; n++) this.origins[n] = state;
  }

  /** No step leads away from the state that was loaded, and it is not one to end in. */
  private isStuck(from: number): boolean {
    const { out, codec } = this;
    for (let n = from; n < out.count; n++)
      for (let w = 0; w < out.width; w++)
        if (out.words[n * out.width + w] !== codec.words[codec.at + w]) return false;
    return !this.system.quiescent(codec.words, codec.at);
  }

  private has(n: number): boolean {
    const { single, out } = this;
    single.clear();
    single.push(0, out.words, n * out.width);
    this.symmetry?.canonicalize(single.words, 0);
    const key = this.codec.encode(single);
    return this.set.has(key[0] as number, key[1] as number);
  }
}
