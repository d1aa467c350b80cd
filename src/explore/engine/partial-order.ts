/**
 * Partial-order reduction: of steps that commute, one order is enough.
 *
 * In a state, some actors are chosen whose steps no other actor can ever interfere with: beginning
 * with one, every actor joins whose future footprint meets the next footprint of one chosen (a
 * persistent set). The others' steps are put off. Deadlocks are all kept. Properties are kept if
 * the chosen steps are invisible (they change nothing that a property sees) and no step is put off
 * for ever: a step round a cycle of reduced states would be. There is no such cycle if every cycle
 * of an actor has a visible step, which a system may declare; otherwise at least one chosen step
 * must lead to a state not met before, which is expanded later. (Godefroid, "Partial-Order
 * Methods", 1996, 4.4; Clarke, Grumberg and Peled, "Model Checking", 1999, 10; Bosnacki and
 * Holzmann, "Improving Spin's Partial-Order Reduction for Breadth-First Search", SPIN 2005.)
 */
import type { Successors } from './successors.ts';
import type { Footprint, Footprints } from './system.ts';

export class PartialOrder {
  private readonly prints: Footprints;
  private readonly next: Footprint[];
  private readonly future: Footprint[];
  /** Steps of each actor in the state, and whether one of them is visible. */
  private readonly steps: Int32Array;
  private readonly visible: Uint8Array;
  private readonly chosen: Uint8Array;
  private readonly best: Uint8Array;
  /** Actors that are to join the set. */
  private readonly joining: Int32Array;

  constructor(prints: Footprints) {
    const { actors } = prints;
    const empty = (): Footprint => ({ reads: 0, writes: 0 });
    this.prints = prints;
    this.next = Array.from({ length: actors }, empty);
    this.future = Array.from({ length: actors }, empty);
    this.steps = new Int32Array(actors);
    this.visible = new Uint8Array(actors);
    this.chosen = new Uint8Array(actors);
    this.best = new Uint8Array(actors);
    this.joining = new Int32Array(actors);
  }

  /**
   * Keeps, of the successors of the state at `words[at]` that begin at `out[from]`, those that are
   * enough. `isNew` says whether a successor is a state not met so far. Returns how many steps are
   * put off.
   */
  reduce(
    words: Int32Array,
    at: number,
    out: Successors,
    from: number,
    isNew: (successor: number) => boolean,
  ): number {
    const all = out.count - from;
    if (all < 2 || out.blamed > 0) return 0;
    this.look(words, at, out, from);
    const kept = this.choose();
    if (kept === all) return 0;
    if (this.prints.cyclesAreVisible !== true && !this.leadsOn(out, from, isNew)) return 0;
    this.keep(out, from);
    return all - kept;
  }

  private look(words: Int32Array, at: number, out: Successors, from: number): void {
    const { prints, steps, visible } = this;
    steps.fill(0);
    visible.fill(0);
    for (let n = from; n < out.count; n++) {
      const label = out.labels[n] as number;
      const actor = prints.actorOf(label);
      steps[actor] = (steps[actor] as number) + 1;
      if (prints.visible(label)) visible[actor] = 1;
    }
    for (let actor = 0; actor < prints.actors; actor++) {
      prints.next(words, at, actor, this.next[actor] as Footprint);
      prints.future(words, at, actor, this.future[actor] as Footprint);
    }
  }

  /** The smallest set of actors that will do, in `best`; returns how many steps it has. */
  private choose(): number {
    let fewest = Infinity;
    for (let actor = 0; actor < this.steps.length; actor++) {
      if (this.steps[actor] === 0) continue;
      const steps = this.closeFrom(actor);
      if (steps >= fewest) continue;
      fewest = steps;
      this.best.set(this.chosen);
    }
    if (fewest === Infinity) this.best.fill(1);
    return fewest === Infinity ? this.steps.reduce((sum, n) => sum + n, 0) : fewest;
  }

  /**
   * `chosen` becomes the persistent set around one actor; Infinity if one of its steps is visible.
   */
  private closeFrom(first: number): number {
    const { chosen, joining, steps, visible } = this;
    chosen.fill(0);
    chosen[first] = 1;
    joining[0] = first;
    let sum = 0;
    for (let n = 0, count = 1; n < count; n++) {
      const actor = joining[n] as number;
      if (visible[actor] === 1) return Infinity;
      sum += steps[actor] as number;
      for (let other = 0; other < steps.length; other++) {
        if (chosen[other] === 1) continue;
        if (!meet(this.next[actor] as Footprint, this.future[other] as Footprint)) continue;
        chosen[other] = 1;
        joining[count++] = other;
      }
    }
    return sum;
  }

  private isChosen(out: Successors, n: number): boolean {
    return this.best[this.prints.actorOf(out.labels[n] as number)] === 1;
  }

  private leadsOn(out: Successors, from: number, isNew: (successor: number) => boolean): boolean {
    for (let n = from; n < out.count; n++) if (this.isChosen(out, n) && isNew(n)) return true;
    return false;
  }

  private keep(out: Successors, from: number): void {
    let kept = from;
    for (let n = from; n < out.count; n++) {
      if (!this.isChosen(out, n)) continue;
      out.labels[kept] = out.labels[n] as number;
      out.words.copyWithin(kept * out.width, n * out.width, (n + 1) * out.width);
      kept++;
    }
    out.count = kept;
  }
}

const meet = (a: Footprint, b: Footprint): boolean =>
  ((a.writes & (b.reads | b.writes)) | (a.reads & b.writes)) !== 0;
