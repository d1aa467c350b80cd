/**
 * One device of the guest and whoever has it: VFIO in a container, the kernel's e1000e driver, or nobody. Knows
 * which Linux interrupt each of its vectors is while they are set up.
 *
 * Each method sends all its requests before it waits for the first answer, so that what is asked after it is answered after
 * it, and one wait serves both.
 */
import type { Delivery, ErrnoName, Message } from '../../../src/observation.ts';
import type { PciDevice } from '../../../src/topology/topology.ts';
import { defaultDomainName } from '../../../src/topology/resolve.ts';
import type { Agent, Aim } from './agent.ts';
import { bdfOf } from './bdf.ts';
import type { MessageTable } from './known.ts';
import { E1000E_QUIET, E1000E_VECTORS, type Recipe } from './plan.ts';
import { type InterruptLine, vectorOfAction } from './read/interrupts.ts';
import { pause } from './watch.ts';
import { type DeviceRecipe, fireUnderDriver, type Poke, RECIPES } from './recipes.ts';

type Owner = 'nobody' | 'vfio' | 'kernel';

interface Vector {
  readonly index: number;
  irq: number | undefined;
  /** Affinity and effective affinity as the kernel has them, bit by CPU. */
  cpus: number;
  target: number;
}

/** An eventfd is written by the handler, just after the interrupt was counted. */
const EVENTFD_PATIENCE_MS = 200;

export class DeviceDriver {
  readonly name: string;
  readonly bdf: string;
  /** Where it is now. */
  domain: string;
  private readonly agent: Agent;
  private readonly kind: Recipe;
  private readonly hasIommu: boolean;
  private readonly isOnIts: boolean;
  private readonly recipe: DeviceRecipe;
  private owner: Owner = 'nobody';
  private bound = false;
  private isPlugged = true;
  /** Which descriptor of VFIO is closed before the other. */
  private closed: 'device' | 'group' | undefined;
  private usedDefaultDomain = false;
  private type: 'DMA' | 'identity' = 'DMA';
  private vectors: Vector[] = [];

  constructor(agent: Agent, name: string, spec: PciDevice, kind: Recipe, isOnIts: boolean) {
    this.hasIommu = spec.iommu !== undefined;
    this.agent = agent;
    this.name = name;
    this.bdf = bdfOf(spec.requesterId);
    this.kind = kind;
    this.isOnIts = isOnIts;
    this.recipe = RECIPES[kind];
    this.domain = defaultDomainName(name);
  }

  /** A driver that took the device at boot has set up vectors that no case asked for. */
  async start(): Promise<void> {
    if (this.kind !== 'e1000e') return;
    if ((await this.agent.driverOf(this.bdf)) === undefined) return;
    await this.agent.unbind(this.bdf);
    if (this.hasIommu) await this.freshDefaultDomain();
  }

  async joinContainer(domain: string, container: string): Promise<ErrnoName | undefined> {
    const [, error, opened] = await Promise.all([
      this.agent.bind(this.bdf, 'vfio-pci'),
      this.agent.openGroup(this.bdf, container),
      this.agent.openDevice(this.bdf),
    ]);
    if (error !== undefined) return error;
    if (opened !== undefined) throw new Error(`${this.name} cannot be opened: ${opened}`);
    this.owner = 'vfio';
    this.domain = domain;
    return undefined;
  }

  /** The group has a type only once a driver has had the device (device tree boot). */
  async joinKernel(domain: string, type: 'DMA' | 'identity'): Promise<void> {
    await Promise.all([
      this.agent.bind(this.bdf, 'vfio-pci'),
      this.agent.unbind(this.bdf),
      this.agent.setType(this.bdf, type),
    ]);
    this.type = type;
    this.domain = domain;
    this.owner = 'kernel';
  }

  /** Lets go of the device; its vectors go with it. What is asked right behind it is asked of a device that nobody has. */
  async release(): Promise<void> {
    const asked = this.owner === 'vfio' ? this.leaveVfio() : this.leaveKernel();
    this.owner = 'nobody';
    this.closed = undefined;
    this.forget();
    this.domain = defaultDomainName(this.name);
    await Promise.all(asked);
  }

  private leaveVfio(): Promise<unknown>[] {
    return [
      ...(this.closed === 'device' ? [] : [this.agent.closeDevice(this.bdf)]),
      ...(this.closed === 'group' ? [] : [this.agent.closeGroup(this.bdf)]),
    ];
  }

  private leaveKernel(): Promise<unknown>[] {
    if (this.owner === 'nobody') return [];
    const { type } = this;
    const isStale = this.usedDefaultDomain && this.hasIommu;
    this.usedDefaultDomain = false;
    this.type = 'DMA';
    return [
      ...(this.bound ? [this.unbindDriver()] : []),
      ...(type === 'identity'
        ? [this.agent.setType(this.bdf, 'DMA')]
        : isStale
          ? [this.freshDefaultDomain()]
          : []),
    ];
  }

  /** Of the two descriptors by which VFIO's user holds it. */
  async close(only: 'device' | 'group'): Promise<void> {
    this.closed = only;
    if (only === 'group') return void (await this.agent.closeGroup(this.bdf));
    this.forget();
    await this.agent.closeDevice(this.bdf);
  }

  private forget(): void {
    this.torn.push(...this.vectors);
    this.vectors = [];
    this.freed = [];
  }

  /** The driver is gone already; what is left to the kernel is to forget the device. */
  async unplug(): Promise<void> {
    this.isPlugged = false;
    await Promise.all([
      this.release(),
      this.agent.unbind(this.bdf),
      this.agent.removeDevice(this.bdf),
    ]);
  }

  async plug(): Promise<void> {
    if (this.isPlugged) return;
    this.isPlugged = true;
    await this.agent.rescan();
  }

  get isHeld(): boolean {
    return this.owner !== 'nobody';
  }

  get isContained(): boolean {
    return this.owner === 'vfio';
  }

  async setUp(count: number): Promise<ErrnoName | undefined> {
    if (this.owner !== 'vfio') {
      if (count !== E1000E_VECTORS) throw new Error('IMPOSSIBLE: e1000e has three vectors');
      this.owner = 'kernel';
      this.bound = true;
      this.usedDefaultDomain = this.type === 'DMA';
      await Promise.all([
        this.agent.bind(this.bdf, 'e1000e'),
        this.agent.shell(`ip link set $(ls /sys/bus/pci/devices/${this.bdf}/net) up`),
      ]);
    } else {
      const error = await this.agent.setIrqs(this.bdf, this.recipe.capability, 0, count);
      if (error !== undefined) return error;
    }
    // Again: those beyond the new ones stay as they are.
    const kept = [...this.vectors, ...this.freed];
    const known = (index: number): Vector =>
      kept.find((vector) => vector.index === index) ?? {
        index,
        irq: undefined,
        cpus: 0,
        target: 0,
      };
    const others = this.vectors.filter(({ index }) => index >= count);
    this.vectors = [...Array.from({ length: count }, (_, index) => known(index)), ...others];
    this.freed = this.freed.filter(({ index }) => index >= count);
    return undefined;
  }

  async tearDown(index: number | undefined): Promise<ErrnoName | undefined> {
    const { capability } = this.recipe;
    if (index !== undefined) {
      const error = await this.agent.clearIrq(this.bdf, capability, index);
      if (error === undefined && this.at(index) >= 0) {
        this.freed = this.vectors.splice(this.at(index), 1).concat(this.freed);
        this.torn.push(...this.freed.slice(0, 1));
      }
      return error;
    }
    if (this.owner === 'kernel') await this.unbindDriver();
    else {
      const error = await this.agent.clearIrqs(this.bdf, capability);
      if (error !== undefined) return error;
    }
    this.forget();
    return undefined;
  }

  async affinity(index: number, cpus: number): Promise<ErrnoName | undefined> {
    const vector = this.vectors[this.at(index)];
    if (vector?.irq === undefined)
      throw new Error(`no interrupt of ${this.name}/${index} is known`);
    return this.agent.affinity(vector.irq, cpus);
  }

  async fire(index: number): Promise<void> {
    if (this.owner === 'kernel') await fireUnderDriver(this.agent, this.bdf, index);
    else await this.recipe.fire(this.poke, index);
  }

  async dma(address: bigint): Promise<void> {
    if (this.recipe.dma === undefined)
      throw new Error(`IMPOSSIBLE: ${this.kind} has no DMA engine`);
    // Memory and bus master: no driver has enabled a device that nobody has.
    if (this.owner === 'nobody') await this.agent.writeConfig(this.bdf, 4, 6, 2);
    await this.recipe.dma(this.poke, address);
  }

  /** After set-up and teardown: which interrupts the vectors are, and the messages written for them. */
  settle(
    lines: readonly InterruptLine[],
    aims: readonly Aim[],
    writes: readonly (Message & { readonly irq?: number })[],
    messages: MessageTable,
  ): void {
    this.findInterrupts(lines, aims);
    const known = [...this.vectors, ...this.torn];
    writes.forEach(({ irq, address, data }, i) => {
      // Without the interrupt's number: all vectors in turn at allocation, and again when requested.
      const vector =
        known.find((each) => irq !== undefined && each.irq === irq) ?? known[i % known.length];
      if (vector !== undefined) messages.write(`${this.name}/${vector.index}`, { address, data });
    });
    this.torn = [];
  }

  /** Those that say which interrupt they are of, and are of this device. */
  writesOf<T extends { readonly irq?: number }>(writes: readonly T[]): readonly T[] {
    return writes.filter(({ irq }) => this.vectors.some((vector) => vector.irq === irq));
  }

  countOf(lines: readonly InterruptLine[], index: number): number {
    const irq = this.vectors[this.at(index)]?.irq;
    const line = lines.find((each) => each.irq === irq);
    return line === undefined
      ? 0
      : [...line.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  deliveries(before: readonly InterruptLine[], now: readonly InterruptLine[]): Delivery[] {
    // The driver raises its other vectors when it likes.
    const ours = this.vectors.filter(
      ({ index }) => this.owner !== 'kernel' || index === E1000E_QUIET,
    );
    return ours.flatMap(({ index, irq }) => {
      const old = before.find((line) => line.irq === irq)?.counts;
      const counts = now.find((line) => line.irq === irq)?.counts ?? new Map<number, number>();
      return [...counts].flatMap(([cpu, count]) => {
        // A CPU that came online brings back the counts that it had.
        const more = count - (old === undefined ? 0 : (old.get(cpu) ?? count));
        return more > 0 ? [{ vector: `${this.name}/${index}`, cpu, count: more }] : [];
      });
    });
  }

  /** Where the kernel sends each interrupt of the device, once it is known which vector it is. */
  aim(aims: readonly Aim[]): void {
    for (const vector of [...this.vectors, ...this.freed]) {
      if (vector.irq === undefined) continue;
      const found = aims.find(({ irq }) => irq === vector.irq);
      if (found === undefined)
        throw new Error(
          `${this.name}/${vector.index}: interrupt ${vector.irq} is not its device's`,
        );
      vector.cpus = found.cpus;
      vector.target = found.effective;
    }
  }

  /** Vectors that are allocated, and the CPUs that they may go to. */
  affinities(): [number, readonly number[]][] {
    return [...this.vectors, ...this.freed].map(({ index, cpus }) => [index, cpusOf(cpus)]);
  }

  /** Vectors that are requested, and the CPU that each is sent to. */
  targets(): [number, number | undefined][] {
    return this.vectors.map(({ index, target }) => [index, cpusOf(target)[0]]);
  }

  /** All interrupts that the device has; none of a device that nobody has. */
  aims(): Promise<readonly Aim[]> {
    return this.owner === 'vfio' || (this.owner === 'kernel' && this.bound)
      ? this.agent.aimsOf(this.bdf)
      : Promise.resolve([]);
  }

  /** Counts of the eventfds since the last call; none where VFIO does not have the device open. */
  eventfds(): Promise<ReadonlyMap<number, number>> {
    return this.owner === 'vfio' && this.closed !== 'device'
      ? this.agent.eventfds(this.bdf, this.recipe.capability)
      : Promise.resolve(new Map());
  }

  /** What the eventfds got, `first` and soon, must be what was counted; VFIO's handler does nothing else. */
  async checkEventfds(
    deliveries: readonly Delivery[],
    first: ReadonlyMap<number, number>,
  ): Promise<void> {
    if (this.owner !== 'vfio' || this.vectors.length === 0) return;
    const wanted = this.vectors.map(({ index }) =>
      deliveries
        .filter(({ vector }) => vector === `${this.name}/${index}`)
        .reduce((sum, { count }) => sum + count, 0),
    );
    const got = this.vectors.map(() => 0);
    const deadline = performance.now() + EVENTFD_PATIENCE_MS;
    for (let counts = first; ; counts = await this.eventfds()) {
      this.vectors.forEach(({ index }, i) => (got[i] = (got[i] ?? 0) + (counts.get(index) ?? 0)));
      if (got.every((count, i) => count === wanted[i])) return;
      if (performance.now() > deadline) break;
      await pause(1);
    }
    const wrong = this.vectors.flatMap(({ index }, i) =>
      got[i] === wanted[i]
        ? []
        : [`${this.name}/${index} was counted ${wanted[i]} times, its eventfd got ${got[i]}`],
    );
    throw new Error(`/proc/interrupts and the eventfds disagree: ${wrong.join('; ')}`);
  }

  /** After free_irq of one vector its interrupt stays allocated, with its affinity, until all are freed. */
  private freed: Vector[] = [];

  /** Vectors that this operation freed: the zeroes are written for them. */
  private torn: Vector[] = [];

  private readonly poke: Poke = (bar, offset, value) =>
    this.owner === 'vfio'
      ? this.agent.writeBar(this.bdf, bar, offset, value)
      : this.agent.writeBarRaw(this.bdf, bar, offset, value);

  private findInterrupts(lines: readonly InterruptLine[], aims: readonly Aim[]): void {
    // /proc/interrupts has those of a kernel driver by the driver's names.
    if (this.owner === 'kernel') {
      for (const vector of this.vectors) vector.irq = aims[vector.index]?.irq;
      return;
    }
    const requested = new Set<number>();
    for (const { irq, action, chip } of lines) {
      const found = vectorOfAction(action);
      if (found === undefined || found.bdf !== this.bdf) continue;
      const vector = this.vectors[this.at(found.index)];
      if (vector !== undefined) vector.irq = irq;
      if (chip.startsWith('ITS') !== this.isOnIts)
        throw new Error(
          `${this.name}: its interrupts come from ${chip}, not from what the spec says`,
        );
      requested.add(found.index);
    }
    // A call that was refused may have freed them (vfio_msi_set_block since 6.5).
    const isFreed = ({ index }: Vector): boolean => !requested.has(index);
    this.torn.push(...this.vectors.filter(isFreed));
    this.freed.push(...this.vectors.filter(isFreed));
    this.vectors = this.vectors.filter((vector) => !isFreed(vector));
  }

  /** Another type and back frees the default domain, and the doorbell's mapping with it. */
  private async freshDefaultDomain(): Promise<void> {
    await Promise.all([
      this.agent.setType(this.bdf, 'identity'),
      this.agent.setType(this.bdf, 'DMA'),
    ]);
  }

  private async unbindDriver(): Promise<void> {
    this.bound = false;
    await this.agent.unbind(this.bdf);
  }

  private at(index: number): number {
    return this.vectors.findIndex((vector) => vector.index === index);
  }
}

const cpusOf = (mask: number): readonly number[] =>
  Array.from({ length: 32 }, (_, cpu) => cpu).filter((cpu) => (mask >>> cpu) & 1);
