/**
 * Depth-first search: a state's successors before its siblings. It finds deep violations early; its
 * counterexamples are paths as they were walked, not shortest ones.
 */
import type { Progress, SearchOptions } from './search.ts';
import { StoredSearch } from './stored-search.ts';
import type { System } from './system.ts';
import { incomplete } from './verdict.ts';

/** Words of a state on the stack: its key, who led to it, how deep it is. */
const ENTRY = 4;

export class DepthFirst extends StoredSearch {
  private stack = new Int32Array(1 << 12);
  private top = 0;
  private depth = 0;
  private deepest = 0;
  /** States were passed over for being too deep. */
  private cut = false;

  constructor(system: System, options: SearchOptions = {}) {
    super(system, options);
  }

  run(states: number): boolean {
    const { shard } = this;
    if (shard.states === 0) {
      shard.start();
      this.pushAll(0);
    }
    const until = shard.states + states;
    while (this.verdict === undefined && shard.states < until) {
      if (this.top === 0) this.endOfStack();
      else this.pop();
    }
    return this.verdict === undefined;
  }

  progress(): Progress {
    const { states, transitions, bytes } = this.shard;
    const { stack, depth, top } = this;
    return { states, transitions, depth, queue: top / ENTRY, bytes: bytes + stack.byteLength };
  }

  protected farthest(): number {
    return this.deepest;
  }

  private endOfStack(): void {
    if (this.cut)
      this.verdict = incomplete('depth', `paths were cut at ${this.limits.depth} steps`);
    else this.end();
  }

  private pop(): void {
    const { shard, stack, system, limits } = this;
    if (!this.hasRoomFor(1, stack.byteLength)) return;
    this.top -= ENTRY;
    const entry = (word: number): number => stack[this.top + word] as number;
    if (!shard.admitKey(entry(0), entry(1), entry(2))) return;
    const depth = entry(3);
    this.depth = depth;
    this.deepest = Math.max(this.deepest, depth);
    const property = system.check(shard.codec.words, shard.codec.at);
    if (property !== 0) this.judgeLast(property);
    else if (depth === limits.depth) this.cut = true;
    else this.expand(depth);
    this.limitStates();
  }

  private expand(depth: number): void {
    const { shard } = this;
    shard.expandOnly(shard.states - 1);
    this.judgeSteps();
    if (this.verdict === undefined) this.pushAll(depth + 1);
  }

  /** The successors found last, the first on top. */
  private pushAll(depth: number): void {
    const { out, codec, origins } = this.shard;
    while (this.top + ENTRY * out.count > this.stack.length) {
      const longer = new Int32Array(2 * this.stack.length);
      longer.set(this.stack);
      this.stack = longer;
    }
    const keys = codec.encode(out);
    for (let n = out.count - 1; n >= 0; n--) {
      this.stack[this.top] = keys[2 * n] as number;
      this.stack[this.top + 1] = keys[2 * n + 1] as number;
      this.stack[this.top + 2] = origins[n] as number;
      this.stack[this.top + 3] = depth;
      this.top += ENTRY;
    }
  }
}
