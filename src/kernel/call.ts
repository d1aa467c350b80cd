/**
 * From an operation to a procedure: fills a thread's registers and says where it starts.
 */
import { MSI_MODE } from '../hardware/pci/msi-function.ts';
import { ERRNO, type ErrnoName } from '../observation.ts';
import type { Operation, VcpuName } from '../operation.ts';
import type { ResolvedDevice } from '../topology/resolve.ts';
import { driverOf, hooksFor } from './controllers/drivers.ts';
import { attachProcedure, detachProcedure } from './iommu/attach.ts';
import {
  flushProcedure,
  freeDomainProcedure,
  freeWindowProcedure,
  mapProcedure,
  registerWindowProcedure,
  unmapProcedure,
  userProt,
} from './iommu/user.ts';
import type { Kernel } from './kernel.ts';
import { affinityProcedure } from './msi/affinity.ts';
import { setupProcedure } from './msi/setup.ts';
import {
  freeIrqProcedure,
  maskProcedure,
  teardownProcedure,
  unmaskProcedure,
} from './msi/teardown.ts';
import { plugProcedure, unplugProcedure } from './hotplug.ts';
import {
  clearIrqProcedure,
  clearIrqsProcedure,
  leaveProcedure,
  moveProcedure,
  setIrqsProcedure,
} from './vfio.ts';
import { restoreProcedure, suspendProcedure } from './msi/restore.ts';
import type { Thread } from './thread.ts';
import {
  endGuestProcedure,
  forwardProcedure,
  moveVcpuProcedure,
  unforwardProcedure,
} from './vcpus.ts';

/** Operations that the kernel carries out; the others are the device's own doing. */
export type KernelOperation = Exclude<
  Operation,
  { op: 'fire' | 'release' | 'dma-write' | 'reset' | 'cpu-offline' | 'cpu-online' }
>;

/** Operations of devices and of the machine as a whole, which are no procedure. */
const OTHERS: ReadonlySet<Operation['op']> = new Set([
  'fire',
  'release',
  'dma-write',
  'reset',
  'cpu-offline',
  'cpu-online',
] as const);

export const isKernelOperation = (operation: Operation): operation is KernelOperation =>
  !OTHERS.has(operation.op);

/** Addresses above this have more bits than an Arm input or output address can. */
const ADDRESS_LIMIT = 1n << 52n;

const ERRNO_NAMES = new Map(
  Object.entries(ERRNO).map(([name, value]) => [value as number, name as ErrnoName]),
);

export function errnoName(error: number): ErrnoName | undefined {
  if (error >= 0) return undefined;
  const name = ERRNO_NAMES.get(-error);
  if (name === undefined) throw new Error(`IMPOSSIBLE: errno ${-error} has no name here`);
  return name;
}

/**
 * Sets up `t` to carry out the operation and returns the entry of its procedure; or minus an errno where
 * the call is refused before anything happens.
 */
export function prepareCall(k: Kernel, t: Thread, operation: KernelOperation): number {
  t.reset();
  // No vector and no device until the operation names them.
  t.vector = -1;
  t.device = -1;
  switch (operation.op) {
    case 'attach': {
      const device = deviceNamed(k, operation.device);
      t.device = device.index;
      t.domain = domainNamed(k, operation.domain);
      if (isInContainer(k, device)) {
        setDevice(k, t, device);
        return entryFor(k, device, 'vfio-move', moveProcedure);
      }
      return k.program.entry('attach', () => attachProcedure(k.design));
    }
    case 'detach': {
      const device = deviceNamed(k, operation.device);
      t.device = device.index;
      if (isInContainer(k, device)) {
        setDevice(k, t, device);
        return entryFor(k, device, 'vfio-leave', leaveProcedure);
      }
      return k.program.entry('detach', () => detachProcedure(k.design));
    }
    case 'setup': {
      const device = deviceNamed(k, operation.device);
      t.device = device.index;
      t.count = operation.vectors;
      t.mode = modeFor(device, operation.capability);
      t.setMask(operation.cpus ?? allCpus(k));
      t.managed = operation.managed === true ? 1 : 0;
      return isInContainer(k, device)
        ? entryFor(k, device, 'vfio-setup', setIrqsProcedure)
        : entryFor(k, device, 'setup', setupProcedure);
    }
    case 'affinity': {
      const device = deviceNamed(k, operation.vector.device);
      setVector(k, t, device, operation.vector.index);
      t.setMask(operation.cpus);
      return entryFor(k, device, 'affinity', affinityProcedure);
    }
    case 'mask':
    case 'unmask': {
      const device = deviceNamed(k, operation.vector.device);
      setVector(k, t, device, operation.vector.index);
      return entryFor(
        k,
        device,
        operation.op,
        operation.op === 'mask' ? maskProcedure : unmaskProcedure,
      );
    }
    case 'suspend':
    case 'restore':
    case 'unplug':
    case 'plug': {
      const device = deviceNamed(k, operation.device);
      setDevice(k, t, device);
      return entryFor(k, device, operation.op, DEVICE_PROCEDURES[operation.op]);
    }
    case 'teardown': {
      const device = deviceNamed(k, operation.device);
      setDevice(k, t, device);
      const contained = isInContainer(k, device);
      if (operation.index === undefined)
        return contained
          ? entryFor(k, device, 'vfio-clear', clearIrqsProcedure)
          : entryFor(k, device, 'teardown', teardownProcedure);
      setVector(k, t, device, operation.index);
      return contained
        ? entryFor(k, device, 'vfio-clear-one', clearIrqProcedure)
        : entryFor(k, device, 'free_irq', freeIrqProcedure);
    }
    case 'forward': {
      const device = deviceNamed(k, operation.vector.device);
      setVector(k, t, device, operation.vector.index);
      t.vpe = vpeNamed(k, operation.vcpu);
      t.identity = operation.intid;
      return entryFor(k, device, 'forward', forwardProcedure);
    }
    case 'unforward': {
      const device = deviceNamed(k, operation.vector.device);
      setVector(k, t, device, operation.vector.index);
      return entryFor(k, device, 'unforward', unforwardProcedure);
    }
    case 'move-vcpu':
      t.vpe = vpeNamed(k, operation.vcpu);
      t.cpu = operation.cpu;
      return k.program.entry('move-vcpu', moveVcpuProcedure);
    case 'end-guest':
      t.vpe = vpeNamed(k, { guest: operation.guest, index: 0 });
      return k.program.entry('end-guest', endGuestProcedure);
    case 'map':
      if (tooLong(operation.iova, operation.size) || tooLong(operation.pa, operation.size)) {
        return -ERRNO.ERANGE;
      }
      t.domain = domainNamed(k, operation.domain);
      t.address = Number(operation.iova);
      t.doorbell = Number(operation.pa);
      t.size = Number(operation.size);
      t.mode = userProt(operation.prot);
      return k.program.entry('map', () => mapProcedure(k.design));
    case 'unmap':
      if (tooLong(operation.iova, operation.size)) return -ERRNO.EINVAL;
      t.domain = domainNamed(k, operation.domain);
      t.address = Number(operation.iova);
      t.size = Number(operation.size);
      return k.program.entry('unmap', unmapProcedure);
    case 'register-window':
      if (tooLong(operation.base, operation.size)) return -ERRNO.EINVAL;
      t.domain = domainNamed(k, operation.domain);
      t.address = Number(operation.base);
      t.size = Number(operation.size);
      return k.program.entry('register-window', () => registerWindowProcedure(k.design));
    case 'free-window':
      t.domain = domainNamed(k, operation.domain);
      return k.program.entry('free-window', () => freeWindowProcedure(k.design));
    case 'flush':
      t.domain = domainNamed(k, operation.domain);
      return k.program.entry('flush', flushProcedure);
    case 'free-domain':
      t.domain = domainNamed(k, operation.domain);
      return k.program.entry('free-domain', freeDomainProcedure);
  }
}

const DEVICE_PROCEDURES = {
  suspend: suspendProcedure,
  restore: restoreProcedure,
  unplug: unplugProcedure,
  plug: plugProcedure,
} as const;

type Procedure = (
  driver: ReturnType<typeof driverOf>,
  design: Kernel['design'],
) => ReturnType<typeof setupProcedure>;

function entryFor(k: Kernel, device: ResolvedDevice, name: string, procedure: Procedure): number {
  const kind = k.topology.controllers[device.controller]?.spec.kind ?? '';
  return k.program.entry(`${name}/${kind}`, () => {
    const driver = driverOf(k, device.index);
    return procedure(driver, hooksFor(driver, k.design));
  });
}

const isInContainer = (k: Kernel, { index }: ResolvedDevice): boolean =>
  k.domains.isContainer(k.domains.forDevice(index));

function setDevice(k: Kernel, t: Thread, { index }: ResolvedDevice): void {
  t.device = index;
  t.count = k.msiCount.get(index);
  t.mode = k.msiMode.get(index);
}

function setVector(k: Kernel, t: Thread, device: ResolvedDevice, index: number): void {
  if (index >= device.vectors) throw new Error(`IMPOSSIBLE: ${device.name} has no vector ${index}`);
  setDevice(k, t, device);
  t.vector = device.firstVector + index;
}

function modeFor(device: ResolvedDevice, capability: 'msi' | 'msi-x' | undefined): number {
  if (device.spec.bus === 'platform') return MSI_MODE.platform;
  if (capability === 'msi') return MSI_MODE.msi;
  return capability === 'msi-x' || device.spec.msix ? MSI_MODE.msix : MSI_MODE.msi;
}

export function deviceNamed(k: Kernel, name: string): ResolvedDevice {
  const device = k.topology.deviceByName.get(name);
  if (device === undefined) throw new Error(`IMPOSSIBLE: no device ${name}`);
  return device;
}

export function domainNamed(k: Kernel, name: string): number {
  const domain = k.topology.domainByName.get(name);
  if (domain === undefined) throw new Error(`IMPOSSIBLE: no domain ${name}`);
  return domain.index;
}

function vpeNamed(k: Kernel, { guest, index }: VcpuName): number {
  const found = k.topology.guests.find(({ name }) => name === guest);
  if (found === undefined || index >= found.vcpus)
    throw new Error(`IMPOSSIBLE: no vCPU ${guest}/${index}`);
  return found.firstVpe + index;
}

const tooLong = (start: bigint, size: bigint): boolean => start + size > ADDRESS_LIMIT;

const allCpus = (k: Kernel): number[] => Array.from({ length: k.topology.cpus }, (_, cpu) => cpu);
