/** Small systems for the engine's own tests: threads over shared variables, given as data. */
import type { Footprint, Footprints, System } from './system.ts';
import type { Successors } from './successors.ts';

/** A step: waits until a variable has a value, if it says so; then adds to one, modulo 3. */
export interface ToyStep {
  readonly waits?: { readonly variable: number; readonly value: number };
  readonly adds?: { readonly variable: number; readonly amount: number };
}

export interface Toy {
  /** Per thread; the thread ends, or with `forever` begins again, after its last step. */
  readonly threads: readonly (readonly ToyStep[])[];
  readonly variables: number;
  readonly forever?: boolean;
  /** The property: not all of these values at once. */
  readonly never?: readonly (number | undefined)[];
  /** Words of a state beyond those in use. */
  readonly padding?: number;
}

export class ToySystem implements System {
  readonly name = 'toy';
  readonly width: number;
  readonly properties = ['never'];
  readonly situations = ['a variable is 2'];
  readonly footprints: Footprints;
  private readonly toy: Toy;

  constructor(toy: Toy) {
    this.toy = toy;
    this.width = toy.threads.length + toy.variables + (toy.padding ?? 0);
    this.footprints = new ToyFootprints(toy);
  }

  initial(out: Successors): void {
    out.push(0, new Int32Array(this.width));
  }

  expand(words: Int32Array, at: number, out: Successors): void {
    const { threads, variables, forever } = this.toy;
    const base = at + threads.length;
    for (let v = 0; v < variables; v++) if (words[base + v] === 2) out.situations |= 1;
    threads.forEach((steps, t) => {
      const pc = words[at + t] as number;
      const step = steps[pc];
      if (step === undefined) return;
      if (step.waits && words[base + step.waits.variable] !== step.waits.value) return;
      const next = words.slice(at, at + this.width);
      next[t] = forever === true ? (pc + 1) % steps.length : pc + 1;
      if (step.adds) {
        const v = threads.length + step.adds.variable;
        next[v] = ((next[v] as number) + step.adds.amount) % 3;
      }
      out.push(t, next);
    });
  }

  check(words: Int32Array, at: number): number {
    const { never, threads } = this.toy;
    if (never === undefined) return 0;
    return never.every(
      (value, v) => value === undefined || words[at + threads.length + v] === value,
    )
      ? 1
      : 0;
  }

  quiescent(words: Int32Array, at: number): boolean {
    return this.toy.threads.every((steps, t) => words[at + t] === steps.length);
  }

  describeStep(label: number): string {
    return `thread ${label}`;
  }

  describeState(words: Int32Array, at: number): Record<string, string> {
    return { words: words.slice(at, at + this.width).join(' ') };
  }
}

class ToyFootprints implements Footprints {
  readonly actors: number;
  private readonly toy: Toy;

  constructor(toy: Toy) {
    this.toy = toy;
    this.actors = toy.threads.length;
  }

  actorOf(label: number): number {
    return label;
  }

  next(words: Int32Array, at: number, actor: number, out: Footprint): void {
    const pc = words[at + actor] as number;
    collect(this.toy.threads[actor]?.slice(pc, pc + 1) ?? [], out);
  }

  future(words: Int32Array, at: number, actor: number, out: Footprint): void {
    const from = this.toy.forever === true ? 0 : (words[at + actor] as number);
    collect(this.toy.threads[actor]?.slice(from) ?? [], out);
  }

  visible(label: number): boolean {
    return (this.toy.threads[label] ?? []).some(
      ({ adds }) => adds && this.toy.never?.[adds.variable] !== undefined,
    );
  }
}

function collect(steps: readonly ToyStep[], out: Footprint): void {
  out.reads = out.writes = 0;
  for (const { waits, adds } of steps) {
    if (waits) out.reads |= 1 << waits.variable;
    if (adds) out.writes |= 1 << adds.variable;
  }
}
