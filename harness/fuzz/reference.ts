/**
 * Wishes as steps that make sense, with what the reference design makes of each. They are carried
 * out on the model as they are chosen: whether there is a vector to fire is known then.
 */
import { type ModelMachine, openModel } from '../../src/machine.ts';
import type { ErrnoName, Observation } from '../../src/observation.ts';
import type { Operation } from '../../src/operation.ts';
import type { Topology } from '../../src/topology/topology.ts';
import type { FuzzDevice, FuzzMachine } from './machines.ts';
import type { Wish } from './wishes.ts';

export interface ReferenceStep {
  readonly operation: Operation;
  /** What `tracked` answers. */
  readonly error: ErrnoName | undefined;
}

export interface ReferenceOptions {
  /** Devices may move between domains while vectors are set up, which VFIO does not do. */
  readonly liveMoves: boolean;
}

export class Reference {
  readonly steps: ReferenceStep[] = [];
  /** Interrupts that came. */
  interrupts = 0;
  private readonly machine: FuzzMachine;
  private readonly options: ReferenceOptions;
  private readonly model: ModelMachine;
  private now: Observation;
  /** By device: a level-triggered interrupt that it holds, one at a time. */
  private readonly raised = new Map<string, number>();
  private readonly masked = new Set<string>();
  private readonly attached = new Set<string>();
  /** Vectors that were freed alone: their driver has quieted them. */
  private readonly freed = new Set<string>();

  constructor(machine: FuzzMachine, topology: Topology, options: ReferenceOptions) {
    const design = { name: 'tracked', initialCount: 1 } as const;
    const model = openModel({ topology, design, userMappings: 0 });
    if ('unsupported' in model) throw new Error(`IMPOSSIBLE: ${model.unsupported}`);
    this.machine = machine;
    this.options = options;
    this.model = model;
    this.now = model.observe();
  }

  /** Carries the wish out if it makes sense. */
  grant(wish: Wish): void {
    const operation = this.operationOf(wish);
    if (operation === undefined) return;
    if (operation.op === 'setup' && !this.isProbed(wish)) return;
    // A driver quiets its device before it frees its interrupts.
    if (operation.op === 'teardown') this.quiet(operation.device);
    this.perform(operation);
  }

  /**
   * Whether the wish's device is in a domain; it is put into one if need be. A device that no
   * driver has probed is in none, and its writes end at the SMMU.
   */
  isProbed(wish: Wish): boolean {
    const { name } = deviceOf(this.machine, wish);
    const attach = plainOperation(this.machine, { ...wish, what: 'attach' });
    if (!this.attached.has(name) && attach !== undefined) this.perform(attach);
    return this.attached.has(name);
  }

  /**
   * The end of a level, and what waits as pending behind a mask: a pending SPI outlives its owner,
   * and comes to the next one that is given its number.
   */
  private quiet(device: string): void {
    const { vectors = 0 } = this.machine.devices.find(({ name }) => name === device) ?? {};
    const held = this.raised.get(device);
    if (held !== undefined) this.perform({ op: 'release', vector: { device, index: held } });
    for (let index = 0; index < vectors; index++) this.unmask(device, index);
  }

  /** Before an interleaving, in which a vector may be torn down at any moment. */
  unmaskAll(): void {
    for (const { name } of this.machine.devices) this.quiet(name);
  }

  private unmask(device: string, index: number): void {
    if (this.masked.delete(`${device}/${index}`) && this.now.affinity(device, index).length > 0)
      this.perform({ op: 'unmask', vector: { device, index } });
  }

  private perform(operation: Operation): void {
    if (operation.op === 'teardown' && operation.index !== undefined)
      this.freed.add(`${operation.device}/${operation.index}`);
    if (operation.op === 'mask')
      this.masked.add(`${operation.vector.device}/${operation.vector.index}`);
    if (operation.op === 'unmask')
      this.masked.delete(`${operation.vector.device}/${operation.vector.index}`);
    if (operation.op === 'release') this.raised.delete(operation.vector.device);
    if (operation.op === 'fire' && this.isLevel(operation.vector.device))
      this.raised.set(operation.vector.device, operation.vector.index);
    this.now = this.model.perform(operation);
    if (operation.op === 'attach' && this.now.error === undefined)
      this.attached.add(operation.device);
    const interrupts = this.now.interrupts();
    if (interrupts.seen) for (const { count } of interrupts.value) this.interrupts += count;
    this.steps.push({ operation, error: this.now.error });
  }

  private operationOf(wish: Wish): Operation | undefined {
    const device = deviceOf(this.machine, wish);
    const live = this.liveVectors(device);
    const isSetUp = live.length > 0;
    const isAllocated = this.isAllocated(device);
    const held = this.raised.get(device.name);
    const index = live[wish.vector % Math.max(1, live.length)] ?? 0;
    const vector = { device: device.name, index };
    switch (wish.what) {
      case 'attach':
      case 'detach':
        return isAllocated && !this.options.liveMoves
          ? undefined
          : plainOperation(this.machine, wish);
      case 'setup':
        return isAllocated ? undefined : plainOperation(this.machine, wish);
      case 'teardown':
        return isAllocated ? { op: 'teardown', device: device.name } : undefined;
      case 'affinity':
        return isSetUp ? { op: 'affinity', vector, cpus: cpusOf(this.machine, wish) } : undefined;
      case 'mask':
      case 'unmask':
        // A run counts messages, and a level behind a mask is none: it comes again, or never, by
        // how long it lasts.
        return isSetUp && !device.level ? { op: wish.what, vector } : undefined;
      case 'fire':
        return isSetUp && held === undefined ? { op: 'fire', vector, times: 1 } : undefined;
      case 'release':
        return held === undefined
          ? undefined
          : { op: 'release', vector: { device: device.name, index: held } };
      case 'free':
        // pci_msi_domain_write_msg writes the message of all vectors for the first one alone, and
        // free_irq of that one writes zeroes: the others would be lost with it.
        return isSetUp && !(device.shared && index === 0)
          ? { op: 'teardown', device: device.name, index }
          : undefined;
    }
  }

  /** No device has a vector: what a design that counts has mapped is gone. */
  get isTornDown(): boolean {
    return this.machine.devices.every((device) => !this.isAllocated(device));
  }

  private isLevel(device: string): boolean {
    return this.machine.devices.some(({ name, level }) => name === device && level);
  }

  /** Whether vectors are allocated, perhaps freed one by one. */
  private isAllocated({ name, vectors }: FuzzDevice): boolean {
    const all = Array.from({ length: vectors }, (_, index) => index);
    return all.some((index) => this.now.affinity(name, index).length > 0);
  }

  private liveVectors(device: FuzzDevice): number[] {
    const { name, vectors } = device;
    const all = Array.from({ length: vectors }, (_, index) => index);
    if (!this.isAllocated(device)) for (const index of all) this.freed.delete(`${name}/${index}`);
    return all.filter(
      (index) => this.now.affinity(name, index).length > 0 && !this.freed.has(`${name}/${index}`),
    );
  }
}

function deviceOf({ devices }: FuzzMachine, { device }: Wish): FuzzDevice {
  const found = devices[device % devices.length];
  if (found === undefined) throw new Error('IMPOSSIBLE: a machine without a device');
  return found;
}

function cpusOf({ cpus }: FuzzMachine, wish: Wish): number[] {
  const all = Array.from({ length: cpus }, (_, cpu) => cpu);
  const asked = all.filter((cpu) => wish.cpus & (1 << cpu));
  return asked.length === 0 ? all : asked;
}

/** A wish without a look at the state: what a thread of an interleaving does. */
export function plainOperation(machine: FuzzMachine, wish: Wish): Operation | undefined {
  const device = deviceOf(machine, wish);
  const vector = { device: device.name, index: wish.vector % device.vectors };
  switch (wish.what) {
    case 'attach': {
      const domain = machine.domains[wish.domain % machine.domains.length] ?? 'vm';
      return { op: 'attach', device: device.name, domain };
    }
    case 'detach':
      return { op: 'detach', device: device.name };
    case 'setup': {
      const asked = 1 + (wish.vector % device.vectors);
      // Of three, GICv2m aligns none, also where Linux aligns blocks (see specs/gicv2m): a device
      // of one message sends another's SPI.
      const vectors = device.shared && asked === 3 ? 2 : asked;
      return { op: 'setup', device: device.name, vectors, cpus: cpusOf(machine, wish) };
    }
    case 'affinity':
      return { op: 'affinity', vector, cpus: cpusOf(machine, wish) };
    case 'mask':
    case 'unmask':
      return { op: wish.what, vector };
    case 'teardown':
      return { op: 'teardown', device: device.name };
    case 'fire':
    case 'release':
    case 'free':
      return undefined;
  }
}
