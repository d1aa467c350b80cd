/**
 * The kernel's own state and what its procedures share. Procedures are in their own files; they see
 * the hardware through `hw` and nothing else of it.
 */
import type { Design } from '../designs/design.ts';
import { EVENT, type EventLog } from '../events/event-log.ts';
import { FIRST_LPI } from '../hardware/gic/redistributor.ts';
import {
  buildHardware,
  type Hardware,
  type HardwareConfig,
  lpiCapacity,
} from '../hardware/hardware.ts';
import type { CpuInterfaces } from '../hardware/interrupts.ts';
import { MSI_MODE } from '../hardware/pci/msi-function.ts';
import type { Column, RowOf, Store } from '../state/store.ts';
import type { Resolved, ResolvedDevice } from '../topology/resolve.ts';
import type { KernelConfig } from '../topology/topology.ts';
import { Bindings } from './bindings.ts';
import { type Behaviour, UNNAMED_BEHAVIOUR } from './changes/changes.ts';
import { type ControllerState, controllerState } from './controllers/controller-state.ts';
import { Domains } from './domains.ts';
import { Guests } from './gicv4.ts';
import { IommufdTables } from './iommufd.ts';
import { Irqs } from './irqs.ts';
import { Locks } from './locks.ts';
import { Program } from './procedure.ts';
import type { Thread } from './thread.ts';

export class Kernel {
  readonly topology: Resolved;
  readonly config: KernelConfig;
  /**
   * The design, what it is compiled to, and the changes of Linux that this kernel has: see
   * become().
   */
  design: Design;
  program: Program;
  on: Behaviour;
  /** First reference count that rfc-v3 gives a binding. */
  initialCount: number;
  readonly log: EventLog;
  readonly hw: Hardware;
  readonly irqs: Irqs;
  readonly domains: Domains;
  readonly bindings: Bindings;
  readonly iommufd: IommufdTables;
  readonly controllers: ControllerState;
  readonly guests: Guests;
  readonly locks: Locks;
  /** By device: mechanism in use (MSI_MODE) and vectors asked for; 0 when nothing is set up. */
  readonly msiMode: Column;
  readonly msiCount: Column;
  /** By CPU: 1 while it is offline. */
  private readonly offline: Column;
  /** By device: 1 once a platform device had an MSI domain, which some releases never took away. */
  readonly hasMsiDomain: Column;
  /** By device: descriptors of pins that were mapped and never freed, of a bridge from wires. */
  readonly keptDescriptors: Column;
  /** By device: 1 once it was plugged in after boot. */
  readonly plugged: Column;
  /** Vector + 1 that owns an interrupt, for what the CPU takes. */
  private readonly lpiOwner: Column;
  private readonly spiOwner: Column;

  constructor(
    store: Store,
    log: EventLog,
    topology: Resolved,
    design: Design,
    options: {
      readonly initialCount: number;
      readonly caches?: boolean;
      /** Queues have room for commands although a SYNC follows. */
      readonly queued?: boolean;
    },
    on: Behaviour = UNNAMED_BEHAVIOUR,
  ) {
    this.topology = topology;
    this.config = topology.kernel;
    this.design = design;
    this.on = on;
    this.initialCount = options.initialCount;
    this.log = log;
    this.program = programOf(design);
    const interfaces: CpuInterfaces = {
      takeIntid: (intid, cpu) => this.take(this.ownerOf(intid), intid, cpu),
      takeVirtual: (intid, vpe, cpu) =>
        this.log.emit(EVENT.interrupt, this.guests.ownerOf(vpe, intid) + 1, cpu, intid, vpe + 1),
      takeIdentity: (controller, identity, cpu) =>
        this.take(this.controllers.identityOwner(controller, cpu, identity), identity, cpu),
    };
    this.hw = buildHardware(store, log, topology, interfaces, {
      ...drivenAs(on, options.queued === true),
      caches: options.caches ?? true,
    });
    const deviceOf = (vector: number): number => topology.deviceOfVector[vector] ?? -1;
    const msi: RowOf = { part: 'msi', device: (device) => device };
    this.irqs = new Irqs(store, topology.vectors, topology.cpus, deviceOf);
    this.domains = new Domains(store, topology, this.hw, this);
    this.bindings = new Bindings(store, log, topology.domains.length, topology.doorbellPages + 1);
    this.iommufd = new IommufdTables(store, topology.iommufds.length, topology.devices.length);
    this.controllers = controllerState(store, topology);
    this.guests = new Guests(store, topology, this.controllers.its.events.length);
    this.msiMode = store.column(topology.devices.length, msi);
    this.msiCount = store.column(topology.devices.length, msi);
    this.offline = store.column(topology.cpus, { part: 'cpu', cpu: (cpu) => cpu });
    this.hasMsiDomain = store.column(topology.devices.length, msi);
    this.keptDescriptors = store.column(topology.devices.length, msi);
    this.plugged = store.column(topology.devices.length, msi);
    this.locks = new Locks(store, topology.vectors, topology.devices.length, deviceOf);
    this.lpiOwner = store.column(lpiCapacity(topology), {
      part: 'owner',
      holds: 'vectorPlus1',
    });
    this.spiOwner = store.column(1024, {
      part: 'owner',
      holds: 'vectorPlus1',
    });
  }

  /**
   * Another kernel on the same machine, before it boots. False: it drives the hardware in a way
   * that is built in.
   */
  become(design: Design, initialCount: number, on: Behaviour): boolean {
    const [now, then] = [drivenAs(this.on, false), drivenAs(on, false)];
    if (now.faultUnmatched !== then.faultUnmatched) return false;
    if (now.queues.smmu !== then.queues.smmu || now.queues.its !== then.queues.its) return false;
    this.design = design;
    this.program = programOf(design);
    this.on = on;
    this.initialCount = initialCount;
    return true;
  }

  device(index: number): ResolvedDevice {
    const device = this.topology.devices[index];
    if (device === undefined) throw new Error(`IMPOSSIBLE: no device ${index}`);
    return device;
  }

  firstVector(device: number): number {
    return this.device(device).firstVector;
  }

  isPci(device: number): boolean {
    return this.device(device).spec.bus === 'pci';
  }

  /** Its driver writes no message of zeroes, so that the last one stays. */
  keepsMessage(device: number): boolean {
    const { spec } = this.device(device);
    return spec.bus === 'platform' && spec.via !== undefined;
  }

  /** Row of the msi_desc that a vector belongs to. */
  descOf(device: number, vector: number): number {
    return this.msiMode.get(device) === MSI_MODE.msi ? this.firstVector(device) : vector;
  }

  isOnline(cpu: number): boolean {
    return this.offline.get(cpu) === 0;
  }

  setOnline(cpu: number, online: boolean): void {
    this.offline.set(cpu, online ? 0 : 1);
  }

  /** Whether any CPU that the thread asks for is online. */
  hasOnline(t: Thread): boolean {
    for (let cpu = 0; cpu < this.topology.cpus; cpu++)
      if (t.wants(cpu) && this.isOnline(cpu)) return true;
    return false;
  }

  /**
   * The first CPU that an interrupt may go to: of those asked for, or, where none is online, of all
   * (irq_setup_affinity).
   */
  firstTarget(t: Thread): number {
    const any = !this.hasOnline(t);
    for (let cpu = 0; cpu < this.topology.cpus; cpu++)
      if ((any || t.wants(cpu)) && this.isOnline(cpu)) return cpu;
    return -1;
  }

  setOwner(intid: number, vector: number): void {
    if (intid >= FIRST_LPI) this.lpiOwner.set(intid - FIRST_LPI, vector + 1);
    else this.spiOwner.set(intid, vector + 1);
  }

  clearOwner(intid: number): void {
    this.setOwner(intid, -1);
  }

  /** Vector that an INTID belongs to, or -1. */
  ownerOf(intid: number): number {
    return (
      (intid >= FIRST_LPI ? this.lpiOwner.get(intid - FIRST_LPI) : this.spiOwner.get(intid)) - 1
    );
  }

  private take(vector: number, id: number, cpu: number): void {
    this.log.emit(EVENT.interrupt, vector + 1, cpu, id);
  }
}

/** What of a kernel's changes the hardware is built with. */
const drivenAs = (on: Behaviour, queued: boolean): Omit<HardwareConfig, 'caches'> => ({
  faultUnmatched: on['smmu-disable-bypass'],
  queues: {
    smmu: queued || !on['smmu-sync'],
    its: queued || !on['its-sync'] || !on['its-invall-sync'],
  },
});

/** Code depends on the design alone, so machines of one design share it. */
const programs = new Map<Design, Program>();

function programOf(design: Design): Program {
  const known = programs.get(design);
  if (known !== undefined) return known;
  const made = new Program();
  programs.set(design, made);
  return made;
}
