/** What searches that store every state have in common: limits, verdicts and counterexamples. */
import type { Progress, Search, SearchOptions } from './search.ts';
import { NO_PARENT, Shard } from './shard.ts';
import type { System } from './system.ts';
import { TraceBuilder } from './trace.ts';
import type { Limits, Report, Verdict } from './verdict.ts';
import { complete, incomplete, outOfMemory, propertyName } from './verdict.ts';

export abstract class StoredSearch implements Search {
  readonly shard: Shard;
  protected readonly system: System;
  protected readonly limits: Limits;
  protected verdict: Verdict | undefined;

  constructor(system: System, options: SearchOptions) {
    this.system = system;
    this.limits = options.limits ?? {};
    this.shard = new Shard(system, options);
  }

  abstract run(states: number): boolean;
  abstract progress(): Progress;
  protected abstract farthest(): number;

  report(): Report {
    const { shard, system } = this;
    return {
      ...this.progress(),
      verdict: this.verdict ?? incomplete('cancelled', 'the search was stopped'),
      represented: shard.symmetry?.orbit ? shard.represented : undefined,
      putOff: shard.putOff,
      depth: this.farthest(),
      reached: system.situations.filter((_, n) => shard.situations & (1 << n)),
    };
  }

  /** Every state was met and expanded. */
  protected end(): void {
    this.verdict = complete(this.system, this.shard.situations);
  }

  /** Makes room for `more` states beside so many bytes; if there is none, the search ends. */
  protected hasRoomFor(more: number, beside = 0): boolean {
    const bytes = this.limits.bytes ?? Infinity;
    if (this.shard.reserve(more, bytes - beside)) return true;
    this.verdict = outOfMemory(this.shard.states, this.limits);
    return false;
  }

  protected limitStates(): void {
    if (this.shard.states >= (this.limits.states ?? Infinity))
      this.verdict ??= incomplete('states', `${this.shard.states} states were met`);
  }

  /** What went wrong in the states that were expanded last. */
  protected judgeSteps(): void {
    const { out, origins, deadlock } = this.shard;
    if (deadlock >= 0) this.verdict = { kind: 'deadlock', trace: this.pathTo(deadlock).build() };
    else if (out.blamed > 0) {
      const at = out.blames.findIndex((property) => property !== 0);
      const property = out.blames[at] as number;
      const trace = this.pathTo(origins[at] as number).blamed(property);
      this.violated(property, trace);
    }
  }

  /** The state that was admitted last breaks a property. */
  protected judgeLast(property: number): void {
    this.violated(property, this.pathTo(this.shard.states - 1));
  }

  private violated(property: number, trace: TraceBuilder): void {
    const name = propertyName(this.system, property);
    this.verdict = { kind: 'violated', property: name, trace: trace.build() };
  }

  private pathTo(state: number): TraceBuilder {
    const { shard, system } = this;
    const path: Int32Array[] = [];
    for (let s = state; s !== NO_PARENT; s = shard.parents.at(s)) {
      const at = shard.load(s);
      path.push(shard.codec.words.slice(at, at + system.width));
    }
    return new TraceBuilder(system, shard.symmetry).through(path.reverse());
  }
}
