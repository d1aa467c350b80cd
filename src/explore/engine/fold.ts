/**
 * Wide states as two words, exactly.
 *
 * The words of a state are the leaves of a tree. Every inner node is a tuple of its children, and
 * equal tuples have one number; so the numbers of the one or two nodes at the top stand for the
 * whole state and only for it. States differ from their predecessors in few words, so that nearly
 * all tuples are known already, and a state takes little more than its key (tree compression:
 * Laarman, van de Pol and Weber, "Parallel Recursive State Compression for Free", SPIN 2011).
 *
 * They fold pairs. Tuples of eight are fewer and take as much memory: a step of a model changes
 * neighbours, and each look-up is a cache miss (searches of the model took 1.2 times as long with
 * pairs).
 */
import type { Codec } from './codec.ts';
import { PAGE_WORDS, WordLog } from './state-log.ts';
import type { Successors } from './successors.ts';

/** Children of a node; a page of the log holds a whole number of tuples. */
const ARITY = 8;

export class FoldCodec implements Codec {
  readonly words: Int32Array;
  readonly at = 0;
  /** Only then is the state decoded last the one that the successors differ from in little. */
  readonly batch = 1;
  private readonly width: number;
  private readonly tuples = new TupleTable();
  /** By node, leaves first: its parent; 0 for those at the top. And its first child. */
  private readonly parents: Int32Array;
  private readonly children: Int32Array;
  private readonly top: number;
  /**
   * Values of all nodes: of the state decoded last, and, while a state is being encoded, its own.
   */
  private readonly known: Int32Array;
  private readonly nodes: Int32Array;
  /** Of the state being encoded, the nodes that differ; children before their parents. */
  private readonly others: Int32Array;
  /** Nodes whose children are not in `known` yet. */
  private readonly fresh: Uint8Array;
  private keys = new Int32Array(0);

  constructor(width: number) {
    const { parents, children, top } = treeOver(width);
    this.width = width;
    this.parents = Int32Array.from(parents);
    this.children = Int32Array.from(children);
    this.top = top;
    this.known = new Int32Array(parents.length);
    this.nodes = new Int32Array(parents.length);
    this.others = new Int32Array(parents.length);
    this.fresh = new Uint8Array(parents.length);
    this.words = this.known.subarray(0, width);
  }

  get bytes(): number {
    return this.tuples.bytes;
  }

  get log(): WordLog {
    return this.tuples.log;
  }

  restore(): void {
    this.tuples.refill();
  }

  encode({ words, count }: Successors): Int32Array {
    if (this.keys.length < 2 * count) this.keys = new Int32Array(4 * count);
    for (let n = 0; n < count; n++) this.fold(words, n * this.width, 2 * n);
    return this.keys;
  }

  /** States that follow one another share most nodes, and what is under a shared one is shared. */
  decode(page: Int32Array, index: number): void {
    const { children, fresh, known, top, tuples } = this;
    this.put(top, page[index] as number);
    this.put(top + 1, page[index + 1] as number);
    for (let n = top + 1; children[n] !== LEAF; n--) {
      if (fresh[n] === 0) continue;
      fresh[n] = 0;
      const number = known[n] as number;
      for (let c = 0; c < ARITY; c++)
        this.put((children[n] as number) + c, tuples.child(number, c));
    }
  }

  private put(n: number, value: number): void {
    if (this.known[n] === value) return;
    this.known[n] = value;
    this.nodes[n] = value;
    this.fresh[n] = 1;
  }

  /** Only nodes over words that differ from those of the state decoded last are looked up. */
  private fold(from: Int32Array, at: number, key: number): void {
    const { children, known, nodes, others, parents, top, tuples, width } = this;
    let count = 0;
    for (let n = 0; n < width; n++) {
      const word = from[at + n] as number;
      if (word === known[n]) continue;
      nodes[n] = word;
      others[count++] = n;
    }
    for (let o = 0; o < count; o++) {
      const parent = parents[others[o] as number] as number;
      if (parent !== 0 && parent !== others[count - 1]) others[count++] = parent;
    }
    for (let o = 0; o < count; o++) {
      const n = others[o] as number;
      if (n >= width) nodes[n] = tuples.number(nodes, children[n] as number);
    }
    this.keys[key] = nodes[top] as number;
    this.keys[key + 1] = nodes[top + 1] as number;
    for (let o = 0; o < count; o++) {
      const n = others[o] as number;
      nodes[n] = known[n] as number;
    }
  }
}

const LEAF = -1;

/**
 * Levels one after another, each filled up to whole tuples with nodes that stay 0, until one has
 * two nodes at most.
 */
function treeOver(width: number): { parents: number[]; children: number[]; top: number } {
  const parents: number[] = [];
  const children: number[] = [];
  let start = 0;
  let below = LEAF;
  for (let count = width; ; count = Math.ceil(count / ARITY)) {
    const isTop = count <= 2;
    const length = isTop ? 2 : Math.ceil(count / ARITY) * ARITY;
    for (let n = 0; n < length; n++) {
      parents.push(isTop ? 0 : start + length + Math.floor(n / ARITY));
      children.push(below < 0 ? LEAF : n < count ? below + n * ARITY : below);
    }
    if (isTop) return { parents, children, top: start };
    below = start;
    start += length;
  }
}

/**
 * Numbers for tuples, from 0 in the order in which they came. That of zeroes is 0, so that a tree
 * of zeroes is one of its nodes' numbers.
 */
class TupleTable {
  readonly log = new WordLog();
  /** Tuple number + 1; 0 is free. */
  private slots = new Int32Array(1 << 10);
  private count = 0;

  constructor() {
    this.number(new Int32Array(ARITY), 0);
  }

  get bytes(): number {
    return this.log.bytes + 4 * this.slots.length;
  }

  child(number: number, c: number): number {
    return this.log.at(ARITY * number + c);
  }

  number(from: Int32Array, at: number): number {
    const { log, slots } = this;
    const last = slots.length - 1;
    for (let s = hashOf(from, at) & last; ; s = (s + 1) & last) {
      const entry = slots[s] as number;
      if (entry === 0) return this.append(s, from, at);
      const word = ARITY * (entry - 1);
      if (isSame(from, at, log.page(word), word & (PAGE_WORDS - 1))) return entry - 1;
    }
  }

  /** Numbers the tuples of the log, which was filled from outside. */
  refill(): void {
    this.count = this.log.length / ARITY;
    let size = this.slots.length;
    while (2 * this.count > size) size *= 2;
    this.rebuild(size);
  }

  private append(slot: number, from: Int32Array, at: number): number {
    for (let c = 0; c < ARITY; c++) this.log.push(from[at + c] as number);
    this.slots[slot] = ++this.count;
    if (2 * this.count > this.slots.length) this.rebuild(2 * this.slots.length);
    return this.count - 1;
  }

  private rebuild(size: number): void {
    this.slots = new Int32Array(size);
    const last = size - 1;
    for (let n = 0; n < this.count; n++) {
      const word = ARITY * n;
      let s = hashOf(this.log.page(word), word & (PAGE_WORDS - 1)) & last;
      while (this.slots[s] !== 0) s = (s + 1) & last;
      this.slots[s] = n + 1;
    }
  }
}

function hashOf(words: Int32Array, at: number): number {
  let h = 0;
  for (let c = 0; c < ARITY; c++) {
    h = Math.imul(h ^ (words[at + c] as number), 0x9e37_79b1);
    h ^= h >>> 15;
  }
  return h;
}

function isSame(a: Int32Array, atA: number, b: Int32Array, atB: number): boolean {
  for (let c = 0; c < ARITY; c++) if (a[atA + c] !== b[atB + c]) return false;
  return true;
}
