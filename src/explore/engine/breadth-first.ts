/**
 * Breadth-first search: every state at a distance before any farther one, so that the first counterexample
 * is a shortest one.
 */
import type { Progress, Search, SearchOptions } from './search.ts';
import { NO_PARENT, Shard } from './shard.ts';
import type { Symmetry, System } from './system.ts';
import { TraceBuilder } from './trace.ts';
import type { Bound, Limits, Report, Verdict } from './verdict.ts';

export class BreadthFirst implements Search {
  readonly shard: Shard;
  /** Distance of the states that are being expanded, and the number of the first state beyond. */
  depth = 0;
  levelEnd = 0;

  private readonly system: System;
  private readonly symmetry: Symmetry | undefined;
  private readonly limits: Limits;
  private verdict: Verdict | undefined;

  constructor(system: System, { symmetry = false, limits = {} }: SearchOptions = {}) {
    this.system = system;
    this.symmetry = symmetry ? system.symmetry : undefined;
    this.limits = limits;
    this.shard = new Shard(system, this.symmetry);
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

  report(): Report {
    const { shard, system } = this;
    const { states, transitions, queue, bytes } = this.progress();
    const verdict = this.verdict ?? incomplete('cancelled', 'the search was stopped');
    return {
      verdict,
      states,
      represented: this.symmetry?.orbit ? shard.represented : undefined,
      transitions,
      depth: this.depth + (states > this.levelEnd ? 1 : 0),
      queue,
      bytes,
      reached: system.situations.filter((_, n) => shard.situations & (1 << n)),
    };
  }

  private start(): void {
    this.shard.start();
    this.admit();
    this.levelEnd = this.shard.states;
  }

  private advance(): void {
    const { shard, limits } = this;
    shard.expand(this.levelEnd);
    if (shard.deadlock >= 0) {
      const trace = this.builder(shard.deadlock).build();
      this.verdict = { kind: 'deadlock', trace };
    } else if (shard.out.blamed > 0) this.blame();
    else this.admit();
    if (this.verdict === undefined && shard.states >= (limits.states ?? Infinity))
      this.stopAt('states', `${shard.states} states were met`);
  }

  private admit(): void {
    const { shard, system } = this;
    const bytes = shard.bytesFor(shard.out.count);
    if (bytes === 0 || bytes > (this.limits.bytes ?? Infinity)) {
      this.stopAt('memory', `storing more than ${shard.states} states would take ${bytes} bytes`);
      return;
    }
    const found = shard.admit();
    if (found < 0) return;
    const property = system.check(shard.out.words, found * system.width);
    this.violated(property, this.builder(shard.states - 1));
  }

  private blame(): void {
    const { out, origins } = this.shard;
    const at = out.blames.findIndex((property) => property !== 0);
    const property = out.blames[at] as number;
    this.violated(property, this.builder(origins[at] as number).blamed(property));
  }

  private violated(property: number, trace: TraceBuilder): void {
    const name = this.system.properties[property - 1];
    if (name === undefined) throw new Error(`IMPOSSIBLE: there is no property ${property}`);
    this.verdict = { kind: 'violated', property: name, trace: trace.build() };
  }

  private nextLevel(): void {
    const { shard, limits } = this;
    if (shard.states === this.levelEnd) this.verdict = this.complete();
    else if (this.depth === limits.depth) this.stopAt('depth', `${this.depth} steps were taken`);
    else {
      this.depth++;
      this.levelEnd = shard.states;
    }
  }

  private complete(): Verdict {
    const situations = this.system.situations.filter((_, n) => !(this.shard.situations & (1 << n)));
    return situations.length > 0 ? { kind: 'unreached', situations } : { kind: 'holds' };
  }

  private stopAt(bound: Bound, message: string): void {
    this.verdict = incomplete(bound, message);
  }

  /** The path to a stored state. */
  private builder(state: number): TraceBuilder {
    const { shard, system } = this;
    const path: Int32Array[] = [];
    for (let s = state; s !== NO_PARENT; s = shard.parents.at(s)) {
      const at = shard.load(s);
      path.push(shard.codec.words.slice(at, at + system.width));
    }
    return new TraceBuilder(system, this.symmetry).through(path.reverse());
  }
}

const incomplete = (bound: Bound, message: string): Verdict => ({
  kind: 'incomplete',
  bound,
  message,
});
