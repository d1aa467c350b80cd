/**
 * A booted kernel as a machine: each operation becomes requests to the guest, and what they caused becomes an
 * observation. One machine lives for one case; the guest outlives it.
 *
 * VFIO frees a domain when its last group leaves, while a spec's domain lives until free-domain. So each
 * container has a keeper, a device that the spec does not know, which leaves at free-domain.
 */
import {
  type Command,
  type Delivery,
  type ErrnoName,
  type Fault,
  type Mapping,
  type Observation,
  type Observed,
  seen,
  type TraceEvent,
  unobservable,
} from '../../../src/observation.ts';
import type { Operation } from '../../../src/operation.ts';
import type { Domain } from '../../../src/topology/topology.ts';
import type { Machine } from '../target.ts';
import { Agent, type Channel } from './agent.ts';
import { bdfOf } from './bdf.ts';
import { DeviceDriver } from './device-driver.ts';
import { DomainTable, MessageTable } from './known.ts';
import { LinuxObservation } from './linux-observation.ts';
import type { CasePlan } from './plan.ts';
import type { InterruptLine } from './read/interrupts.ts';
import type { SmmuEvent } from './read/kernel-log.ts';
import type { HardwareEvent } from './read/qemu-trace.ts';
import type { KernelEvent } from './read/trace-line.ts';
import { pause, Watch } from './watch.ts';

/** How long an interrupt may take from the device's write to the handler's count. */
const DELIVERY_PATIENCE_MS = 200;
/** Nothing was to come; a stray one would have by then. */
const SILENCE_MS = 20;

interface Container {
  readonly name: string;
  readonly keeper: string;
}

export class LinuxMachine implements Machine {
  private readonly agent: Agent;
  private readonly watch: Watch;
  private readonly plan: CasePlan;
  private readonly devices = new Map<string, DeviceDriver>();
  private readonly domains = new Map<string, DomainTable>();
  private readonly messages = new MessageTable();
  private readonly containers = new Map<string, Container>();
  private readonly keepers: string[];
  private readonly past: TraceEvent[] = [];
  private operation = 0;

  /** `keepers`: addresses of devices that hold containers open, as many as the plan has. */
  constructor(channel: Channel, plan: CasePlan, keepers: readonly string[]) {
    this.agent = new Agent(channel);
    this.plan = plan;
    this.keepers = [...keepers];
    this.watch = new Watch(this.agent, plan.topology.cpus);
    for (const [name, spec] of Object.entries(plan.topology.devices)) {
      if (spec.bus !== 'pci') continue;
      this.devices.set(
        name,
        new DeviceDriver(
          this.agent,
          name,
          bdfOf(spec.requesterId),
          plan.recipes[name] ?? 'rocker',
          spec.iommu !== undefined,
        ),
      );
    }
  }

  /** What the last case may have left in the buffers is not this one's. */
  async start(): Promise<void> {
    if (Object.values(this.plan.topology.msiControllers).some(({ kind }) => kind === 'gicv2m'))
      // GICv2m does not isolate MSIs: VFIO_GROUP_SET_IOMMU would be EPERM.
      await this.agent.put('/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts', '1');
    for (const device of this.devices.values()) await device.start();
    await this.watch.kernelEvents();
    await this.watch.hardware();
    await this.watch.faults(0);
  }

  async perform(operation: Operation): Promise<Observation> {
    this.operation++;
    const before = await this.watch.interrupts();
    const error = await this.carryOut(operation);
    return this.look(operation, error, before);
  }

  observe(): Observation {
    return this.observation(undefined, [], seen([]), [], []);
  }

  /** Everything back to where a case begins. */
  async close(): Promise<void> {
    for (const device of this.devices.values()) await device.release();
    for (const container of this.containers.values()) await this.closeContainer(container);
    this.containers.clear();
  }

  private async carryOut(operation: Operation): Promise<ErrnoName | undefined> {
    switch (operation.op) {
      case 'attach':
        return this.attach(operation.device, operation.domain);
      case 'detach': {
        const device = this.device(operation.device);
        await this.leave(device);
        return undefined;
      }
      case 'setup': {
        const device = this.device(operation.device);
        const all = 2 ** this.plan.topology.cpus - 1;
        const mask = operation.cpus === undefined ? all : maskOf(operation.cpus);
        if (mask !== all) await this.defaultAffinity(mask);
        const error = await device.setUp(operation.vectors, mask);
        if (mask !== all) await this.defaultAffinity(all);
        await this.learn(device);
        return error;
      }
      case 'teardown': {
        const device = this.device(operation.device);
        const error = await device.tearDown(operation.index);
        await this.learn(device);
        return error;
      }
      case 'affinity': {
        const { vector, cpus } = operation;
        return this.device(vector.device).affinity(vector.index, maskOf(cpus));
      }
      case 'fire': {
        const { vector, times } = operation;
        const device = this.device(vector.device);
        for (let n = 0; n < times; n++) {
          const before = device.countOf(await this.watch.interrupts(), vector.index);
          await device.fire(vector.index);
          await this.delivered(device, vector.index, before);
        }
        return undefined;
      }
      case 'dma-write':
        await this.device(operation.device).dma(operation.address);
        return undefined;
      case 'map': {
        const { domain, iova, pa, size, prot } = operation;
        const container = await this.container(domain);
        const letters = `${prot.read ? 'r' : ''}${prot.write ? 'w' : ''}`;
        const error = await this.agent.map(container.name, iova, size, letters);
        if (error === undefined) this.table(domain).addUser({ iova, pa, size });
        await this.learnDomain(domain);
        return error;
      }
      case 'unmap': {
        const container = await this.container(operation.domain);
        const error = await this.agent.unmap(container.name, operation.iova, operation.size);
        await this.learnDomain(operation.domain);
        return error;
      }
      case 'free-domain': {
        const container = this.containers.get(operation.domain);
        if (container === undefined) return undefined;
        await this.closeContainer(container);
        this.containers.delete(operation.domain);
        await this.learnDomain(operation.domain);
        this.table(operation.domain).clear();
        return undefined;
      }
      case 'release':
      case 'reset':
      case 'suspend':
      case 'restore':
      case 'unplug':
      case 'plug':
      case 'cpu-offline':
      case 'cpu-online':
      case 'forward':
      case 'unforward':
      case 'move-vcpu':
      case 'end-guest':
      case 'mask':
      case 'unmask':
      case 'register-window':
      case 'free-window':
      case 'flush':
        throw new Error(`IMPOSSIBLE: ${operation.op} was to be skipped`);
    }
  }

  private async attach(name: string, domain: string): Promise<ErrnoName | undefined> {
    const device = this.device(name);
    await this.leave(device);
    const kind = this.plan.topology.domains[domain]?.kind as Domain['kind'];
    if (kind !== 'unmanaged') {
      await device.joinKernel(domain, kind === 'identity' ? 'identity' : 'DMA');
      await this.learnDomain(domain);
      return undefined;
    }
    const container = await this.container(domain);
    const error = await device.joinContainer(domain, container.name);
    await this.learnDomain(domain);
    return error;
  }

  private async leave(device: DeviceDriver): Promise<void> {
    const domain = device.domain;
    await device.release();
    await this.learnDomain(domain);
  }

  private async container(domain: string): Promise<Container> {
    const known = this.containers.get(domain);
    if (known !== undefined) return known;
    const keeper = this.keepers.shift();
    if (keeper === undefined) throw new Error('IMPOSSIBLE: more containers than keepers');
    const container = { name: domain, keeper };
    await this.agent.bind(keeper, 'vfio-pci');
    await this.agent.openContainer(domain);
    const error = await this.agent.openGroup(keeper, domain);
    if (error !== undefined) throw new Error(`the container of ${domain} cannot be made: ${error}`);
    this.containers.set(domain, container);
    await this.learnDomain(domain);
    return container;
  }

  private async closeContainer({ name, keeper }: Container): Promise<void> {
    await this.agent.closeGroup(keeper);
    await this.agent.closeContainer(name);
    this.keepers.push(keeper);
  }

  private defaultAffinity(mask: number): Promise<unknown> {
    return this.agent.put('/proc/irq/default_smp_affinity', mask.toString(16));
  }

  /** Waits for the handler's count, for a fault, or long enough. */
  private async delivered(device: DeviceDriver, index: number, before: number): Promise<void> {
    const deadline = performance.now() + DELIVERY_PATIENCE_MS;
    while (performance.now() < deadline) {
      if (device.countOf(await this.watch.interrupts(), index) > before) return;
      const { events, lines } = await this.watch.hardware();
      this.early.push(...events);
      this.earlyLines.push(...lines);
      if (this.early.some(({ kind }) => kind === 'fault' || kind === 'abort')) return;
      await pause(1);
    }
  }

  /** Hardware events that were read while waiting. */
  private early: HardwareEvent[] = [];
  private earlyLines: string[] = [];

  private async look(
    operation: Operation,
    error: ErrnoName | undefined,
    before: readonly InterruptLine[],
  ): Promise<Observation> {
    if (operation.op === 'dma-write') await pause(SILENCE_MS);
    const { events, lines } = await this.watch.hardware();
    const hardware = [...this.early, ...events];
    const text = [...this.earlyLines, ...lines];
    this.early = [];
    this.earlyLines = [];
    const recorded = hardware.filter(({ kind }) => kind === 'fault');
    const logged = await this.watch.faults(recorded.length);
    const faults = this.faults(recorded as { name: string; streamId: number }[], logged);
    const interrupts =
      operation.op === 'setup' || operation.op === 'teardown' ? [] : await this.counted(before);
    const now = text.map((line) => this.traceEvent(line));
    this.past.push(...now);
    const its = Object.keys(this.plan.topology.msiControllers)[0] ?? 'its';
    const commands = hardware.flatMap((event) =>
      event.kind === 'command' ? [{ its, ...event.command }] : [],
    );
    return this.observation(error, interrupts, faults, commands, now);
  }

  private faults(
    recorded: readonly { name: string; streamId: number }[],
    logged: readonly SmmuEvent[],
  ): Observed<readonly Fault[]> {
    const spec = (list: readonly { name: string; streamId: number }[]): string =>
      list.map(({ name, streamId }) => `${name} 0x${streamId.toString(16)}`).join(', ');
    if (logged.length < recorded.length)
      return unobservable("the kernel's log is rate limited and left SMMU events out");
    if (spec(recorded) !== spec(logged))
      throw new Error(
        `QEMU recorded ${spec(recorded) || 'nothing'}, the kernel logged ${spec(logged)}`,
      );
    return seen(
      logged.map(({ name, streamId, address }) => ({
        device: this.deviceOfStream(streamId),
        streamId,
        address: address ?? 0n,
        name,
      })),
    );
  }

  private async counted(before: readonly InterruptLine[]): Promise<Delivery[]> {
    const now = await this.watch.interrupts();
    return [...this.devices.values()].flatMap((device) => device.deliveries(before, now));
  }

  private observation(
    error: ErrnoName | undefined,
    interrupts: readonly Delivery[],
    faults: Observed<readonly Fault[]>,
    commands: readonly Command[],
    trace: readonly TraceEvent[],
  ): LinuxObservation {
    const mappings = new Map<string, Observed<readonly Mapping[]>>();
    for (const [name, table] of this.domains) mappings.set(name, seen(table.mappings()));
    const affinities = new Map<string, readonly number[]>();
    for (const device of this.devices.values())
      for (const [index, cpus] of device.affinities(this.plan.topology.cpus))
        affinities.set(`${device.name}/${index}`, cpus);
    const messages = this.messages.copy();
    return new LinuxObservation({
      error,
      interrupts,
      faults,
      commands,
      losses: [],
      trace,
      history: [...this.past],
      mappings,
      messages: (device, index) => messages.read(`${device}/${index}`),
      affinity: (device, index) => affinities.get(`${device}/${index}`) ?? [],
    });
  }

  /** The events of requests about one device: maps are of its domain, messages its own. */
  private async learn(device: DeviceDriver): Promise<void> {
    const events = await this.watch.kernelEvents();
    this.learnMaps(device.domain, events);
    const writes = events.flatMap((event) => (event.kind === 'message' ? [event] : []));
    await device.settle(await this.watch.interrupts(), writes, this.messages);
  }

  private async learnDomain(domain: string): Promise<void> {
    this.learnMaps(domain, await this.watch.kernelEvents());
  }

  private learnMaps(domain: string, events: readonly KernelEvent[]): void {
    // Maps that do not go through iommu_map (iommu_map_sg of the DMA API) have no protection that is known.
    let called: { iova: bigint; prot: number } | undefined;
    const table = this.table(domain);
    for (const event of events) {
      if (event.kind === 'iommu-map') called = event;
      else if (event.kind === 'map')
        table.add(event, called?.iova === event.iova ? called.prot : 0);
      else if (event.kind === 'unmap') table.remove(event.iova, event.size);
    }
  }

  private table(domain: string): DomainTable {
    const known = this.domains.get(domain) ?? new DomainTable();
    this.domains.set(domain, known);
    return known;
  }

  private device(name: string): DeviceDriver {
    const found = this.devices.get(name);
    if (found === undefined) throw new Error(`IMPOSSIBLE: no device ${name}`);
    return found;
  }

  private deviceOfStream(streamId: number): string {
    const bdf = bdfOf(streamId);
    return (
      [...this.devices.values()].find((device) => device.bdf === bdf)?.name ?? `stream ${streamId}`
    );
  }

  private traceEvent(line: string): TraceEvent {
    const text = line.replace(/^\d+@[\d.]+:/, '').trim();
    const kind = text.startsWith('gicv3_its_cmd')
      ? 'command'
      : text.startsWith('smmuv3_record')
        ? 'fault'
        : 'write';
    return { kind, who: 'QEMU', text, operation: this.operation };
  }
}

const maskOf = (cpus: readonly number[]): number =>
  cpus.reduce((mask, cpu) => mask | (1 << cpu), 0);
