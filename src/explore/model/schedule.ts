/**
 * One interleaving, followed instead of searched for: who takes the next step, by the kernel's
 * names. The machine, its enabled steps and what is wrong with them are those of the search
 * (model-system.ts), so that a counterexample breaks here what it broke there.
 *
 * The names are not needed to know what a thread does next; they are checked, so that a schedule
 * written for other code is refused where it parts from it and does not go on to show something
 * else.
 */
import { operationText } from '../../operation-text.ts';
import { Successors } from '../engine/successors.ts';
import { type Label, labelOf } from './labels.ts';
import { ExploreMachine } from './machine.ts';
import { ModelSystem } from './model-system.ts';
import type { ExplorePlan } from './plan.ts';
import { stepName, type StoryStep } from './step-text.ts';
import type { Watch } from './watch.ts';

export type ScheduledStep =
  /**
   * The idle thread begins the operation, by its text, and takes the first step unless a lock is
   * held.
   */
  | { readonly kind: 'begin'; readonly thread: string; readonly operation: string }
  /**
   * The next step of the thread; right after `begin`, the name of the step that the beginning took.
   */
  | { readonly kind: 'step'; readonly thread: string; readonly name: string }
  /** All steps up to the end of the thread's operation. */
  | { readonly kind: 'finish'; readonly thread: string }
  | { readonly kind: 'raise'; readonly vector: string }
  /** The device's write in flight arrives. */
  | { readonly kind: 'arrive'; readonly device: string }
  /** The ITS or SMMU reads the oldest command of its queue. */
  | { readonly kind: 'reads'; readonly owner: string }
  /** The SMMU drops what the story calls so. */
  | { readonly kind: 'drops'; readonly owner: string; readonly what: string };

export type ScheduleEnd =
  | { readonly kind: 'held' }
  | { readonly kind: 'violated'; readonly property: string }
  /** After the last step no thread can go on, and not all have finished. */
  | { readonly kind: 'deadlock' }
  /** The step at `at` is not one that can be taken there. */
  | { readonly kind: 'parted'; readonly message: string };

export interface Followed {
  readonly end: ScheduleEnd;
  /** Index in the schedule of the step that the end is about. */
  readonly at: number;
  readonly story: readonly StoryStep[];
  /** The states before and after the last step taken. */
  readonly before: Readonly<Record<string, string | number>>;
  readonly after: Readonly<Record<string, string | number>>;
}

/** No procedure of the kernel has as many steps. */
const MAX_STEPS = 1_000_000;

export function followSchedule(
  plan: ExplorePlan,
  schedule: readonly ScheduledStep[],
  watch?: Watch,
): Followed {
  return new Follower(plan, watch).follow(schedule);
}

interface Candidate {
  readonly n: number;
  readonly label: Label;
  readonly told: StoryStep;
}

class Follower {
  private readonly system: ModelSystem;
  private readonly out: Successors;
  private words: Int32Array;
  private readonly story: StoryStep[] = [];
  private property = 0;
  private before: Followed['before'] = {};
  /** The thread that has just begun, and the name of the step that it took with that. */
  private begun: { readonly thread: string; readonly name: string } | undefined;

  constructor(plan: ExplorePlan, watch: Watch | undefined) {
    // Every word is part of a state here: one path costs nothing, and no word need be found to
    // change.
    const all = new ExploreMachine(plan).store.words.map((_, index) => index);
    this.system = new ModelSystem(plan, [...all], watch);
    this.out = new Successors(this.system.width, 64);
    this.system.initial(this.out);
    this.words = this.out.words.slice(0, this.system.width);
  }

  follow(schedule: readonly ScheduledStep[]): Followed {
    this.property = this.system.check(this.words, 0);
    for (const [at, step] of schedule.entries()) {
      if (this.property !== 0) break;
      const message = this.go(step);
      if (message !== undefined) return this.ended({ kind: 'parted', message }, at);
      if (this.property !== 0) return this.ended(this.violation(), at);
    }
    const last = Math.max(0, schedule.length - 1);
    if (this.property !== 0) return this.ended(this.violation(), 0);
    return this.ended({ kind: this.isDeadlock() ? 'deadlock' : 'held' }, last);
  }

  private violation(): ScheduleEnd {
    return { kind: 'violated', property: this.system.properties[this.property - 1] ?? '?' };
  }

  /** As in a search: a step that leads back, such as a call that is refused, is no way out. */
  private isDeadlock(): boolean {
    const { out, system, words } = this;
    const leadsOn = this.candidates().some(({ n }) =>
      words.some((word, w) => out.words[n * system.width + w] !== word),
    );
    return !leadsOn && !system.quiescent(words, 0);
  }

  private ended(end: ScheduleEnd, at: number): Followed {
    const after = this.system.describeState(this.words, 0);
    return { end, at, story: this.story, before: this.before, after };
  }

  /** Why the step cannot be taken; undefined: it was. */
  private go(step: ScheduledStep): string | undefined {
    const { begun } = this;
    this.begun = undefined;
    if (step.kind === 'step' && begun !== undefined && begun.thread === step.thread)
      return begun.name === step.name ? undefined : notAt(step.thread, begun.name, step.name);
    if (step.kind === 'finish') return this.finish(step.thread);
    const candidates = this.candidates();
    const found = candidates.find((candidate) => this.isMeant(candidate, step));
    if (found === undefined) return this.whyNot(step, candidates);
    this.take(found);
    const name = stepName(found.told);
    if (step.kind === 'begin' && name !== undefined) this.begun = { thread: step.thread, name };
    return undefined;
  }

  private finish(thread: string): string | undefined {
    for (let n = 0; n < MAX_STEPS && this.property === 0; n++) {
      if (this.operationOf(thread) === undefined) return undefined;
      const next = this.candidates().find(
        ({ label, told }) => label.kind === 'step' && told.actor === thread,
      );
      if (next === undefined) return `${thread} cannot finish here: ${WAITING}`;
      this.take(next);
    }
    return undefined;
  }

  /** Steps that can be taken in the state, as a story tells them. */
  private candidates(): Candidate[] {
    const { out, system, words } = this;
    out.clear();
    system.expand(words, 0, out);
    return Array.from({ length: out.count }, (_, n) => {
      const label = out.labels[n] as number;
      return { n, label: labelOf(label), told: system.tell(label, words, 0) };
    });
  }

  private take({ n, told }: Candidate): void {
    const { out, system } = this;
    this.before = system.describeState(this.words, 0);
    this.words = out.words.slice(n * system.width, (n + 1) * system.width);
    this.property = out.blames[n] as number;
    if (this.property === 0) this.property = system.check(this.words, 0);
    this.story.push(told);
  }

  private isMeant({ label, told }: Candidate, step: ScheduledStep): boolean {
    switch (step.kind) {
      case 'begin':
        return (
          label.kind === 'begin' && told.actor === step.thread && told.operation === step.operation
        );
      case 'step':
        return (
          label.kind === 'step' &&
          told.actor === step.thread &&
          (stepName(told) ?? WAITS) === step.name
        );
      case 'raise':
        return label.kind === 'fire' && told.vector === step.vector;
      case 'arrive':
        return label.kind === 'arrive' && told.actor === step.device;
      case 'reads':
        return label.kind === 'read' && told.actor === step.owner;
      case 'drops':
        return (
          label.kind === 'forget' &&
          told.actor === step.owner &&
          told.lines[0]?.text === `drops ${step.what}`
        );
      case 'finish':
        return false;
    }
  }

  private whyNot(step: ScheduledStep, candidates: readonly Candidate[]): string {
    switch (step.kind) {
      case 'raise':
        return `${step.vector} cannot be raised here: it is not set up, about to be torn down, or its device has a write in flight`;
      case 'arrive':
        return `${step.device} has no write in flight here`;
      case 'reads':
        return `${step.owner} has no command in its queue here`;
      case 'drops': {
        const others = candidates
          .filter(({ label, told }) => label.kind === 'forget' && told.actor === step.owner)
          .map(({ told }) => told.lines[0]?.text.replace(/^drops /, '') ?? '?');
        return `${step.owner} has not cached ${step.what}, or it is not out of date; it may drop: ${others.join('; ') || 'nothing'}`;
      }
      case 'finish':
        return `${step.thread} cannot finish here`;
      case 'begin': {
        const running = this.operationOf(step.thread);
        if (running !== undefined) return `${step.thread} is still at ${running}`;
        return `${step.thread} cannot begin ${step.operation} here: it has done what it was to do, or ${WAITING}`;
      }
      case 'step': {
        if (this.operationOf(step.thread) === undefined)
          return `${step.thread} is between two operations, not at ${step.name}`;
        const next = candidates.find(
          ({ label, told }) => label.kind === 'step' && told.actor === step.thread,
        );
        if (next === undefined) return `${step.thread} cannot go on here: ${WAITING}`;
        return notAt(step.thread, stepName(next.told) ?? WAITS, step.name);
      }
    }
  }

  /** What the thread is carrying out in the state. */
  private operationOf(thread: string): string | undefined {
    const { machine } = this.system;
    this.system.check(this.words, 0);
    const index = machine.plan.threads.findIndex(({ name }) => name === thread);
    const operation = machine.operationOf(index);
    return operation && operationText(operation);
  }
}

/** The name of a step in which a thread takes a lock and then waits for the next one. */
export const WAITS = 'lock';
const WAITING =
  'it waits for a lock that another thread holds, for a write in flight, or for the SYNC of a driver';
const notAt = (thread: string, here: string, asked: string): string =>
  `${thread} is at ${here} here, not at ${asked}`;
