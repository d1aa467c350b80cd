/**
 * The states that one process or worker is responsible for, in the order in which they were met: each is
 * taken from the front, expanded, and its successors are admitted at the back if they are new.
 */
import { codecFor, type Codec } from './codec.ts';
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
  private readonly symmetry: Symmetry | undefined;

  constructor(system: System, symmetry: Symmetry | undefined) {
    this.system = system;
    this.symmetry = symmetry;
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
    const { out, codec, keys, system } = this;
    out.clear();
    while (this.head < end && out.count < codec.batch) {
      const before = out.count;
      const index = 2 * this.head;
      codec.decode(keys.page(index), index & (PAGE_WORDS - 1));
      system.expand(codec.words, codec.at, out);
      if (out.count === before) this.mustBeQuiescent();
      this.mark(before);
      this.head++;
    }
    this.transitions += out.count + out.loops;
    this.situations |= out.situations;
    if (this.symmetry !== undefined) this.canonicalize(this.symmetry);
  }

  /** The initial states, as if expand() had met them. */
  start(): void {
    this.out.clear();
    this.system.initial(this.out);
    this.head = NO_PARENT;
    this.mark(0);
    this.head = 0;
    if (this.symmetry !== undefined) this.canonicalize(this.symmetry);
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

  /** Puts the state into codec.words and returns its place there. */
  load(state: number): number {
    const index = 2 * state;
    this.codec.decode(this.keys.page(index), index & (PAGE_WORDS - 1));
    return this.codec.at;
  }

  private mark(from: number): void {
    const { out, head } = this;
    if (this.origins.length < out.labels.length) {
      const longer = new Int32Array(out.labels.length);
      longer.set(this.origins);
      this.origins = longer;
    }
    for (let n = from; n < out.count; n++) this.origins[n] = head;
  }

  private canonicalize(symmetry: Symmetry): void {
    const { words, width, count } = this.out;
    for (let n = 0; n < count; n++) symmetry.canonicalize(words, n * width);
  }

  private mustBeQuiescent(): void {
    if (this.deadlock >= 0 || this.system.quiescent(this.codec.words, this.codec.at)) return;
    this.deadlock = this.head;
  }
}
