/**
 * Random simulation, for spaces too large to search: walks from an initial state, each step one of
 * those enabled, all equally likely. It stores no state and proves nothing; what it finds is real.
 */
import type { Progress, Search } from './search.ts';
import { Successors } from './successors.ts';
import type { System } from './system.ts';
import type { Report, TraceState, Verdict } from './verdict.ts';
import { incomplete, propertyName } from './verdict.ts';

export interface WalkOptions {
  /** The same seed gives the same walks. A 32-bit integer. */
  readonly seed: number;
  readonly walks: number;
  /** Steps of a walk at most. */
  readonly steps: number;
}

export class RandomWalk implements Search {
  private readonly system: System;
  private readonly options: WalkOptions;
  private readonly out: Successors;
  private verdict: Verdict | undefined;
  private random: number;
  private walk = 0;
  private states = 0;
  private transitions = 0;
  private deepest = 0;
  private situations = 0;
  /** The walk so far: words and labels; empty between walks. */
  private path: { readonly words: Int32Array; readonly label: number }[] = [];

  constructor(system: System, options: WalkOptions) {
    this.system = system;
    this.options = options;
    this.out = new Successors(system.width);
    this.random = options.seed | 0;
  }

  run(states: number): boolean {
    for (let n = 0; n < states && this.verdict === undefined; n++) this.step();
    return this.verdict === undefined;
  }

  progress(): Progress {
    const { states, transitions, path } = this;
    return {
      states,
      transitions,
      depth: path.length,
      queue: this.options.walks - this.walk,
      bytes: 0,
    };
  }

  /** Its states are states visited, the same one perhaps often. */
  report(): Report {
    const { system, situations } = this;
    return {
      ...this.progress(),
      verdict: this.verdict ?? incomplete('cancelled', 'the walks were stopped'),
      represented: undefined,
      putOff: 0,
      depth: this.deepest,
      reached: system.situations.filter((_, n) => situations & (1 << n)),
    };
  }

  private step(): void {
    const { out, system, options } = this;
    if (this.path.length > options.steps) return this.endWalk();
    const last = this.path.at(-1);
    out.clear();
    if (last === undefined) system.initial(out);
    else system.expand(last.words, 0, out);
    this.situations |= out.situations;
    if (out.count === 0) return this.stuck(last?.words);
    const chosen = this.draw(out.count);
    const words = out.words.slice(chosen * system.width, (chosen + 1) * system.width);
    this.path.push({ words, label: out.labels[chosen] as number });
    this.states++;
    if (last !== undefined) this.transitions++;
    this.deepest = Math.max(this.deepest, this.path.length - 1);
    const property = (out.blames[chosen] as number) || system.check(words, 0);
    if (property !== 0)
      this.verdict = {
        kind: 'violated',
        property: propertyName(system, property),
        trace: this.trace(),
      };
  }

  private stuck(words: Int32Array | undefined): void {
    if (words === undefined || this.system.quiescent(words, 0)) this.endWalk();
    else this.verdict = { kind: 'deadlock', trace: this.trace() };
  }

  private endWalk(): void {
    this.path = [];
    this.walk++;
    if (this.walk < this.options.walks) return;
    this.verdict = incomplete('walks', `${this.walk} random walks found nothing and prove nothing`);
  }

  private trace(): TraceState[] {
    const { system, path } = this;
    return path.map(({ words, label }, n) => {
      const before = path[n - 1]?.words;
      const step = before && { label, text: system.describeStep(label, before, 0) };
      return { step, words, state: system.describeState(words, 0) };
    });
  }

  /** 0 to n - 1, by Mulberry32 (Tommy Ettinger, public domain). */
  private draw(n: number): number {
    this.random = (this.random + 0x6d2b_79f5) | 0;
    let t = Math.imul(this.random ^ (this.random >>> 15), 1 | this.random);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  }
}
