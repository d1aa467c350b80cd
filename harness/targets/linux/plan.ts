/**
 * Goes through the operations of a case as the kernel will meet them: where each device is, whether
 * its vectors are set up. From that follows what cannot be done, and which driver and which QEMU
 * device each device of the spec needs.
 *
 * A device in an unmanaged domain belongs to VFIO. In a DMA or identity domain, or without an
 * IOMMU, it belongs to a kernel driver, and the one whose vectors can be fired is e1000e: three
 * vectors, of which the transmit one sends only what it is made to send.
 */
import type { Operation } from '../../../src/operation.ts';
import { vectorCapacity } from '../../../src/topology/resolve.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import { checkBehindBridge } from './bridges.ts';
import { checkDomain } from './check-domain.ts';
import { isVfio } from './containers.ts';
import type { KernelTraits } from './kernels.ts';
import { E1000E_QUIET, E1000E_VECTORS, QemuNeeds, type Recipe } from './qemu-needs.ts';
import { checkTable, type DeviceState, freshDevice } from './plan-device.ts';

export interface CasePlan {
  readonly topology: Topology;
  /** What each device of the spec is in QEMU. */
  readonly recipes: Readonly<Record<string, Recipe>>;
  /** Unmanaged domains that the case attaches to: each is a VFIO container. */
  readonly containers: readonly string[];
  /**
   * Devices that send before any driver has had them: their stream must not have been probed in
   * this boot.
   */
  readonly unprobed: readonly string[];
}

/** rocker's DMA engine raises this vector when it is done. */
const ROCKER_DMA_VECTOR = 2;

export class Planner {
  private readonly topology: Topology;
  private readonly traits: KernelTraits;
  private readonly devices = new Map<string, DeviceState>();
  private readonly needs = new QemuNeeds();
  private readonly containers = new Set<string>();
  private readonly freed = new Set<string>();
  private readonly unprobed = new Set<string>();
  /** Domains that are to outlive their last device, though a container would not. */
  readonly outlived = new Set<string>();
  /** The fewest vectors that a device is asked for and does not have. */
  readonly overasked = new Map<string, number>();

  constructor(topology: Topology, traits: KernelTraits) {
    this.topology = topology;
    this.traits = traits;
    for (const [name, spec] of Object.entries(topology.devices))
      this.devices.set(name, freshDevice(spec));
  }

  /** Why this operation cannot be done, or undefined. */
  add(operation: Operation): string | undefined {
    const name = deviceOf(operation);
    if (name !== undefined && operation.op !== 'plug' && !this.device(name).plugged)
      return `${name} is unplugged at that step`;
    const why =
      name === undefined
        ? undefined
        : checkBehindBridge(name, this.device(name), operation, this.topology);
    if (why !== undefined) return why;
    switch (operation.op) {
      case 'attach':
        return this.attach(operation.device, operation.domain);
      case 'detach':
        return operation.only === undefined
          ? this.detach(operation.device)
          : this.closeOne(operation.device, operation.only);
      case 'setup':
        return this.setup(operation);
      case 'affinity':
      case 'fire':
        return this.vector(operation);
      case 'teardown':
        return this.teardown(operation);
      case 'map':
      case 'unmap':
        return this.isOpen(operation.domain) || this.isContainer(operation.domain)
          ? undefined
          : `${operation.domain} has no device at that step; VFIO maps only into a container with one`;
      case 'free-domain':
        return this.freeDomain(operation.domain);
      case 'dma-write':
        return operation.data === 0
          ? this.dmaWrite(operation.device)
          : "rocker's DMA engine writes zeros and no other data";
      case 'mask':
      case 'unmask':
        return 'no system call masks one interrupt of a device (VFIO answers ENOTTY for MSI and MSI-X)';
      case 'release':
        return 'no device of QEMU has a level-triggered MSI';
      case 'reset':
        return this.reset(operation.device);
      case 'restore':
        return this.restore(operation.device);
      case 'write-message':
        return this.writeMessage(operation);
      case 'suspend':
        return 'no system call suspends one device and leaves it so while other things are done; a suspend of the whole machine ends in the same call';
      case 'unplug':
        return this.unplug(operation.device);
      case 'plug':
        return this.plug(operation.device);
      case 'cpu-offline':
      case 'cpu-online':
        return undefined;
      case 'forward':
      case 'unforward':
      case 'move-vcpu':
      case 'end-guest':
        return `${operation.op} is not done on a booted kernel yet`;
      case 'flush':
        return 'when the flush queue is emptied is for its timer to say';
      case 'register-window':
      case 'free-window':
        return 'user space cannot register a doorbell window: that is the RFC, which was not merged';
    }
  }

  plan(): CasePlan {
    const recipes: Record<string, Recipe> = {};
    for (const [name, { spec }] of this.devices) recipes[name] = this.needs.recipe(name, spec);
    return {
      topology: this.topology,
      recipes,
      containers: [...this.containers],
      unprobed: [...this.unprobed],
    };
  }

  private attach(name: string, domain: string): string | undefined {
    const device = this.device(name);
    const spec = this.topology.domains[domain];
    if (spec === undefined)
      return `${domain} is a default domain; a device comes back to it by detach`;
    if (device.spec.iommu === undefined)
      return `${name} has no IOMMU: there is nothing to attach to`;
    if (device.vectors > 0 && !this.isContainer(device.domain))
      return `${name} would change its domain with vectors set up; a driver or VFIO frees them first`;
    this.forget(device);
    this.leaves(name);
    if (this.freed.has(domain)) return `${domain} was freed`;
    const why = checkDomain(domain, spec, this.traits);
    if (why !== undefined) return why;
    device.domain = domain;
    device.owner = spec.kind === 'unmanaged' ? 'vfio' : 'driver';
    device.probed = true;
    if (device.owner === 'vfio') this.containers.add(domain);
    return undefined;
  }

  private detach(name: string): string | undefined {
    const device = this.device(name);
    if (device.vectors > 0 && !this.isContainer(device.domain))
      return `${name} would leave its domain with vectors set up; VFIO frees them when it lets go`;
    if (device.domain === undefined) return `${name} is not attached`;
    this.forget(device);
    this.leaves(name);
    device.owner = 'nobody';
    return undefined;
  }

  /** A spec that goes on using what is closed is refused when it is read (DB312). */
  private closeOne(name: string, only: 'device' | 'group'): string | undefined {
    const device = this.device(name);
    if (!this.isContainer(device.domain))
      return `${name} is in no domain with vfio: true; only there are two descriptors to close`;
    if (only === 'device') this.forget(device);
    return undefined;
  }

  private unplug(name: string): string | undefined {
    const device = this.device(name);
    this.forget(device);
    this.leaves(name);
    device.owner = 'nobody';
    device.plugged = false;
    // sysfs's remove is taken as the pulling out; a device that no driver had has no group to
    // leave.
    device.probed = true;
    return this.needs.takeOut(name, device.spec);
  }

  private plug(name: string): string | undefined {
    const device = this.device(name);
    if (device.plugged) return `${name} is plugged in already`;
    const [driven] = [...this.devices].filter(
      ([other, { owner }]) => owner === 'driver' && this.needs.hasDriver(other),
    );
    if (this.needs.isTakenOut(name) && driven !== undefined)
      return `${driven[0]} has e1000e's driver while ${name} is put back, which would be given to that driver, too`;
    device.plugged = true;
    return undefined;
  }

  private leaves(name: string): void {
    const device = this.device(name);
    const { domain } = device;
    device.domain = undefined;
    if (domain === undefined || this.isOpen(domain) || this.isContainer(domain)) return;
    if (this.topology.domains[domain]?.kind === 'unmanaged') this.outlived.add(domain);
  }

  private forget(device: DeviceState): void {
    device.vectors = 0;
    device.torn.clear();
  }

  private setup(operation: Extract<Operation, { op: 'setup' }>): string | undefined {
    const { device: name, start = 0 } = operation;
    const vectors = start + operation.vectors;
    if (operation.managed === true) return 'VFIO sets up no managed interrupts';
    const device = this.device(name);
    const contained = this.isContainer(device.domain);
    if (contained) {
      // Set up anew, or refused: VFIO answers, and what was set up stays.
      const most = vectorCapacity(device.spec);
      if (vectors > most) {
        this.overasked.set(name, Math.min(vectors, this.overasked.get(name) ?? vectors));
        return undefined;
      }
      if (start > device.vectors)
        return 'an interrupt that is allocated and not requested has no folder in /proc/irq to be seen in';
      if (device.vectors > 0 && vectors > device.vectors) {
        for (let index = start; this.traits.vfioLateCount && index < device.vectors; index++)
          device.torn.add(index);
        return undefined;
      }
      for (let index = start; index < vectors; index++) device.torn.delete(index);
    }
    if (start > 0 && !contained)
      return 'outside a VFIO container (vfio: true of its domain) vectors are set up all at once';
    if (device.vectors > 0 && !contained)
      return `${name} is set up already; VFIO then sets up its vectors anew (say vfio: true of its domain)`;
    if (vectors > vectorCapacity(device.spec))
      return `${name} has fewer vectors than asked for; VFIO refuses that before the kernel is asked`;
    let conflict: string | undefined;
    if (device.owner === 'vfio') {
      conflict = this.needs.addVfioVectors(name, vectors);
    } else {
      if (vectors !== E1000E_VECTORS || vectorCapacity(device.spec) < E1000E_VECTORS)
        return `outside VFIO a kernel driver sets up the vectors, and e1000e sets up ${E1000E_VECTORS}`;
      if (device.spec.bus === 'pci' && device.spec.msix === undefined)
        return 'outside VFIO a kernel driver sets up the vectors, and e1000e uses MSI-X';
      conflict = this.needs.addDriver(name);
      device.owner = 'driver';
      device.probed = true;
    }
    if (device.vectors === 0) device.torn.clear();
    device.vectors = Math.max(vectors, device.vectors);
    return conflict;
  }

  private vector(operation: Extract<Operation, { op: 'affinity' | 'fire' }>): string | undefined {
    const { device: name, index } = operation.vector;
    const device = this.device(name);
    if (index >= device.vectors || device.torn.has(index))
      return operation.op === 'fire'
        ? `${name}/${index} is not set up at that step; a device without vectors cannot be made to send one`
        : `${name}/${index} is not set up at that step, and an interrupt without an action has no smp_affinity in /proc/irq`;
    if (operation.op === 'fire' && device.owner === 'driver' && index !== E1000E_QUIET)
      return `${name}/${index}: of e1000e's vectors only 1 is quiet under its driver until it is raised`;
    return undefined;
  }

  private teardown({
    device: name,
    index,
  }: Extract<Operation, { op: 'teardown' }>): string | undefined {
    const device = this.device(name);
    if (device.vectors === 0 && !(this.isContainer(device.domain) && index === undefined))
      return `${name} is not set up: there is nothing to ask the kernel for`;
    if (index === undefined) {
      device.vectors = 0;
      device.torn.clear();
      return undefined;
    }
    if (device.owner !== 'vfio') return `a kernel driver frees all vectors of ${name} at once`;
    device.torn.add(index);
    return undefined;
  }

  private freeDomain(domain: string): string | undefined {
    if (this.isOpen(domain) && !this.isContainer(domain))
      return `${domain} has a device; VFIO frees a domain when its last device leaves, and at no other time`;
    this.freed.add(domain);
    return undefined;
  }

  /** By the bridge's own register: sysfs's `reset` puts back what it took within the same call. */
  private reset(name: string): string | undefined {
    const device = this.device(name);
    if (device.spec.bus !== 'pci' || device.spec.requesterId < 0x100)
      return `${name} is on bus 0; past the kernel only a bus behind a root port can be reset`;
    const why = checkTable(name, device);
    if (why === undefined) device.isReset = true;
    return why;
  }

  private restore(name: string): string | undefined {
    const device = this.device(name);
    if (!device.isReset) return `${name} was not reset: there is nothing that the kernel restores`;
    device.isReset = false;
    return undefined;
  }

  private writeMessage({
    vector,
  }: Extract<Operation, { op: 'write-message' }>): string | undefined {
    const device = this.device(vector.device);
    if (vector.index >= device.vectors || device.torn.has(vector.index))
      return `${vector.device}/${vector.index} is not set up at that step`;
    return checkTable(vector.device, device);
  }

  private dmaWrite(name: string): string | undefined {
    const device = this.device(name);
    if (device.owner === 'driver') return `${name} is its driver's: no DMA can be asked of it`;
    if (device.spec.bus === 'pci' && device.spec.msi !== undefined)
      return `${name} has MSI; the device whose DMA can be steered, rocker, has MSI-X`;
    if (device.vectors > ROCKER_DMA_VECTOR)
      return `rocker's DMA engine raises vector ${ROCKER_DMA_VECTOR}, which ${name} has set up`;
    if (!device.probed) this.unprobed.add(name);
    return this.needs.addDma(name);
  }

  private isContainer(domain: string | undefined): boolean {
    return domain !== undefined && isVfio(this.topology.domains[domain]);
  }

  private isOpen(domain: string): boolean {
    return [...this.devices.values()].some((device) => device.domain === domain);
  }

  private device(name: string): DeviceState {
    const found = this.devices.get(name);
    if (found === undefined) throw new Error(`IMPOSSIBLE: no device ${name}`);
    return found;
  }
}

/** The device that the operation is about. */
function deviceOf(operation: Operation): string | undefined {
  if ('device' in operation) return operation.device;
  return 'vector' in operation ? operation.vector.device : undefined;
}
