/**
 * What partial-order reduction knows of the model (engine/partial-order.ts).
 *
 * What the next steps of an actor read and write is not declared but measured: the store notes
 * which columns are touched while a state is expanded, so it is exact for that state. What an actor
 * may ever touch is declared, here, for each kind of operation, in the places that columns name
 * (places.ts). A step that touches more than was declared ends the search with an error; a column
 * that names no part is taken to be touched by everything.
 *
 * Visible is what begins or ends an operation, and what devices do: the model's own properties look
 * at states in which every thread is between operations and nothing is in flight. A fault, a lost
 * or misrouted interrupt belongs to the step that causes it, and commuting does not change what a
 * step reads.
 */
import type { KernelOperation } from '../../operation-kinds.ts';
import { operationText } from '../../operation-text.ts';
import type { Footprint, Footprints } from '../engine/system.ts';
import { labelOf } from './labels.ts';
import type { ExploreMachine } from './machine.ts';
import { MOVES, Places, REGISTERS, type Touches, UNSAID } from './places.ts';

/** What leaves all devices in their domains. */
const STAYS: ReadonlySet<string> = new Set(['setup', 'teardown', 'affinity', 'mask', 'unmask']);

/**
 * What a command to an ITS or SMMU works on. A step that posts one, or waits for its SYNC, may
 * carry out those that others have left.
 */
const OF_COMMANDS: ReadonlySet<string> = new Set(['its', 'its-device', 'gic', 'tlb', 'stream']);

/** They take as long to work out as some hundred steps, and a machine serves several searches. */
const known = new WeakMap<ExploreMachine, ModelFootprints>();

export class ModelFootprints implements Footprints {
  readonly actors: number;
  /**
   * A thread comes round only through the end of an operation, and all that a device does is
   * visible.
   */
  readonly cyclesAreVisible = true;
  private readonly machine: ExploreMachine;
  private readonly places: Places;
  private readonly measured: readonly Footprint[];
  private readonly seen: Uint8Array;
  /** By thread: what each of its operations may touch, and what those from the nth on may. */
  private readonly operations: readonly (readonly Footprint[])[];
  private readonly remaining: readonly (readonly Footprint[])[];
  /** By device. */
  private readonly devices: readonly Footprint[];

  /**
   * Of an ITS or SMMU that reads a command late, or drops what it has cached: that may be anything.
   */
  private readonly hardware: Footprint;

  /** What a spec's own properties look at: who writes it is visible. */
  private sight = 0;
  /** What says that all is at rest: who changes that is visible anyway. */
  private readonly rest: number;

  /** `parts`: of the machine, that properties look at in any state. */
  static of(machine: ExploreMachine, parts: ReadonlySet<string> = new Set()): ModelFootprints {
    const made = known.get(machine) ?? new ModelFootprints(machine);
    known.set(machine, made);
    // A queue that a command is left in says no part of itself, and nothing is at rest before it is read.
    const queued = machine.hardware.queues.length > 0 ? UNSAID : 0;
    made.sight = made.places.bitsOf(parts) | queued;
    return made;
  }

  private constructor(machine: ExploreMachine) {
    const { plan, kernel, store } = machine;
    const threads = plan.threads.length;
    const devices = kernel.topology.devices.length;
    this.machine = machine;
    this.places = new Places(machine);
    this.actors = threads + devices + 1;
    store.track((of, row) => this.places.bitOf(of, row), UNSAID);
    this.rest = this.places.bitsOf(new Set(['running', 'flight']));
    this.measured = Array.from({ length: this.actors }, none);
    this.seen = new Uint8Array(this.actors);
    this.operations = plan.threads.map(({ operations }, thread) =>
      operations.map((operation) => this.ofOperation(operation, thread)),
    );
    this.remaining = this.operations.map((prints, thread) => {
      const all = prints.reduce(union, none());
      const { free, atMost } = plan.threads[thread] ?? {};
      if (free === true)
        return atMost === undefined
          ? [all]
          : [...Array.from({ length: atMost }, () => all), none()];
      return [...prints.map((_, n) => prints.slice(n).reduce(union, none())), none()];
    });
    this.devices = kernel.topology.devices.map((_, device) =>
      machine.fires.some((fire) => fire.device === device) ? this.ofDevice(device) : none(),
    );
    const acts = machine.hardware.queues.length > 0 || plan.caches === 'kept';
    this.hardware = acts
      ? this.places.print(
          () => true,
          () => true,
        )
      : none();
  }

  /** Before the steps of a state are taken. */
  clear(): void {
    for (const print of this.measured) print.reads = print.writes = 0;
    this.seen.fill(0);
  }

  /** Before it is asked whether an actor can take a step, and the step is taken. */
  begin(): void {
    this.machine.store.reads = this.machine.store.writes = 0;
  }

  /** After that. `operation`: of the thread's plan. */
  endThread(thread: number, operation: number, visible: boolean): void {
    const { store } = this.machine;
    const declared = this.operations[thread]?.[operation];
    const [reads, writes] = [store.reads & ~REGISTERS, store.writes & ~REGISTERS];
    const more = this.end(thread, declared, reads, writes);
    if (more !== 0) {
      const plan = this.machine.plan.threads[thread];
      const text = plan?.operations[operation];
      this.undeclared(
        `${plan?.name ?? '?'} in ${text === undefined ? '?' : operationText(text)}`,
        more,
      );
    }
    if (visible) this.seen[thread] = 1;
  }

  endDevice(device: number): void {
    const { store } = this.machine;
    const actor = this.machine.threads.length + device;
    const more = this.end(actor, this.devices[device], store.reads, store.writes);
    if (more !== 0) this.undeclared(this.machine.kernel.device(device).name, more);
    this.seen[actor] = 1;
  }

  /** All queues and caches together. */
  endHardware(): void {
    const { store } = this.machine;
    const actor = this.actors - 1;
    const more = this.end(actor, this.hardware, store.reads, store.writes);
    if (more !== 0) this.undeclared('an ITS or SMMU', more);
    this.seen[actor] = 1;
  }

  /**
   * What is read to see whether a property holds is nothing that a step reads, and within what it
   * was said to look at.
   */
  whileLooking(look: () => number): number {
    const { store } = this.machine;
    const { reads, writes } = store;
    store.reads = 0;
    const found = look();
    const more = store.reads & ~this.sight & ~this.rest;
    if (more !== 0) this.undeclared("the spec's own properties", more);
    store.reads = reads;
    store.writes = writes;
    return found;
  }

  actorOf(label: number): number {
    const what = labelOf(label);
    const threads = this.machine.threads.length;
    switch (what.kind) {
      case 'begin':
      case 'step':
        return what.thread;
      case 'fire':
        return threads + (this.machine.fires[what.fire]?.device ?? 0);
      case 'arrive':
        return threads + what.device;
      case 'read':
      case 'forget':
        return this.actors - 1;
    }
  }

  /** As measured: the engine asks right after the state was expanded. */
  next(_words: Int32Array, _at: number, actor: number, out: Footprint): void {
    const { reads, writes } = this.measured[actor] as Footprint;
    out.reads = reads;
    out.writes = writes;
  }

  future(_words: Int32Array, _at: number, actor: number, out: Footprint): void {
    const { machine } = this;
    const threads = machine.threads.length;
    const print =
      actor < threads
        ? this.remaining[actor]?.[machine.position(actor)]
        : (this.devices[actor - threads] ?? this.hardware);
    out.reads = print?.reads ?? 0;
    out.writes = print?.writes ?? 0;
  }

  visible(label: number): boolean {
    return this.seen[this.actorOf(label)] === 1;
  }

  /** Returns what was touched that was not declared. */
  private end(
    actor: number,
    declared: Footprint | undefined,
    reads: number,
    writes: number,
  ): number {
    const print = this.measured[actor] as Footprint;
    print.reads |= reads;
    print.writes |= writes;
    if ((writes & this.sight) !== 0) this.seen[actor] = 1;
    return (reads & ~(declared?.reads ?? 0)) | (writes & ~(declared?.writes ?? 0));
  }

  private undeclared(actor: string, bits: number): never {
    const what = this.places.namesIn(bits) || 'the registers of a thread';
    throw new Error(
      `IMPOSSIBLE: a step of ${actor} touches what it is not declared to touch: ${what}`,
    );
  }

  /** Of an operation on a device: nothing of other devices. Only moves write streams. */
  private ofOperation(operation: KernelOperation, thread: number): Footprint {
    const device = this.deviceOf(operation);
    // The locks and the domain of a device are its group's.
    const group = device === undefined ? [] : this.machine.kernel.device(device).group;
    const isMove = device === undefined || MOVES.has(operation.op);
    const controller =
      device === undefined ? undefined : this.machine.kernel.device(device).controller;
    const domains = device === undefined || isMove ? undefined : this.domainsOf(device);
    const isQueued = this.machine.hardware.queues.length > 0;
    const isOfCommands: Touches = ({ part }) => isQueued && OF_COMMANDS.has(part);
    const isOwn: Touches = (place) =>
      (place.device === undefined ||
        device === undefined ||
        group.includes(place.device) ||
        // Whoever else is in the domain counts.
        (isMove && place.part === 'attached')) &&
      (place.domain === undefined || domains === undefined || domains.includes(place.domain)) &&
      (place.controller === undefined || isMove || place.controller === controller) &&
      (place.thread === undefined || place.thread === thread);
    const reads: Touches = (place) => isOfCommands(place) || isOwn(place);
    return this.places.print(reads, (place) => {
      if (isOfCommands(place)) return true;
      if (place.part === 'flight') return false;
      if (!isMove && ['stream', 'attached', 'window', 'cpu'].includes(place.part)) return false;
      return isOwn(place);
    });
  }

  /**
   * A device that raises its vectors, and its write on its way through the IOMMU to the interrupt
   * controller.
   */
  private ofDevice(device: number): Footprint {
    const { topology } = this.machine.kernel;
    const name = topology.devices[device]?.name;
    const quiets = this.machine.plan.threads.map(({ operations }) =>
      operations.some((o) => o.op === 'teardown' && o.device === name),
    );
    const isOwn: Touches = (place) => place.device === device;
    const domains = this.domainsOf(device);
    return this.places.print(
      (place) => {
        if (place.domain !== undefined && domains?.includes(place.domain) === false) return false;
        if (place.part === 'running') return quiets[place.thread ?? -1] === true;
        if (place.device !== undefined && !isOwn(place)) return false;
        return [
          ...['function', 'irq', 'flight', 'attached'],
          ...['stream', 'tables', 'its', 'gic', 'owner', 'cpu', 'window', 'tlb'],
        ].includes(place.part);
      },
      (place) =>
        (['gic', 'tlb'].includes(place.part) && (place.device === undefined || isOwn(place))) ||
        (isOwn(place) && ['function', 'flight'].includes(place.part)),
    );
  }

  /**
   * Those that translate the device's writes, while nothing moves it; undefined: some thread may.
   */
  private domainsOf(device: number): number[] | undefined {
    const { plan, kernel } = this.machine;
    const moves = plan.threads.some(({ operations }) =>
      operations.some(({ op }) => !STAYS.has(op)),
    );
    if (moves) return undefined;
    const current = kernel.domains.current.get(device) - 1;
    return [current, kernel.domains.paging(current)];
  }

  private deviceOf(operation: KernelOperation): number | undefined {
    const { deviceByName } = this.machine.kernel.topology;
    if ('device' in operation) return deviceByName.get(operation.device)?.index;
    return 'vector' in operation ? deviceByName.get(operation.vector.device)?.index : undefined;
  }
}

const none = (): Footprint => ({ reads: 0, writes: 0 });

const union = (a: Footprint, b: Footprint): Footprint => ({
  reads: a.reads | b.reads,
  writes: a.writes | b.writes,
});
