/**
 * A path through states that were stored, as steps. Labels are not stored: each step is found again
 * by expanding the state before it. With symmetry what is stored is representatives, so a concrete
 * path is found step by step: the next state is a successor whose representative is the stored one.
 */
import { Successors } from './successors.ts';
import type { Symmetry, System } from './system.ts';
import type { TraceState } from './verdict.ts';

export class TraceBuilder {
  private readonly system: System;
  private readonly symmetry: Symmetry | undefined;
  private readonly out: Successors;
  private readonly trace: TraceState[] = [];

  constructor(system: System, symmetry: Symmetry | undefined) {
    this.system = system;
    this.symmetry = symmetry;
    this.out = new Successors(system.width);
  }

  /** Through these stored states, the first of which is an initial state's representative. */
  through(stored: readonly Int32Array[]): this {
    for (const words of stored) {
      const next = this.find((n) => sameWords(this.representative(n), words));
      this.append(next);
    }
    return this;
  }

  /** One more step, that itself breaks a property. */
  blamed(property: number): this {
    const step = this.find((n) => this.out.blames[n] === property);
    this.append(step);
    return this;
  }

  build(): readonly TraceState[] {
    return this.trace;
  }

  private find(matches: (successor: number) => boolean): number {
    const { out, system } = this;
    const last = this.trace.at(-1);
    out.clear();
    if (last === undefined) system.initial(out);
    else system.expand(last.words, 0, out);
    for (let n = 0; n < out.count; n++) if (matches(n)) return n;
    throw new Error('IMPOSSIBLE: no step leads to the next state of a trace');
  }

  private representative(n: number): Int32Array {
    const words = this.state(n);
    this.symmetry?.canonicalize(words, 0);
    return words;
  }

  private state(n: number): Int32Array {
    const { width } = this.system;
    return this.out.words.slice(n * width, (n + 1) * width);
  }

  private append(n: number): void {
    const { system } = this;
    const before = this.trace.at(-1);
    const label = this.out.labels[n] as number;
    const words = this.state(n);
    const step = before && { label, text: system.describeStep(label, before.words, 0) };
    this.trace.push({ step, words, state: system.describeState(words, 0) });
  }
}

const sameWords = (a: Int32Array, b: Int32Array): boolean => a.every((word, w) => word === b[w]);
