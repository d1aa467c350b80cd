/**
 * Wide states as two words, exactly.
 *
 * The words of a state are the leaves of a binary tree. Every inner node is a pair, and equal pairs have one
 * number; so the root, a pair, stands for the whole state and only for it. States differ from their
 * predecessors in few words, so that nearly all pairs are known already, and a state takes little more than
 * its root (tree compression: Laarman, van de Pol and Weber, "Parallel Recursive State Compression for Free", SPIN 2011).
 *
 * Node n has children 2n and 2n + 1; node 1 is the root; the leaves are nodes width to 2 width - 1.
 */
import type { Codec } from './codec.ts';
import { hashKey } from './state-set.ts';
import { WordLog } from './state-log.ts';
import type { Successors } from './successors.ts';

export class FoldCodec implements Codec {
  readonly words: Int32Array;
  readonly at = 0;
  /** Only then is the state decoded last the one that the successors differ from in little. */
  readonly batch = 1;
  private readonly width: number;
  private readonly pairs = new PairTable();
  /** Values of all nodes: of the state decoded last, and of the one being encoded. */
  private readonly known: Int32Array;
  private readonly nodes: Int32Array;
  private keys = new Int32Array(0);

  constructor(width: number) {
    this.width = width;
    this.known = new Int32Array(2 * width);
    this.nodes = new Int32Array(2 * width);
    this.words = new Int32Array(width);
  }

  get bytes(): number {
    return this.pairs.bytes;
  }

  get log(): WordLog {
    return this.pairs.log;
  }

  restore(): void {
    this.pairs.refill();
  }

  encode({ words, count }: Successors): Int32Array {
    if (this.keys.length < 2 * count) this.keys = new Int32Array(4 * count);
    for (let n = 0; n < count; n++) this.fold(words, n * this.width, 2 * n);
    return this.keys;
  }

  decode(page: Int32Array, index: number): void {
    const { known, width, words, pairs } = this;
    known[2] = page[index] as number;
    known[3] = page[index + 1] as number;
    for (let n = 2; n < width; n++) pairs.get(known[n] as number, known, 2 * n);
    for (let w = 0; w < width; w++) words[w] = known[width + w] as number;
  }

  /** A node whose children are those of the state decoded last has that state's number; only the rest is looked up. */
  private fold(from: Int32Array, at: number, key: number): void {
    const { known, nodes, width, pairs } = this;
    for (let w = 0; w < width; w++) nodes[width + w] = from[at + w] as number;
    for (let n = width - 1; n > 1; n--) {
      const left = nodes[2 * n] as number;
      const right = nodes[2 * n + 1] as number;
      const same = left === known[2 * n] && right === known[2 * n + 1];
      nodes[n] = same ? (known[n] as number) : pairs.number(left, right);
    }
    this.keys[key] = nodes[2] as number;
    this.keys[key + 1] = nodes[3] as number;
  }
}

/** Numbers for pairs, from 0 in the order in which they came. (0, 0) is 0, so that a tree of zeroes is one of its nodes' numbers. */
class PairTable {
  readonly log = new WordLog();
  /** Pair number + 1; 0 is free. */
  private slots = new Int32Array(1 << 12);
  private count = 0;

  constructor() {
    this.number(0, 0);
  }

  get bytes(): number {
    return this.log.bytes + 4 * this.slots.length;
  }

  get(number: number, into: Int32Array, at: number): void {
    into[at] = this.log.at(2 * number);
    into[at + 1] = this.log.at(2 * number + 1);
  }

  number(left: number, right: number): number {
    const last = this.slots.length - 1;
    for (let s = hashKey(left, right) & last; ; s = (s + 1) & last) {
      const entry = this.slots[s] as number;
      if (entry === 0) return this.append(s, left, right);
      const at = 2 * (entry - 1);
      if (this.log.at(at) === left && this.log.at(at + 1) === right) return entry - 1;
    }
  }

  /** Numbers the pairs of the log, which was filled from outside. */
  refill(): void {
    this.count = this.log.length / 2;
    let size = this.slots.length;
    while (2 * this.count > size) size *= 2;
    this.rebuild(size);
  }

  private append(slot: number, left: number, right: number): number {
    this.log.push(left);
    this.log.push(right);
    this.slots[slot] = ++this.count;
    if (2 * this.count > this.slots.length) this.rebuild(2 * this.slots.length);
    return this.count - 1;
  }

  private rebuild(size: number): void {
    this.slots = new Int32Array(size);
    const last = this.slots.length - 1;
    for (let n = 0; n < this.count; n++) {
      let s = hashKey(this.log.at(2 * n), this.log.at(2 * n + 1)) & last;
      while (this.slots[s] !== 0) s = (s + 1) & last;
      this.slots[s] = n + 1;
    }
  }
}
