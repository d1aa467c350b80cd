/**
 * The model as a transition system: the steps of `kernel/` and `designs/` on several threads,
 * devices that raise their vectors, writes that arrive. A state is put into the machine's store,
 * each enabled step is taken, read back and undone.
 *
 * Hardware that reads a command nobody waited for, or drops what it has cached, takes a step too.
 */
import type { Successors } from '../engine/successors.ts';
import type { System } from '../engine/system.ts';
import { describeState } from './describe-state.ts';
import { ModelFootprints } from './footprints.ts';
import { Judge } from './judge.ts';
import {
  arriveLabel,
  beginLabel,
  fireLabel,
  forgetLabel,
  labelOf,
  readLabel,
  stepLabel,
} from './labels.ts';
import { LiveWords } from './live-words.ts';
import { ExploreMachine } from './machine.ts';
import type { ExplorePlan } from './plan.ts';
import { PROPERTIES } from './properties.ts';
import { ModelSymmetry, type SymmetryNote } from './renaming.ts';
import type { Renaming } from './renamings.ts';
import { Situations } from './situations.ts';
import type { Watch } from './watch.ts';
import { type StoryStep, storyStep, storyText } from './step-text.ts';

const NONE = new Int32Array(0);
const NO_PARTS: ReadonlySet<string> = new Set();

export class ModelSystem implements System {
  readonly name = 'model';
  readonly width: number;
  readonly properties: readonly string[];
  readonly situations: readonly string[];
  readonly machine: ExploreMachine;
  readonly symmetry: ModelSymmetry | undefined;
  readonly note: SymmetryNote | undefined;
  /** Once somebody has asked for them: measuring takes time. */
  private prints: ModelFootprints | undefined;
  private readonly live: LiveWords;
  private readonly judge: Judge;
  private readonly seen: Situations;
  /** The state that is loaded. */
  private words: Int32Array = NONE;
  private at = 0;
  private readonly watch: Watch | undefined;

  /**
   * `live`: words of the store that change; from the LiveWordFound of the attempt before, at first
   * none. `machine`: one of the plan that nobody else uses any more.
   */
  constructor(
    plan: ExplorePlan,
    live: readonly number[],
    watch?: Watch,
    machine = new ExploreMachine(plan),
  ) {
    this.machine = machine;
    machine.reset();
    const isKnown = watch === undefined || watch.sight !== undefined;
    const symmetric = isKnown ? ModelSymmetry.of(this.machine, live, watch?.sight) : undefined;
    this.symmetry = symmetric?.symmetry;
    this.note = symmetric?.note;
    const words = symmetric?.live ?? live;
    this.live = new LiveWords(this.machine.store, words);
    this.width = Math.max(1, words.length);
    this.judge = new Judge(this.machine);
    this.watch = watch;
    this.properties = [...PROPERTIES, ...(watch?.properties ?? [])];
    this.seen = new Situations(plan, this.machine, watch?.situations.length);
    this.situations = [...this.seen.names, ...(watch?.situations ?? [])];
  }

  /** None where somebody looks at what happens in each step: then nothing commutes. */
  get footprints(): ModelFootprints | undefined {
    const { watch } = this;
    const parts = watch === undefined ? NO_PARTS : watch.sight?.parts;
    if (parts !== undefined) this.prints ??= ModelFootprints.of(this.machine, parts);
    return this.prints;
  }

  initial(out: Successors): void {
    // The machine is as `before` left it until the first state is loaded, and comes back to that.
    const words = new Int32Array(this.width);
    this.live.saveAll(words);
    out.push(0, (this.first ??= words));
  }
  private first: Int32Array | undefined;

  expand(words: Int32Array, at: number, out: Successors): void {
    const { machine } = this;
    this.load(words, at);
    this.prints?.clear();
    for (let thread = 0; thread < machine.threads.length; thread++) this.threadSteps(thread, out);
    for (let n = 0; n < machine.fires.length; n++) {
      this.prints?.begin();
      if (machine.mayFire(n)) this.take(fireLabel(n), out);
      this.prints?.endDevice(machine.fires[n]?.device ?? -1);
    }
    for (let device = 0; device < machine.inFlight.length; device++) {
      if (machine.inFlight.get(device) === 0) continue;
      this.prints?.begin();
      this.take(arriveLabel(device), out);
      this.prints?.endDevice(device);
    }
    this.prints?.begin();
    machine.hardware.queues.forEach(({ fifo }, n) => {
      if (fifo.length > 0) this.take(readLabel(n), out);
    });
    if (machine.plan.caches === 'kept')
      machine.hardware.forEachStale((n) => this.take(forgetLabel(n), out));
    this.prints?.endHardware();
  }

  private threadSteps(thread: number, out: Successors): void {
    const { machine, prints } = this;
    const current = machine.current(thread);
    if (current >= 0) {
      prints?.begin();
      machine.ended = 1;
      if (machine.mayStep(thread)) this.take(stepLabel(thread), out);
      prints?.endThread(thread, current, machine.ended !== 1);
      return;
    }
    for (const choice of machine.choices(thread)) {
      prints?.begin();
      if (machine.mayBegin(thread, choice)) this.take(beginLabel(thread, choice), out);
      prints?.endThread(thread, choice, true);
    }
  }

  check(words: Int32Array, at: number): number {
    this.load(words, at);
    const broken = this.judge.state();
    if (broken !== 0 || this.watch === undefined) return broken;
    const { watch } = this;
    return this.own(this.looked(() => watch.state(this.machine, this.isAtRest())));
  }

  quiescent(words: Int32Array, at: number): boolean {
    this.load(words, at);
    return this.haveFinished();
  }

  describeStep(label: number, words: Int32Array, at: number): string {
    return storyText(this.tell(label, words, at));
  }

  /** A step, taken in the state at `words[at]`. */
  tell(label: number, words: Int32Array, at: number): StoryStep {
    this.load(words, at);
    const { machine } = this;
    const mark = machine.store.mark();
    const what = labelOf(label);
    const operation = what.kind === 'step' ? machine.operationOf(what.thread) : undefined;
    machine.log.clear();
    machine.ended = 1;
    // What is dropped is told as it was.
    const stale = what.kind === 'forget' ? machine.hardware.stale(what.cached) : undefined;
    if (what.kind === 'read') machine.hardware.queues[what.queue]?.tellNext?.();
    this.machine.take(label);
    const told = storyStep(machine, what, { operation, stale });
    machine.store.undo(mark);
    return told;
  }

  describeState(words: Int32Array, at: number): Readonly<Record<string, string | number>> {
    this.load(words, at);
    return describeState(this.machine);
  }

  private haveFinished(): boolean {
    const { machine } = this;
    return machine.plan.threads.every(({ free }, n) =>
      free ? machine.isIdle(n) : machine.isFinished(n),
    );
  }

  private isAtRest(): boolean {
    return this.haveFinished() && !this.machine.isAnythingInFlight;
  }

  /** What somebody looks at is nothing that the step read. */
  private looked(look: () => number): number {
    return this.prints === undefined ? look() : this.prints.whileLooking(look);
  }

  /** A property of the watch as one of this system's. */
  private own(broken: number): number {
    return broken === 0 ? 0 : PROPERTIES.length + broken;
  }

  private load(words: Int32Array, at: number): void {
    this.live.load(words, at);
    this.words = words;
    this.at = at;
  }

  private take(label: number, out: Successors): void {
    const { machine, judge, seen } = this;
    const { store, log } = machine;
    const mark = store.mark();
    log.clear();
    machine.ended = 1;
    const vector = this.vectorOf(label);
    this.machine.take(label);
    let blame = judge.step(vector);
    const bits = seen.after(label, judge.delivered, machine.ended);
    if ((bits & ~out.situations) !== 0)
      out.situations |= this.symmetry?.situations(bits, this.renamed) ?? bits;
    if (this.watch !== undefined) {
      const { watch } = this;
      const shown = this.looked(() => watch.seen(machine, this.isAtRest()));
      out.situations |= shown << seen.names.length;
      blame = this.own(this.looked(() => watch.step(machine, label))) || blame;
    }
    if (store.mark() === mark && blame === 0) out.loops++;
    else {
      out.push(label, this.words, this.at);
      this.live.save(out.words, (out.count - 1) * this.width, mark);
      if (blame !== 0) out.blame(blame);
    }
    store.undo(mark);
  }

  private readonly renamed = (bit: number, renaming: Renaming): number =>
    this.seen.renamed(bit, renaming);

  /** Whose write the step carries, or -1. */
  private vectorOf(label: number): number {
    const what = labelOf(label);
    if (what.kind === 'fire') return this.machine.fires[what.fire]?.vector ?? -1;
    return what.kind === 'arrive' ? this.machine.inFlight.get(what.device) - 1 : -1;
  }
}
