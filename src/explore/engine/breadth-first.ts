/**
 * Breadth-first search: every state at a distance before any farther one, so that the first
 * counterexample is a shortest one.
 */
import type { Progress, SearchOptions } from './search.ts';
import { StoredSearch } from './stored-search.ts';
import type { System } from './system.ts';
import { incomplete } from './verdict.ts';

export class BreadthFirst extends StoredSearch {
  /** Distance of the states that are being expanded, and the number of the first state beyond. */
  depth = 0;
  levelEnd = 0;

  constructor(system: System, options: SearchOptions = {}) {
    super(system, options);
  }

  run(states: number): boolean {
    const { shard } = this;
    if (shard.states === 0) this.start();
    const until = shard.head + states;
    while (this.verdict === undefined && shard.head < until) {
      if (shard.head === this.levelEnd) this.nextLevel();
      else this.advance();
    }
    return this.verdict === undefined;
  }

  progress(): Progress {
    const { states, transitions, head, bytes } = this.shard;
    return { states, transitions, depth: this.depth, queue: states - head, bytes };
  }

  protected farthest(): number {
    return this.depth + (this.shard.states > this.levelEnd ? 1 : 0);
  }

  private start(): void {
    this.shard.start();
    this.admit();
    this.levelEnd = this.shard.states;
  }

  private advance(): void {
    this.shard.expand(this.levelEnd);
    this.judgeSteps();
    if (this.verdict !== undefined) return;
    this.admit();
    this.limitStates();
  }

  private admit(): void {
    const { shard, system } = this;
    if (!this.hasRoomFor(shard.out.count)) return;
    const found = shard.admit();
    if (found >= 0) this.judgeLast(system.check(shard.out.words, found * system.width));
  }

  private nextLevel(): void {
    if (this.shard.states === this.levelEnd) this.end();
    else if (this.depth === this.limits.depth)
      this.verdict = incomplete('depth', `${this.depth} steps were taken`);
    else {
      this.depth++;
      this.levelEnd = this.shard.states;
    }
  }
}
