/**
 * What partial-order reduction knows of the model (engine/partial-order.ts).
 *
 * What the next steps of an actor read and write is not declared but measured: the store notes
 * which columns are touched while a state is expanded, so it is exact for that state. What an actor
 * may ever touch is declared, here, for each kind of operation, in the parts that columns name
 * (RowOf). A step that touches more than was declared ends the search with an error; a column that
 * names no part is taken to be touched by everything.
 *
 * Visible is what begins or ends an operation, and what devices do: the model's own properties look
 * at states in which every thread is between operations and nothing is in flight. A fault, a lost
 * or misrouted interrupt belongs to the step that causes it, and commuting does not change what a
 * step reads.
 */
import type { KernelOperation } from '../../operation-kinds.ts';
import { operationText } from '../../operation-text.ts';
import type { RowOf } from '../../state/store.ts';
import type { Footprint, Footprints } from '../engine/system.ts';
import { labelOf } from './labels.ts';
import type { ExploreMachine } from './machine.ts';

/**
 * One bit each for what is not said and for registers; the others are shared if there are more
 * places than bits.
 */
const UNSAID = 1 << 0;
const REGISTERS = 1 << 1;
const FIRST_SHARED = 2;
const BITS = 32;

/** A part, of one device, domain or thread. */
interface Place {
  readonly part: string;
  readonly device: number | undefined;
  readonly domain: number | undefined;
  readonly thread: number | undefined;
  readonly controller: number | undefined;
  readonly bit: number;
}

type Touches = (place: Place) => boolean;

/** Parts that only moves and mappings of user space write: a bit for all places of one. */
const QUIET: ReadonlySet<string> = new Set(['stream', 'window', 'attached', 'iommufd', 'cpu']);

/** What leaves all devices in their domains. */
const STAYS: ReadonlySet<string> = new Set(['setup', 'teardown', 'affinity', 'mask', 'unmask']);

/** Operations that put a device into a domain or take it out. */
const MOVES: ReadonlySet<string> = new Set(['attach', 'detach', 'plug', 'unplug']);

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
  private readonly places = new Map<string, Place>();
  /** Of the rows of columns, by device, domain and thread. */
  private readonly bitsIn = new Map<RowOf, Map<number, number>>();
  /** Bits are few: one for all places of devices and domains that no thread has to do with. */
  private readonly busy: Busy;
  private readonly bits = new Map<string, number>();
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
    made.sight = made.bitsOf(parts);
    return made;
  }

  private constructor(machine: ExploreMachine) {
    const { plan, kernel, store } = machine;
    const threads = plan.threads.length;
    const devices = kernel.topology.devices.length;
    this.machine = machine;
    this.busy = busyIn(machine);
    this.actors = threads + devices + 1;
    store.track((of, row) => this.bitOf(of, row), UNSAID);
    this.rest = this.bitsOf(new Set(['running', 'flight']));
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
      ? this.print(
          () => true,
          () => true,
        )
      : none();
  }

  private bitsOf(parts: ReadonlySet<string>): number {
    return [...this.places.values()].reduce(
      (bits, p) => (parts.has(p.part) ? bits | p.bit : bits),
      0,
    );
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
    const names = [...this.places.entries()].filter(([, { bit }]) => (bit & bits) !== 0);
    const what = names.map(([name]) => name).join(', ');
    throw new Error(
      `IMPOSSIBLE: a step of ${actor} touches what it is not declared to touch: ${what || 'the registers of a thread'}`,
    );
  }

  /** Asked for each word of the machine: the name of a place is put together once. */
  private bitOf(of: RowOf, row: number): number {
    if (of.part === 'registers') return REGISTERS;
    const [owner, domain, thread] = [of.device?.(row), of.domain?.(row), of.thread?.(row)];
    // Of several devices: whoever touches it counts.
    const device = owner === -1 ? undefined : owner;
    const number = (of: number | undefined): number => (of ?? -2) + 2;
    const where = (number(device) * 2 ** 16 + number(domain)) * 2 ** 8 + number(thread);
    let bits = this.bitsIn.get(of);
    if (bits === undefined) this.bitsIn.set(of, (bits = new Map<number, number>()));
    let bit = bits.get(where);
    if (bit === undefined) bits.set(where, (bit = this.placeOf(of, device, domain, thread).bit));
    return bit;
  }

  private placeOf(
    of: RowOf,
    device: number | undefined,
    domain: number | undefined,
    thread: number | undefined,
  ): Place {
    const { controller } = of;
    const name = `${of.part} ${device ?? '-'} ${domain ?? '-'} ${thread ?? '-'} ${controller ?? '-'}`;
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const isBusy =
      (device === undefined || this.busy.devices.has(device)) &&
      (domain === undefined || this.busy.domains.has(domain));
    const isQuiet =
      QUIET.has(of.part) || (of.part === 'tlb' && this.machine.plan.caches === 'none');
    const own = of.part === 'msi' || of.part === 'lock' ? `descriptors ${device ?? '-'}` : name;
    const bit = this.bit(isQuiet ? of.part : isBusy ? own : 'of nobody here');
    const place = { part: of.part, device, domain, thread, controller, bit };
    this.places.set(name, place);
    return place;
  }

  private bit(name: string): number {
    const known = this.bits.get(name);
    if (known !== undefined) return known;
    const bit = 1 << (FIRST_SHARED + (this.bits.size % (BITS - FIRST_SHARED)));
    this.bits.set(name, bit);
    return bit;
  }

  private print(reads: Touches, writes: Touches): Footprint {
    const out = { reads: UNSAID, writes: UNSAID };
    for (const place of this.places.values()) {
      if (reads(place)) out.reads |= place.bit;
      if (writes(place)) out.writes |= place.bit;
    }
    return out;
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
    const isOwn: Touches = (place) =>
      (place.device === undefined ||
        device === undefined ||
        group.includes(place.device) ||
        // Whoever else is in the domain counts.
        (isMove && place.part === 'attached')) &&
      (place.domain === undefined || domains === undefined || domains.includes(place.domain)) &&
      (place.controller === undefined || isMove || place.controller === controller) &&
      (place.thread === undefined || place.thread === thread);
    return this.print(isOwn, (place) => {
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
    return this.print(
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

interface Busy {
  readonly devices: ReadonlySet<number>;
  readonly domains: ReadonlySet<number>;
}

/**
 * Devices that some operation or write is of, and the domains that they are in; all, where an
 * operation is of no device.
 */
function busyIn({ plan, kernel, fires }: ExploreMachine): Busy {
  const { devices, domains, deviceByName } = kernel.topology;
  const named = plan.threads.flatMap(({ operations }) =>
    operations.map((o) => {
      if (MOVES.has(o.op)) return undefined;
      if ('device' in o) return deviceByName.get(o.device);
      return 'vector' in o ? deviceByName.get(o.vector.device) : undefined;
    }),
  );
  if (named.includes(undefined))
    return {
      devices: new Set(devices.map(({ index }) => index)),
      domains: new Set(domains.map(({ index }) => index)),
    };
  const own = new Set([...named.map((d) => d?.index ?? -1), ...fires.map((f) => f.device)]);
  const current = [...own].map((d) => kernel.domains.current.get(d) - 1);
  return { devices: own, domains: new Set(current.map((d) => kernel.domains.paging(d))) };
}

const none = (): Footprint => ({ reads: 0, writes: 0 });

const union = (a: Footprint, b: Footprint): Footprint => ({
  reads: a.reads | b.reads,
  writes: a.writes | b.writes,
});
