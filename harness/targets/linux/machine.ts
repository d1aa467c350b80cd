/**
 * A booted kernel as a machine: each operation becomes requests to the guest, and what they caused
 * becomes an observation. One machine lives for one case; the guest outlives it.
 */
import type { ErrnoName, Message, Observation } from '../../../src/observation.ts';
import type { Operation } from '../../../src/operation.ts';
import type { Domain } from '../../../src/topology/topology.ts';
import type { Machine } from '../target.ts';
import { Agent, type Channel } from './agent.ts';
import { Containers, isVfio } from './containers.ts';
import { DeviceDriver } from './device-driver.ts';
import { DomainTables, MessageTable } from './known.ts';
import { type Answers, Looker } from './looker.ts';
import type { CasePlan } from './plan.ts';
import type { KernelEvent } from './read/trace-line.ts';
import { pause, Watch } from './watch.ts';

/** How long an interrupt may take from the device's write to the handler's count. */
const DELIVERY_PATIENCE_MS = 200;

/** What was told after requests, and what the kernel traced of them. */
interface Told extends Answers {
  readonly events: readonly KernelEvent[];
}

export class LinuxMachine implements Machine {
  private readonly agent: Agent;
  private readonly watch: Watch;
  private readonly plan: CasePlan;
  private readonly devices = new Map<string, DeviceDriver>();
  private readonly domains = new DomainTables();
  private readonly messages = new MessageTable();
  private readonly containers: Containers;
  private readonly looker: Looker;

  /** `keepers`: addresses of devices that hold containers open, as many as the plan has. */
  constructor(channel: Channel, plan: CasePlan, keepers: readonly string[]) {
    this.agent = new Agent(channel);
    this.plan = plan;
    this.containers = new Containers(this.agent, plan.topology.domains, keepers);
    this.watch = new Watch(this.agent, plan.topology.cpus);
    const [its = 'its'] = Object.keys(plan.topology.msiControllers);
    const { devices, domains, messages, watch } = this;
    this.looker = new Looker({ devices, domains, messages, watch, its, channel });
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
    await Promise.all([
      this.isIsolated ? undefined : this.allowUnsafe(true),
      ...[...this.devices.values()].map((device) => device.start()),
    ]);
    await this.looker.start();
  }

  async perform(operation: Operation): Promise<Observation> {
    const error = await this.carryOut(operation);
    return this.looker.look(operation, error);
  }

  observe(): Observation {
    return this.looker.now();
  }

  /** Everything back to where a case begins. */
  async close(): Promise<void> {
    const offline = Array.from({ length: this.plan.topology.cpus }, (_, cpu) => cpu).filter(
      (cpu) => !this.watch.isOnline(cpu),
    );
    await Promise.all([
      this.looker.ready(),
      ...offline.map((cpu) => this.agent.cpu(cpu, 'on')),
      ...[...this.devices.values()].flatMap((device) => [device.release(), device.plug()]),
      this.containers.closeAll(),
    ]);
  }

  private async carryOut(operation: Operation): Promise<ErrnoName | undefined> {
    switch (operation.op) {
      case 'attach':
        return this.attach(operation);
      case 'detach': {
        const { only } = operation;
        const device = this.device(operation.device);
        if (only === undefined) await this.leave(operation, device, () => device.release());
        else {
          const [, told] = await Promise.all([device.close(only), this.told(operation)]);
          this.learnOf(device, device.domain, told);
        }
        return undefined;
      }
      case 'unplug':
        await this.leave(operation, this.device(operation.device), (device) => device.unplug());
        return undefined;
      case 'plug':
        await this.device(operation.device).plug();
        return undefined;
      case 'cpu-offline':
      case 'cpu-online': {
        const isOnline = operation.op === 'cpu-online';
        const error = await this.agent.cpu(operation.cpu, isOnline ? 'on' : 'off');
        // First, since it says what the columns of the interrupts are.
        if (error === undefined) this.watch.setOnline(operation.cpu, isOnline);
        await this.learnMessages(operation);
        return error;
      }
      case 'setup': {
        const device = this.device(operation.device);
        const all = 2 ** this.plan.topology.cpus - 1;
        const mask = operation.cpus === undefined ? all : maskOf(operation.cpus);
        const [, error, , told] = await Promise.all([
          mask === all ? undefined : this.defaultAffinity(mask),
          device.setUp(operation.vectors, operation.start ?? 0),
          mask === all ? undefined : this.defaultAffinity(all),
          this.told(operation),
        ]);
        this.learnOf(device, device.domain, told);
        return error;
      }
      case 'teardown': {
        const device = this.device(operation.device);
        const [error, told] = await Promise.all([
          device.tearDown(operation.index),
          this.told(operation),
        ]);
        this.learnOf(device, device.domain, told);
        return error;
      }
      case 'affinity': {
        const { vector, cpus } = operation;
        const [error] = await Promise.all([
          this.device(vector.device).affinity(vector.index, maskOf(cpus)),
          this.looker.ask(operation),
        ]);
        return error;
      }
      case 'fire': {
        const { vector, times } = operation;
        const device = this.device(vector.device);
        for (let n = 0; n < times; n++) {
          const before = device.vectors.countOf(this.watch.latest, vector.index);
          const [, { now }] = await Promise.all([
            device.fire(vector.index),
            this.looker.ask(operation),
          ]);
          if (device.vectors.countOf(now, vector.index) > before) continue;
          await this.delivered(device, vector.index, before);
          await this.looker.ask(operation);
        }
        return undefined;
      }
      case 'dma-write':
        await this.device(operation.device).dma(operation.address);
        return undefined;
      case 'map': {
        const { domain, iova, pa, size, prot } = operation;
        const letters = `${prot.read ? 'r' : ''}${prot.write ? 'w' : ''}`;
        const [, error] = await Promise.all([
          this.openContainer(domain),
          this.agent.map(domain, iova, size, letters),
          this.learnDomain(domain),
          this.looker.ask(operation),
        ]);
        if (error === undefined) this.domains.of(domain).addUser({ iova, pa, size });
        return error;
      }
      case 'unmap': {
        const { domain, iova, size } = operation;
        const [, error] = await Promise.all([
          this.openContainer(domain),
          this.agent.unmap(domain, iova, size),
          this.learnDomain(domain),
          this.looker.ask(operation),
        ]);
        return error;
      }
      case 'free-domain': {
        if (!this.containers.has(operation.domain)) return undefined;
        await Promise.all([
          this.containers.close(operation.domain),
          this.learnDomain(operation.domain),
        ]);
        if (this.isEmpty(operation.domain)) this.domains.of(operation.domain).clear();
        return undefined;
      }
      case 'reset':
        return this.tableAfter(operation, (device) => device.resetUnnoticed(operation.memory));
      case 'restore':
        return this.tableAfter(operation, (device) => device.restore());
      case 'write-message':
        return this.tableAfter(operation, (device) =>
          device.writeMessage(operation.vector.index, operation),
        );
      case 'release':
      case 'suspend':
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

  private async attach(
    operation: Extract<Operation, { op: 'attach' }>,
  ): Promise<ErrnoName | undefined> {
    const { domain } = operation;
    const device = this.device(operation.device);
    if (device.isHeld) await this.leave(operation, device, () => device.release());
    const spec = this.plan.topology.domains[domain] as Domain;
    const { kind } = spec;
    if (kind !== 'unmanaged') {
      await Promise.all([
        device.joinKernel(domain, kind === 'identity' ? 'identity' : 'DMA'),
        this.learnDomain(domain),
        this.looker.ask(operation),
      ]);
      return undefined;
    }
    const refuses = spec.refuseUnsafe === true && !this.isIsolated;
    const [, , error] = await Promise.all([
      refuses ? this.allowUnsafe(false) : undefined,
      this.openContainer(domain),
      device.joinContainer(domain, domain),
      this.learnDomain(domain),
      refuses ? this.allowUnsafe(true) : undefined,
      this.looker.ask(operation),
    ]);
    return error;
  }

  /**
   * Its vectors are freed on the way out; the last device of a container takes the domain along.
   */
  private async leave(
    operation: Operation,
    device: DeviceDriver,
    how: (device: DeviceDriver) => Promise<void>,
  ): Promise<void> {
    const { domain } = device;
    const [, told] = await Promise.all([how(device), this.told(operation)]);
    this.learnOf(device, domain, told);
    if (isVfio(this.plan.topology.domains[domain]) && this.isEmpty(domain))
      this.domains.of(domain).clear();
  }

  /**
   * What the device has is read from it: the kernel was not asked, or what it wrote may have been
   * lost.
   */
  private async tableAfter(
    operation: Extract<Operation, { op: 'reset' | 'restore' | 'write-message' }>,
    how: (device: DeviceDriver) => Promise<readonly Message[]>,
  ): Promise<undefined> {
    const name = operation.op === 'write-message' ? operation.vector.device : operation.device;
    const device = this.device(name);
    const [table, told] = await Promise.all([how(device), this.told(operation)]);
    this.learnOf(device, device.domain, told);
    device.vectors.readTable(table, this.messages);
    return undefined;
  }

  private isEmpty(domain: string): boolean {
    return [...this.devices.values()].every((device) => device.domain !== domain);
  }

  private async openContainer(domain: string): Promise<void> {
    if (this.containers.has(domain)) return;
    await Promise.all([this.containers.ensure(domain), this.learnDomain(domain)]);
  }

  /** GICv2m does not isolate MSIs: VFIO_SET_IOMMU is EPERM unless that is allowed. */
  private get isIsolated(): boolean {
    const controllers = Object.values(this.plan.topology.msiControllers);
    return controllers.every(({ kind }) => kind !== 'gicv2m');
  }

  private allowUnsafe(allow: boolean): Promise<unknown> {
    const parameter = '/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts';
    return this.agent.put(parameter, allow ? '1' : '0');
  }

  private defaultAffinity(mask: number): Promise<unknown> {
    return this.agent.put('/proc/irq/default_smp_affinity', mask.toString(16));
  }

  /** Waits for the handler's count, for a fault, or long enough. */
  private async delivered(device: DeviceDriver, index: number, before: number): Promise<void> {
    const deadline = performance.now() + DELIVERY_PATIENCE_MS;
    while (performance.now() < deadline) {
      if (device.vectors.countOf(await this.watch.interrupts(), index) > before) return;
      const { events } = await this.watch.meanwhile();
      if (events.some(({ kind }) => kind === 'fault' || kind === 'abort')) return;
      await pause(1);
    }
  }

  /** What requests did. Sent after them: it is answered after them. */
  private async told(operation: Operation): Promise<Told> {
    const [events, answers] = await Promise.all([
      this.watch.kernelEvents(),
      this.looker.ask(operation),
    ]);
    return { events, ...answers };
  }

  /** Maps are of its domain, messages its own. */
  private learnOf(device: DeviceDriver, domain: string, { events, now, aims }: Told): void {
    this.domains.learn(domain, events);
    const found = aims.get(device.name) ?? [];
    device.vectors.settle(now, found, device.isDriven, messagesOf(events), this.messages);
  }

  /** When CPUs come and go, interrupts of any device may be moved. */
  private async learnMessages(operation: Operation): Promise<void> {
    const { events, now, aims } = await this.told(operation);
    for (const device of this.devices.values())
      device.vectors.settle(
        now,
        aims.get(device.name) ?? [],
        device.isDriven,
        device.vectors.writesOf(messagesOf(events)),
        this.messages,
      );
  }

  private async learnDomain(domain: string): Promise<void> {
    this.domains.learn(domain, await this.watch.kernelEvents());
  }

  private device(name: string): DeviceDriver {
    const found = this.devices.get(name);
    if (found === undefined) throw new Error(`IMPOSSIBLE: no device ${name}`);
    return found;
  }
}

const messagesOf = (events: readonly KernelEvent[]) =>
  events.flatMap((event) => (event.kind === 'message' ? [event] : []));

const maskOf = (cpus: readonly number[]): number =>
  cpus.reduce((mask, cpu) => mask | (1 << cpu), 0);
