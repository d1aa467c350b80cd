/**
 * The model, searched for what can come of it. What follows after a broken property is not
 * searched: a broken machine may do anything, and some never stop. With a target, the system has
 * one property: that it never comes to the target, and breadth-first search then finds a shortest
 * way there.
 */
import { Successors } from '../engine/successors.ts';
import type { Symmetry, System } from '../engine/system.ts';
import type { ExploreMachine } from './machine.ts';
import { ModelSystem } from './model-system.ts';
import { outcomesOf } from './outcomes.ts';
import type { ExplorePlan } from './plan.ts';
import { PROPERTIES } from './properties.ts';
import type { Watch } from './watch.ts';

const STUCK = 'no thread can go on, and not all have finished';
/** Outcomes name devices and CPUs, but all renamings of one are met together. */
const TELLS_NOTHING_APART = { tellsDevices: false, tellsCpus: false, parts: undefined };
const broken = (property: number): string => `breaks: ${PROPERTIES[property - 1] ?? '?'}`;

export class OutcomeSystem implements System {
  readonly name = 'outcomes';
  readonly width: number;
  readonly properties: readonly string[];
  readonly situations: readonly string[] = [];
  /** The model itself, to tell a story with. */
  readonly model: ModelSystem;
  /**
   * Not of a search for a target, which names devices and CPUs. Nor where the search begins in a
   * state that a renaming would change: what comes of the renamed state may come of no other.
   */
  readonly symmetry: Symmetry | undefined;
  /** Outcomes that were met, unless there is a target. */
  readonly outcomes = new Set<string>();
  private readonly target: string | undefined;
  private readonly scratch: Successors;

  constructor(plan: ExplorePlan, live: readonly number[], target?: string) {
    this.target = target;
    this.model = new ModelSystem(plan, live, this.watch());
    this.width = this.model.width;
    this.scratch = new Successors(this.width, 64);
    this.properties = target === undefined ? [] : [target];
    const { symmetry } = this.model;
    if (target === undefined && symmetry?.orbit !== undefined) this.symmetry = symmetry;
  }

  initial(out: Successors): void {
    this.model.initial(out);
  }

  expand(words: Int32Array, at: number, out: Successors): void {
    if (this.model.check(words, at) !== 0) return;
    const first = out.count;
    const known = this.outcomes.size;
    this.model.expand(words, at, out);
    if (this.outcomes.size > known) this.meetRenamed(words, at);
    let kept = first;
    for (let n = first; n < out.count; n++) {
      const blame = out.blames[n] as number;
      const isTarget = blame > PROPERTIES.length || (blame > 0 && this.isMet(broken(blame)));
      if (blame > 0 && !isTarget) continue;
      out.words.copyWithin(kept * this.width, n * this.width, (n + 1) * this.width);
      out.labels[kept] = out.labels[n] as number;
      out.blames[kept] = isTarget ? 1 : 0;
      kept++;
    }
    out.blames.fill(0, kept, out.count);
    out.count = kept;
    out.blamed = out.blames.subarray(first, kept).reduce((sum, blame) => sum + blame, 0);
  }

  check(words: Int32Array, at: number): number {
    const property = this.model.check(words, at);
    return property > 0 && this.isMet(broken(property)) ? 1 : 0;
  }

  /** A system that stops is one more outcome, not a mistake of the search. */
  quiescent(words: Int32Array, at: number): boolean {
    if (this.model.quiescent(words, at) || this.model.check(words, at) !== 0) return true;
    // Steps that break a property are left out above, and may have been all that there were.
    this.scratch.clear();
    this.model.expand(words, at, this.scratch);
    return this.scratch.count > 0 || !this.isMet(STUCK) || this.target === undefined;
  }

  describeStep(label: number, words: Int32Array, at: number): string {
    return this.model.describeStep(label, words, at);
  }

  describeState(words: Int32Array, at: number): Readonly<Record<string, string | number>> {
    return this.model.describeState(words, at);
  }

  /**
   * What comes of a state comes, by other names, of its renamings, which are reached and not
   * stored.
   */
  private meetRenamed(words: Int32Array, at: number): void {
    if (this.symmetry === undefined) return;
    for (const image of this.model.symmetry?.imagesOf(words, at) ?? []) {
      this.scratch.clear();
      this.model.expand(image, 0, this.scratch);
    }
  }

  /** Notes the outcome; whether it is the target. */
  private isMet(outcome: string): boolean {
    if (this.target === undefined) this.outcomes.add(outcome);
    return outcome === this.target;
  }

  private watch(): Watch {
    const target = this.target;
    return {
      properties: ['the target'],
      situations: [],
      sight: TELLS_NOTHING_APART,
      seen: () => 0,
      state: () => 0,
      step: (machine: ExploreMachine, label: number) => {
        const found = outcomesOf(machine, label);
        if (target === undefined) for (const outcome of found) this.outcomes.add(outcome);
        return target !== undefined && found.includes(target) ? 1 : 0;
      },
    };
  }
}
