/**
 * From an operation to a procedure: fills a thread's registers and says where it starts.
 */
import type { Design } from '../designs/design.ts';
import { MSI_MODE } from '../hardware/pci/msi-function.ts';
import { ERRNO, type ErrnoName } from '../observation.ts';
import type { VcpuName } from '../operation.ts';
import type { KernelOperation } from '../operation-kinds.ts';
import type { ResolvedDevice } from '../topology/resolve.ts';
import { driverOf, hooksFor } from './controllers/drivers.ts';
import { userProt } from './iommu/user.ts';
import type { Kernel } from './kernel.ts';
import { Program } from './procedure.ts';
import {
  CONTAINER_PROCEDURES,
  DEVICE_PROCEDURES,
  OTHER_PROCEDURES,
  type OtherProcedure,
} from './procedures.ts';
import type { Thread } from './thread.ts';

/** By what is closed of a device in a container. */
const LEAVING = {
  both: 'vfio-leave',
  device: 'vfio-close-device',
  group: 'vfio-close-group',
} as const;

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
 * Sets up `t` to carry out the operation and returns the entry of its procedure; or minus an errno
 * where the call is refused before anything happens.
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
        return entryFor(k, device, 'vfio-move');
      }
      return entryOf(k, 'attach');
    }
    case 'detach': {
      const device = deviceNamed(k, operation.device);
      t.device = device.index;
      if (isInContainer(k, device)) {
        setDevice(k, t, device);
        return entryFor(k, device, LEAVING[operation.only ?? 'both']);
      }
      // Without a container there are no two descriptors.
      return operation.only === undefined ? entryOf(k, 'detach') : -ERRNO.EINVAL;
    }
    case 'setup': {
      const device = deviceNamed(k, operation.device);
      t.device = device.index;
      t.first = operation.start ?? 0;
      t.count = t.first + operation.vectors;
      t.mode = modeFor(device, operation.capability);
      t.setMask(operation.cpus ?? allCpus(k));
      t.managed = operation.managed === true ? 1 : 0;
      return isInContainer(k, device)
        ? entryFor(k, device, 'vfio-setup')
        : entryFor(k, device, 'setup');
    }
    case 'affinity': {
      const device = deviceNamed(k, operation.vector.device);
      setVector(k, t, device, operation.vector.index);
      t.setMask(operation.cpus);
      return entryFor(k, device, 'affinity');
    }
    case 'mask':
    case 'unmask': {
      const device = deviceNamed(k, operation.vector.device);
      setVector(k, t, device, operation.vector.index);
      return entryFor(k, device, operation.op);
    }
    case 'suspend':
    case 'restore':
    case 'unplug':
    case 'plug': {
      const device = deviceNamed(k, operation.device);
      setDevice(k, t, device);
      return entryFor(k, device, operation.op);
    }
    case 'teardown': {
      const device = deviceNamed(k, operation.device);
      setDevice(k, t, device);
      const contained = isInContainer(k, device);
      if (operation.index === undefined)
        return contained ? entryFor(k, device, 'vfio-clear') : entryFor(k, device, 'teardown');
      setVector(k, t, device, operation.index);
      return contained ? entryFor(k, device, 'vfio-clear-one') : entryFor(k, device, 'free_irq');
    }
    case 'forward': {
      const device = deviceNamed(k, operation.vector.device);
      setVector(k, t, device, operation.vector.index);
      t.vpe = vpeNamed(k, operation.vcpu);
      t.identity = operation.intid;
      return entryFor(k, device, 'forward');
    }
    case 'unforward': {
      const device = deviceNamed(k, operation.vector.device);
      setVector(k, t, device, operation.vector.index);
      return entryFor(k, device, 'unforward');
    }
    case 'move-vcpu':
      t.vpe = vpeNamed(k, operation.vcpu);
      t.cpu = operation.cpu;
      return entryOf(k, 'move-vcpu');
    case 'end-guest':
      t.vpe = vpeNamed(k, { guest: operation.guest, index: 0 });
      return entryOf(k, 'end-guest');
    case 'map':
      if (tooLong(operation.iova, operation.size) || tooLong(operation.pa, operation.size)) {
        return -ERRNO.ERANGE;
      }
      t.domain = domainNamed(k, operation.domain);
      t.address = Number(operation.iova);
      t.doorbell = Number(operation.pa);
      t.size = Number(operation.size);
      t.mode = userProt(operation.prot);
      return entryOf(k, 'map');
    case 'unmap':
      if (tooLong(operation.iova, operation.size)) return -ERRNO.EINVAL;
      t.domain = domainNamed(k, operation.domain);
      t.address = Number(operation.iova);
      t.size = Number(operation.size);
      return entryOf(k, 'unmap');
    case 'register-window':
      if (tooLong(operation.base, operation.size)) return -ERRNO.EINVAL;
      t.domain = domainNamed(k, operation.domain);
      t.address = Number(operation.base);
      t.size = Number(operation.size);
      return entryOf(k, 'register-window');
    case 'free-window':
      t.domain = domainNamed(k, operation.domain);
      return entryOf(k, 'free-window');
    case 'flush':
      t.domain = domainNamed(k, operation.domain);
      return entryOf(k, 'flush');
    case 'free-domain':
      t.domain = domainNamed(k, operation.domain);
      return entryOf(k, 'free-domain');
  }
}

const entryOf = (k: Kernel, name: OtherProcedure): number =>
  k.program.entry(name, () => OTHER_PROCEDURES[name](k.design));

const OF_DEVICES = { ...DEVICE_PROCEDURES, ...CONTAINER_PROCEDURES };

function entryFor(k: Kernel, device: ResolvedDevice, name: keyof typeof OF_DEVICES): number {
  const kind = k.topology.controllers[device.controller]?.spec.kind ?? '';
  return k.program.entry(`${name}/${kind}`, () => {
    const driver = driverOf(k, device.index);
    return OF_DEVICES[name](driver, hooksFor(driver, k.design));
  });
}

/**
 * By design, and by kinds of controllers. Machines that are only run compile what they come to, and
 * share it by design (kernel.ts): to compile all would cost each run a millisecond.
 */
const completePrograms = new Map<Design, Map<string, Program>>();

/**
 * Gives the machine a program with every procedure that an operation can come to, whatever its state
 * then (a device in a container has others). In one order, so that a program counter means the same
 * in each machine with this design and these controllers, in other workers and processes as well.
 */
export function useCompleteProgram(k: Kernel): void {
  const byKind = new Map<string, ResolvedDevice>();
  for (const device of k.topology.devices) {
    const kind = k.topology.controllers[device.controller]?.spec.kind;
    if (kind !== undefined && !byKind.has(kind)) byKind.set(kind, device);
  }
  const kinds = [...byKind.keys()].join();
  const programs = completePrograms.get(k.design) ?? new Map<string, Program>();
  completePrograms.set(k.design, programs);
  const known = programs.get(kinds);
  k.program = known ?? new Program();
  if (known !== undefined) return;
  for (const name of Object.keys(OTHER_PROCEDURES)) entryOf(k, name as OtherProcedure);
  for (const device of byKind.values())
    for (const name of Object.keys(OF_DEVICES))
      entryFor(k, device, name as keyof typeof OF_DEVICES);
  programs.set(kinds, k.program);
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
