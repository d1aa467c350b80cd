/**
 * A booted kernel as a machine: each operation becomes requests to the guest, and what they caused becomes an
 * observation. One machine lives for one case; the guest outlives it.
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
  type Translation,
  unobservable,
} from '../../../src/observation.ts';
import type { Operation } from '../../../src/operation.ts';
import type { Domain } from '../../../src/topology/topology.ts';
import type { Machine } from '../target.ts';
import { Agent, type Channel } from './agent.ts';
import { bdfOf } from './bdf.ts';
import { Containers, isVfio } from './containers.ts';
import { DeviceDriver } from './device-driver.ts';
import { DomainTable, MessageTable } from './known.ts';
import { LinuxObservation } from './linux-observation.ts';
import type { CasePlan } from './plan.ts';
import type { InterruptLine } from './read/interrupts.ts';
import type { HardwareEvent } from './read/qemu-trace.ts';
import type { KernelEvent } from './read/trace-line.ts';
import { faultsOf } from './smmu-faults.ts';
import { MOVES } from './moves.ts';
import { traceEventOf, translationsOf } from './translations.ts';
import { pause, Watch } from './watch.ts';

/** How long an interrupt may take from the device's write to the handler's count. */
const DELIVERY_PATIENCE_MS = 200;
/** Nothing was to come; a stray one would have by then. */
const SILENCE_MS = 20;
const UNTOLD = unobservable('nobody tells what the hardware of a board did');

export class LinuxMachine implements Machine {
  private readonly agent: Agent;
  private readonly watch: Watch;
  private readonly plan: CasePlan;
  private readonly devices = new Map<string, DeviceDriver>();
  private readonly domains = new Map<string, DomainTable>();
  private readonly messages = new MessageTable();
  private readonly containers: Containers;
  private readonly past: TraceEvent[] = [];
  private operation = 0;

  /** `keepers`: addresses of devices that hold containers open, as many as the plan has. */
  constructor(channel: Channel, plan: CasePlan, keepers: readonly string[]) {
    this.agent = new Agent(channel);
    this.plan = plan;
    this.containers = new Containers(this.agent, plan.topology.domains, keepers);
    this.watch = new Watch(this.agent, plan.topology.cpus);
    for (const [name, spec] of Object.entries(plan.topology.devices)) {
      if (spec.bus !== 'pci') continue;
      this.devices.set(
        name,
        new DeviceDriver(
          this.agent,
          name,
          spec,
          plan.recipes[name] ?? 'rocker',
          plan.topology.msiControllers[spec.msiParent.controller]?.kind === 'gicv3-its',
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
    return this.observation(undefined, [], seen([]), seen([]), seen([]), []);
  }

  /** Everything back to where a case begins. */
  async close(): Promise<void> {
    for (let cpu = 0; cpu < this.plan.topology.cpus; cpu++)
      if (!this.watch.isOnline(cpu)) await this.agent.cpu(cpu, 'on');
    for (const device of this.devices.values()) {
      await device.release();
      await device.plug();
    }
    await this.containers.closeAll();
  }

  private async carryOut(operation: Operation): Promise<ErrnoName | undefined> {
    switch (operation.op) {
      case 'attach':
        return this.attach(operation.device, operation.domain);
      case 'detach':
        await this.leave(this.device(operation.device), (device) => device.release());
        return undefined;
      case 'unplug':
        await this.leave(this.device(operation.device), (device) => device.unplug());
        return undefined;
      case 'plug':
        await this.device(operation.device).plug();
        return undefined;
      case 'cpu-offline':
      case 'cpu-online': {
        const isOnline = operation.op === 'cpu-online';
        const error = await this.agent.cpu(operation.cpu, isOnline ? 'on' : 'off');
        if (error === undefined) this.watch.setOnline(operation.cpu, isOnline);
        await this.learnMessages();
        return error;
      }
      case 'setup': {
        const device = this.device(operation.device);
        const all = 2 ** this.plan.topology.cpus - 1;
        const mask = operation.cpus === undefined ? all : maskOf(operation.cpus);
        if (mask !== all) await this.defaultAffinity(mask);
        const error = await device.setUp(operation.vectors);
        if (mask !== all) await this.defaultAffinity(all);
        await this.learn(device, device.domain);
        return error;
      }
      case 'teardown': {
        const device = this.device(operation.device);
        const error = await device.tearDown(operation.index);
        await this.learn(device, device.domain);
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
        await this.openContainer(domain);
        const letters = `${prot.read ? 'r' : ''}${prot.write ? 'w' : ''}`;
        const error = await this.agent.map(domain, iova, size, letters);
        if (error === undefined) this.table(domain).addUser({ iova, pa, size });
        await this.learnDomain(domain);
        return error;
      }
      case 'unmap': {
        await this.openContainer(operation.domain);
        const error = await this.agent.unmap(operation.domain, operation.iova, operation.size);
        await this.learnDomain(operation.domain);
        return error;
      }
      case 'free-domain': {
        if (!this.containers.has(operation.domain)) return undefined;
        await this.containers.close(operation.domain);
        await this.learnDomain(operation.domain);
        if (this.isEmpty(operation.domain)) this.table(operation.domain).clear();
        return undefined;
      }
      case 'release':
      case 'reset':
      case 'suspend':
      case 'restore':
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
    await this.leave(device, () => device.release());
    const kind = this.plan.topology.domains[domain]?.kind as Domain['kind'];
    if (kind !== 'unmanaged') {
      await device.joinKernel(domain, kind === 'identity' ? 'identity' : 'DMA');
      await this.learnDomain(domain);
      return undefined;
    }
    await this.openContainer(domain);
    const error = await device.joinContainer(domain, domain);
    await this.learnDomain(domain);
    return error;
  }

  /** Its vectors are freed on the way out; the last device of a container takes the domain along. */
  private async leave(
    device: DeviceDriver,
    how: (device: DeviceDriver) => Promise<void>,
  ): Promise<void> {
    const { domain } = device;
    await how(device);
    await this.learn(device, domain);
    if (isVfio(this.plan.topology.domains[domain]) && this.isEmpty(domain))
      this.table(domain).clear();
  }

  private isEmpty(domain: string): boolean {
    return [...this.devices.values()].every((device) => device.domain !== domain);
  }

  private async openContainer(domain: string): Promise<void> {
    await this.containers.ensure(domain);
    await this.learnDomain(domain);
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
    const { seesHardware } = this.agent.channel;
    const recorded = hardware.flatMap((event) => (event.kind === 'fault' ? [event] : []));
    const logged = await this.watch.faults(recorded.length);
    const faults = faultsOf(seesHardware ? recorded : undefined, logged, (stream) =>
      this.deviceOfStream(stream),
    );
    const interrupts = await this.counted(before);
    if (MOVES.has(operation.op))
      for (const device of this.devices.values()) await device.readAffinities();
    const now = text.map((line) => traceEventOf(line, this.operation));
    this.past.push(...now);
    const its = Object.keys(this.plan.topology.msiControllers)[0] ?? 'its';
    const commands = hardware.flatMap((event) =>
      event.kind === 'command' ? [{ its, ...event.command }] : [],
    );
    const translations =
      operation.op === 'fire'
        ? translationsOf(
            hardware,
            (stream) => this.devices.get(this.deviceOfStream(stream)),
            this.messages,
          )
        : [];
    return this.observation(
      error,
      interrupts,
      faults,
      seesHardware ? seen(commands) : UNTOLD,
      seesHardware ? seen(translations) : UNTOLD,
      now,
    );
  }

  private async counted(before: readonly InterruptLine[]): Promise<Delivery[]> {
    const now = await this.watch.interrupts();
    const all: Delivery[] = [];
    for (const device of this.devices.values()) {
      const deliveries = device.deliveries(before, now);
      await device.checkEventfds(deliveries);
      all.push(...deliveries);
    }
    return all;
  }

  private observation(
    error: ErrnoName | undefined,
    interrupts: readonly Delivery[],
    faults: Observed<readonly Fault[]>,
    commands: Observed<readonly Command[]>,
    translations: Observed<readonly Translation[]>,
    trace: readonly TraceEvent[],
  ): LinuxObservation {
    const mappings = new Map<string, Observed<readonly Mapping[]>>();
    for (const [name, table] of this.domains) mappings.set(name, seen(table.mappings()));
    const affinities = new Map<string, readonly number[]>();
    const targets = new Map<string, number | undefined>();
    for (const device of this.devices.values()) {
      for (const [index, cpus] of device.affinities())
        affinities.set(`${device.name}/${index}`, cpus);
      for (const [index, cpu] of device.targets()) targets.set(`${device.name}/${index}`, cpu);
    }
    const messages = this.messages.copy();
    return new LinuxObservation({
      error,
      interrupts,
      faults,
      commands,
      translations,
      trace,
      history: [...this.past],
      mappings,
      messages: (device, index) => messages.read(`${device}/${index}`),
      affinity: (device, index) => affinities.get(`${device}/${index}`) ?? [],
      target: (device, index) => targets.get(`${device}/${index}`),
    });
  }

  /** The events of requests about one device: maps are of its domain, messages its own. */
  private async learn(device: DeviceDriver, domain: string): Promise<void> {
    const events = await this.watch.kernelEvents();
    this.learnMaps(domain, events);
    const writes = events.flatMap((event) => (event.kind === 'message' ? [event] : []));
    await device.settle(await this.watch.interrupts(), writes, this.messages);
  }

  /** When CPUs come and go, interrupts of any device may be moved. */
  private async learnMessages(): Promise<void> {
    const events = await this.watch.kernelEvents();
    const writes = events.flatMap((event) => (event.kind === 'message' ? [event] : []));
    const lines = await this.watch.interrupts();
    for (const device of this.devices.values())
      await device.settle(lines, device.writesOf(writes), this.messages);
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
}

const maskOf = (cpus: readonly number[]): number =>
  cpus.reduce((mask, cpu) => mask | (1 << cpu), 0);
