/**
 * One device of the guest and whoever has it: VFIO in a container, the kernel's e1000e driver, or
 * nobody.
 *
 * Each method sends all its requests before it waits for the first answer, so that what is asked
 * after it is answered after it, and one wait serves both.
 */
import type { Delivery, ErrnoName, Message } from '../../../src/observation.ts';
import type { PciDevice } from '../../../src/topology/topology.ts';
import { defaultDomainName } from '../../../src/topology/resolve.ts';
import type { Agent, Aim } from './agent.ts';
import { bdfOf } from './bdf.ts';
import { DeviceVectors } from './device-vectors.ts';
import { checkEventfds } from './eventfds.ts';
import { E1000E_QUIET, E1000E_VECTORS, type Recipe } from './qemu-needs.ts';
import type { InterruptLine } from './read/interrupts.ts';
import { type DeviceRecipe, fireUnderDriver, type Poke, RECIPES } from './recipes.ts';

type Owner = 'nobody' | 'vfio' | 'kernel';

/** IOVAs that no case of a corpus maps, beside those of the kernel. */
const MEMORY = 0xe000_0000;
const MEMORY_SIZE = 0x1000n;
/** Memory, bus master, no INTx: as the kernel leaves it with MSI-X. */
const COMMAND = 0x406;

export class DeviceDriver {
  readonly name: string;
  readonly bdf: string;
  /** Where it is now. */
  domain: string;
  readonly vectors: DeviceVectors;
  /** Its StreamIDs: behind a bridge it has that of the bridge's alias, too. */
  readonly streams: readonly number[];
  private readonly agent: Agent;
  private readonly kind: Recipe;
  private readonly hasIommu: boolean;
  /** Where memory is mapped for it, if it works with some. */
  private readonly memory: number;
  /** Of the root port that it is behind; 0 on bus 0. */
  private readonly slot: number;
  private readonly recipe: DeviceRecipe;
  private owner: Owner = 'nobody';
  private bound = false;
  private isPlugged = true;
  /** Which descriptor of VFIO is closed before the other. */
  private closed: 'device' | 'group' | undefined;
  private usedDefaultDomain = false;
  private type: 'DMA' | 'identity' = 'DMA';

  constructor(agent: Agent, name: string, spec: PciDevice, kind: Recipe, isOnIts: boolean) {
    this.hasIommu = spec.iommu !== undefined;
    this.agent = agent;
    this.name = name;
    this.bdf = bdfOf(spec.requesterId);
    this.streams = spec.iommu?.streamIds ?? [];
    this.kind = kind;
    this.slot = spec.requesterId >> 8;
    this.memory = MEMORY + 0x1000 * (spec.requesterId >> 3);
    this.recipe = RECIPES[kind];
    this.vectors = new DeviceVectors(name, this.bdf, isOnIts, this.recipe.capability);
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
    const [, error, opened, mapped] = await Promise.all([
      this.agent.bind(this.bdf, 'vfio-pci'),
      this.agent.openGroup(this.bdf, container),
      this.agent.openDevice(this.bdf),
      ...this.giveMemory(container),
    ]);
    if (error !== undefined) return error;
    if (mapped !== undefined)
      throw new Error(`${this.name} gets no memory to work with: ${mapped}`);
    if (opened !== undefined) throw new Error(`${this.name} cannot be opened: ${opened}`);
    this.owner = 'vfio';
    this.domain = domain;
    return undefined;
  }

  /** Of its own, for a device that works with some: the case knows nothing of it. */
  private giveMemory(container: string): readonly Promise<ErrnoName | undefined>[] {
    const { prepare } = this.recipe;
    if (prepare === undefined) return [];
    const mapped = this.agent.map(container, BigInt(this.memory), MEMORY_SIZE, 'rw');
    const words = prepare
      .words(this.memory)
      .map(([at, value]) => this.agent.pokeMemory(container, this.memory + at, value));
    return [mapped, Promise.all(words).then(() => undefined)];
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

  /**
   * Lets go of the device; its vectors go with it. What is asked right behind it is asked of a
   * device that nobody has.
   */
  async release(): Promise<void> {
    const asked = this.owner === 'vfio' ? this.leaveVfio() : this.leaveKernel();
    this.owner = 'nobody';
    this.closed = undefined;
    this.vectors.forget();
    this.domain = defaultDomainName(this.name);
    await Promise.all(asked);
  }

  private leaveVfio(): Promise<unknown>[] {
    const { prepare } = this.recipe;
    return [
      // A container that outlives it keeps nothing of it.
      ...(prepare === undefined
        ? []
        : [this.agent.unmap(this.domain, BigInt(this.memory), MEMORY_SIZE)]),
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
    this.vectors.forget();
    await this.agent.closeDevice(this.bdf);
  }

  /** In a slot it is taken out; elsewhere the kernel is told to forget it, as if it were. */
  async unplug(): Promise<void> {
    this.isPlugged = false;
    const { slots } = this.agent.channel;
    const letGo = [this.release(), this.agent.unbind(this.bdf)];
    if (slots?.has(this.bdf) !== true)
      return void (await Promise.all([...letGo, this.agent.removeDevice(this.bdf)]));
    await Promise.all(letGo);
    const { gone } = await slots.eject(this.bdf);
    await this.agent.switchOff(this.slot);
    await Promise.all([this.agent.present(this.bdf, 'off'), gone]);
  }

  async plug(): Promise<void> {
    if (this.isPlugged) return;
    this.isPlugged = true;
    const { slots } = this.agent.channel;
    if (slots?.has(this.bdf) !== true) return void (await this.agent.rescan());
    // A card that comes is given to its driver whatever drivers_autoprobe says
    // (pci_bus_add_device).
    await this.agent.module('e1000e', 'off');
    await slots.insert(this.bdf);
    // It is seen before drivers may have it (match_driver); a rescan waits for pciehp to be done
    // with it, and finds nothing else.
    await Promise.all([
      this.agent.present(this.bdf, 'on'),
      this.agent.rescan(),
      this.agent.unbind(this.bdf),
      this.agent.module('e1000e', 'on'),
    ]);
  }

  /** Whether the kernel's own driver has it. */
  get isDriven(): boolean {
    return this.owner === 'kernel';
  }

  get isHeld(): boolean {
    return this.owner !== 'nobody';
  }

  get isContained(): boolean {
    return this.owner === 'vfio';
  }

  async setUp(count: number, start: number): Promise<ErrnoName | undefined> {
    if (this.owner !== 'vfio') {
      // A case that was to set up others has been skipped, unless it was to have the device from
      // VFIO.
      if (count !== E1000E_VECTORS || this.kind !== 'e1000e')
        throw new Error(
          `${this.name} is not VFIO's, as its attach was refused: there is no way to set it up`,
        );
      this.owner = 'kernel';
      this.bound = true;
      this.usedDefaultDomain = this.type === 'DMA';
      await Promise.all([
        this.agent.bind(this.bdf, 'e1000e'),
        this.agent.shell(`ip link set $(ls /sys/bus/pci/devices/${this.bdf}/net) up`),
      ]);
    } else {
      const { prepare, capability } = this.recipe;
      const [error] = await Promise.all([
        this.agent.setIrqs(this.bdf, capability, start, count),
        prepare?.begin(this.poke, start + count, this.memory),
      ]);
      if (error !== undefined) return error;
    }
    this.vectors.setUp(start, start + count);
    return undefined;
  }

  async tearDown(index: number | undefined): Promise<ErrnoName | undefined> {
    const { capability } = this.recipe;
    if (index !== undefined) {
      const error = await this.agent.clearIrq(this.bdf, capability, index);
      if (error === undefined) this.vectors.free(index);
      return error;
    }
    if (this.owner === 'kernel') await this.unbindDriver();
    else {
      const error = await this.agent.clearIrqs(this.bdf, capability);
      if (error !== undefined) return error;
    }
    this.vectors.forget();
    return undefined;
  }

  /** The kernel's MSI code is not told. What the device has then is the answer. */
  resetUnnoticed(memory: boolean): Promise<readonly Message[]> {
    return this.agent.resetBus(this.bdf, memory);
  }

  /**
   * The kernel resets it once more, as it would itself, and restores; for us to see what came of it
   * decoding has to be on.
   */
  async restore(): Promise<readonly Message[]> {
    const [, , table] = await Promise.all([
      this.agent.reset(this.bdf),
      this.agent.writeConfig(this.bdf, 4, COMMAND, 2),
      this.agent.messageTable(this.bdf),
    ]);
    return table;
  }

  /** Past VFIO, which would keep it to itself: through sysfs. */
  async writeMessage(
    index: number,
    { address, data }: Partial<Message>,
  ): Promise<readonly Message[]> {
    const { table } = this.recipe;
    if (table === undefined) throw new Error(`IMPOSSIBLE: ${this.kind} has no MSI-X table`);
    const low = address === undefined ? undefined : Number(address & 0xffff_ffffn);
    const high = address === undefined ? undefined : Number(address >> 32n);
    await Promise.all(
      [low, high, data].flatMap((value, word) => {
        const at = table.offset + 16 * index + 4 * word;
        return value === undefined ? [] : [this.agent.writeBarRaw(this.bdf, table.bar, at, value)];
      }),
    );
    return this.agent.messageTable(this.bdf);
  }

  async affinity(index: number, cpus: number): Promise<ErrnoName | undefined> {
    const irq = this.vectors.irqOf(index);
    if (irq === undefined) throw new Error(`no interrupt of ${this.name}/${index} is known`);
    return this.agent.affinity(irq, cpus);
  }

  async fire(index: number): Promise<void> {
    if (this.owner === 'kernel') await fireUnderDriver(this.agent, this.bdf, index);
    else await this.recipe.fire(this.poke, index, this.memory);
  }

  async dma(address: bigint): Promise<void> {
    if (this.recipe.dma === undefined)
      throw new Error(`IMPOSSIBLE: ${this.kind} has no DMA engine`);
    // Memory and bus master: no driver has enabled a device that nobody has.
    if (this.owner === 'nobody') await this.agent.writeConfig(this.bdf, 4, 6, 2);
    await this.recipe.dma(this.poke, address);
  }

  /**
   * What was counted of the vectors that are raised by nobody but the case: a driver raises its
   * other ones when it likes.
   */
  deliveries(before: readonly InterruptLine[], now: readonly InterruptLine[]): Delivery[] {
    const all = this.vectors.deliveries(before, now);
    const quiet = `${this.name}/${E1000E_QUIET}`;
    return this.owner === 'kernel' ? all.filter(({ vector }) => vector === quiet) : all;
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

  /** What the eventfds got, `first` and soon, must be what was counted. */
  async checkEventfds(
    deliveries: readonly Delivery[],
    first: ReadonlyMap<number, number>,
  ): Promise<void> {
    const indices = this.vectors.indices();
    if (this.owner !== 'vfio' || indices.length === 0) return;
    await checkEventfds(this.name, indices, deliveries, first, () => this.eventfds());
  }

  private readonly poke: Poke = (bar, offset, value) =>
    this.owner === 'vfio'
      ? this.agent.writeBar(this.bdf, bar, offset, value)
      : this.agent.writeBarRaw(this.bdf, bar, offset, value);

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
}
