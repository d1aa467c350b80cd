/**
 * A machine whose threads can be stopped between any two steps: the model's kernel and hardware, a
 * thread's registers for each thread of the plan, and the writes that are in flight. All of it
 * lives in one store.
 */
import { DESIGNS } from '../../designs/designs.ts';
import { EventLog } from '../../events/event-log.ts';
import { behaviourOf, UNNAMED_KERNEL } from '../../kernel/changes/changes.ts';
import { deviceNamed, errnoName, prepareCall, useCompleteProgram } from '../../kernel/call.ts';
import { flushesNext, isAtEnd, isRunnable, start, stepOnce } from '../../kernel/executor.ts';
import { IRQ } from '../../kernel/irqs.ts';
import { Kernel } from '../../kernel/kernel.ts';
import { Thread } from '../../kernel/thread.ts';
import { bootMachine, carryOut } from '../../machine.ts';
import { operationText } from '../../operation-text.ts';
import type { Operation } from '../../operation.ts';
import { type Column, type RowOf, Store } from '../../state/store.ts';
import { resolve } from '../../topology/resolve.ts';
import { HardwareSteps } from './hardware-steps.ts';
import { labelOf } from './labels.ts';
import type { ExplorePlan, ThreadPlan } from './plan.ts';

/** Operations of a thread's plan. */
interface Teardowns {
  readonly thread: number;
  readonly operations: readonly number[];
}

export class ExploreMachine {
  readonly store = new Store();
  readonly log = new EventLog();
  readonly kernel: Kernel;
  readonly threads: readonly Thread[];
  readonly plan: ExplorePlan;
  readonly hardware: HardwareSteps;
  /**
   * What the step just taken ended: 1 nothing, 0 an operation, or minus the errno that it returned.
   */
  ended = 1;
  /** Which operation of its thread that was. */
  lastEnded = -1;
  /** By device: vector + 1 of the write in flight, and what it carries. */
  readonly inFlight: Column;
  private readonly flight: readonly [hi: Column, lo: Column, data: Column];
  /**
   * By thread: operation + 1 that it carries out; 0: idle. And how many it has done, of those in
   * order.
   */
  private readonly running: Column;
  private readonly done: Column;
  /** Vector + 1 whose start-up ends with the SYNC that its driver waits for; of `queued` commands. */
  private readonly starting: Column;
  /** Device and vector of each vector in `plan.fires`. */
  readonly fires: readonly { readonly device: number; readonly vector: number }[];
  private readonly begun: Int32Array;
  /** By vector in `plan.fires`: by thread, its operations that tear the device down. */
  private readonly teardowns: readonly (readonly Teardowns[])[];
  /** By thread and position: the operations that it may begin. */
  private readonly open: readonly (readonly (readonly number[])[])[];

  constructor(plan: ExplorePlan) {
    const topology = resolve(plan.topology, plan.userMappings);
    const { store, log } = this;
    this.plan = plan;
    const behaviour = behaviourOf(plan.kernel ?? UNNAMED_KERNEL);
    this.kernel = new Kernel(
      store,
      log,
      topology,
      DESIGNS[plan.design.name],
      {
        ...plan.design,
        caches: plan.caches === 'kept',
        queued: plan.commands === 'queued',
      },
      behaviour,
    );
    this.hardware = new HardwareSteps(this.kernel);
    this.threads = plan.threads.map((_, n) => new Thread(store, n, topology.cpus));
    const devices = topology.devices.length;
    const flight: RowOf = { part: 'flight', device: (device) => device };
    const running: RowOf = { part: 'running', thread: (thread) => thread };
    const word = (of: RowOf): Column => store.column(devices, of);
    this.inFlight = word({ ...flight, holds: 'vectorPlus1' });
    this.flight = [word(flight), word({ ...flight, holds: 'address' }), word(flight)];
    this.running = store.column(plan.threads.length, { ...running, holds: 'operation' });
    this.done = store.column(plan.threads.length, running);
    const queued = plan.commands === 'queued';
    this.starting = store.column(queued ? 1 : 0, { part: 'irq', holds: 'vectorPlus1' });
    store.seal();
    this.fires = plan.fires.map(({ device, index }) => {
      const found = deviceNamed(this.kernel, device);
      return { device: found.index, vector: found.firstVector + index };
    });
    // Who never tears a device down is not even asked what he is at: his steps do not interfere.
    this.teardowns = plan.fires.map(({ device }) =>
      plan.threads.flatMap(({ operations }, thread) => {
        const those = operations.flatMap((o, n) =>
          o.op === 'teardown' && o.device === device ? [n] : [],
        );
        return those.length === 0 ? [] : [{ thread, operations: those }];
      }),
    );
    this.open = plan.threads.map(({ operations, free, atMost = 1 }) => {
      const all = operations.map((_, n) => n);
      return free ? Array.from({ length: atMost }, () => all) : all.map((n) => [n]);
    });
    useCompleteProgram(this.kernel);
    bootMachine(this.kernel);
    for (const { operation, mayFail } of plan.before) {
      const error = carryOut(this.kernel, this.threads[0] as Thread, operation);
      if (error < 0 && !mayFail) throw new BeforeFailed(operation, errnoName(error) ?? '');
    }
    this.hardware.wait(queued);
    store.startJournal(false);
    this.begun = store.snapshot();
  }

  /** As when it was made, for the next who searches with it. */
  reset(): void {
    this.store.restore(this.begun);
    this.log.clear();
    this.ended = 1;
    this.lastEnded = -1;
  }

  /** Takes the step, which must be enabled. */
  take(label: number): void {
    const what = labelOf(label);
    switch (what.kind) {
      case 'begin':
        return this.begin(what.thread, what.choice);
      case 'step':
        return this.step(what.thread);
      case 'fire':
        return this.fire(what.fire);
      case 'arrive':
        return this.arrive(what.device);
      case 'read':
        return this.read(what.queue);
      case 'forget':
        return this.hardware.forget(what.cached);
    }
  }

  /** Operations that the idle thread may begin now: indices into its plan. */
  choices(thread: number): readonly number[] {
    return this.open[thread]?.[this.position(thread)] ?? [];
  }

  isIdle(thread: number): boolean {
    return this.running.get(thread) === 0;
  }

  /** Index of the operation that the thread carries out; -1: none. */
  current(thread: number): number {
    return this.running.get(thread) - 1;
  }

  get isAnythingInFlight(): boolean {
    for (let device = 0; device < this.inFlight.length; device++)
      if (this.inFlight.get(device) !== 0) return true;
    return this.hardware.isAnythingPosted;
  }

  get allIdle(): boolean {
    return this.threads.every((_, n) => this.isIdle(n));
  }

  /**
   * Whether the idle thread may begin: a driver quiets its device, and reads from it, before it
   * frees its vectors.
   */
  mayBegin(thread: number, choice: number): boolean {
    if (this.hardware.isAwaited) return false;
    const operation = this.planOf(thread).operations[choice];
    if (operation?.op !== 'teardown') return true;
    return this.inFlight.get(deviceNamed(this.kernel, operation.device).index) === 0;
  }

  /** Begins an operation and takes its first step. */
  begin(thread: number, choice: number): void {
    const operation = this.planOf(thread).operations[choice];
    const t = this.threads[thread];
    if (operation === undefined || t === undefined)
      throw new Error(`IMPOSSIBLE: thread ${thread} has no operation ${choice}`);
    const entry = prepareCall(this.kernel, t, operation);
    this.running.set(thread, choice + 1);
    if (entry < 0) {
      t.error = entry;
      this.end(thread);
      return;
    }
    start(this.kernel, t, entry);
    if (isAtEnd(this.kernel, t)) this.end(thread);
    else if (this.mayStep(thread)) this.step(thread);
  }

  /**
   * Not while a driver waits for its SYNC, whoever's thread it is: it does so with a lock held, or
   * with something in hand that nobody else has, and what others do in the meantime they might do
   * before or after.
   */
  mayStep(thread: number): boolean {
    if (this.hardware.isAwaited) return false;
    const t = this.threads[thread] as Thread;
    if (!isRunnable(this.kernel, t)) return false;
    return !flushesNext(this.kernel, t) || this.inFlight.get(t.device) === 0;
  }

  step(thread: number): void {
    const t = this.threads[thread] as Thread;
    const { vector } = t;
    stepOnce(this.kernel, t);
    this.noteStart(thread, vector);
    if (isAtEnd(this.kernel, t)) this.end(thread);
  }

  /** The step that was taken may have been the last of a vector's start-up, but for the SYNC. */
  private noteStart(thread: number, vector: number): void {
    if (!this.hardware.isAwaited || this.starting.length === 0 || vector < 0) return;
    const isSetup = this.operationOf(thread)?.op === 'setup';
    if (isSetup && this.kernel.irqs.is(vector, IRQ.started)) this.starting.set(0, vector + 1);
  }

  private read(queue: number): void {
    this.hardware.queues[queue]?.fifo.read();
    if (this.starting.length > 0 && !this.hardware.isAwaited) this.starting.set(0, 0);
  }

  /**
   * The device may raise the vector: its driver has asked for the interrupt and is not about to
   * free it.
   */
  mayFire(index: number): boolean {
    const { device, vector } = this.fires[index] as { device: number; vector: number };
    if (!this.kernel.irqs.is(vector, IRQ.started)) return false;
    if (this.starting.length > 0 && this.starting.get(0) === vector + 1) return false;
    if (this.plan.writes === 'posted' && this.inFlight.get(device) !== 0) return false;
    for (const { thread, operations } of this.teardowns[index] as readonly Teardowns[])
      if (operations.includes(this.current(thread))) return false;
    return true;
  }

  fire(index: number): void {
    const { device, vector } = this.fires[index] as { device: number; vector: number };
    const { functions, fabric } = this.kernel.hw;
    if (this.plan.writes === 'atomic' || functions.emission(device, vector) !== 'send') {
      fabric.fire(device, vector);
      return;
    }
    const row = functions.rowOf(device, vector);
    const [hi, lo, data] = this.flight;
    this.inFlight.set(device, vector + 1);
    hi.set(device, functions.hi(row));
    lo.set(device, functions.lo(row));
    data.set(device, functions.sentData(device, vector));
  }

  /** The device's write in flight reaches the SMMU. */
  arrive(device: number): void {
    const vector = this.inFlight.get(device) - 1;
    const [hi, lo, data] = this.flight;
    const write = [hi.get(device) >>> 0, lo.get(device) >>> 0, data.get(device) >>> 0] as const;
    this.inFlight.set(device, 0);
    hi.set(device, 0);
    lo.set(device, 0);
    data.set(device, 0);
    this.kernel.hw.fabric.write(device, vector, ...write);
  }

  operationOf(thread: number): ThreadPlan['operations'][number] | undefined {
    const running = this.running.get(thread);
    return running === 0 ? undefined : this.planOf(thread).operations[running - 1];
  }

  /** The operation that the thread carries out, or comes to next. */
  position(thread: number): number {
    return this.isCounted(thread) ? this.done.get(thread) : 0;
  }

  isFinished(thread: number): boolean {
    const { operations, free } = this.planOf(thread);
    return !free && this.isIdle(thread) && this.done.get(thread) === operations.length;
  }

  private planOf(thread: number): ThreadPlan {
    const plan = this.plan.threads[thread];
    if (plan === undefined) throw new Error(`IMPOSSIBLE: no thread ${thread}`);
    return plan;
  }

  private isCounted(thread: number): boolean {
    const { free, atMost } = this.planOf(thread);
    return !free || atMost !== undefined;
  }

  private end(thread: number): void {
    this.ended = this.threads[thread]?.error ?? 0;
    this.lastEnded = this.running.get(thread) - 1;
    this.running.set(thread, 0);
    if (this.isCounted(thread)) this.done.add(thread, 1);
    this.threads[thread]?.reset();
  }
}

/** What was to be done before the exploration did not succeed. */
export class BeforeFailed extends Error {
  constructor(operation: Operation, errno: string) {
    super(`${operationText(operation)}: ${errno}, before anything was interleaved`);
  }
}
