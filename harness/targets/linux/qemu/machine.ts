/**
 * QEMU's virt machine as Doorbell uses it, and what of a topology it can be. The numbers are those
 * of hw/arm/virt.c, hw/net/rocker and hw/net/e1000e.c of QEMU 7.2.
 */
import type { Device, MsiController, Topology } from '../../../../src/topology/topology.ts';
import { portName, portsFor, type QemuPort, type Refused } from './buses.ts';

export const QEMU_DEVICES = ['rocker', 'e1000e', 'edu', 'xhci'] as const;
export type QemuDeviceKind = (typeof QEMU_DEVICES)[number];

export interface QemuDevice {
  /** For people; the command line needs none. */
  readonly name: string;
  readonly kind: QemuDeviceKind;
  /** On bus 0, or on the bus of the port. */
  readonly slot: number;
  /**
   * rocker's MSI-X vectors, 4 to 128; made even. Messages of xhci, a power of two up to 16. The
   * others have what they have.
   */
  readonly vectors?: number;
  /** Name of the port that it is behind. */
  readonly behind?: string;
}

export interface SpiRange {
  readonly base: number;
  readonly count: number;
}

/** NUM_GICV2M_SPIS, and the first after virt's own devices. */
const V2M_SPIS: SpiRange = { base: 80, count: 64 };

export interface QemuMachine {
  /** 1 to 8 with a GICv2, which the GICv2m needs. */
  readonly cpus: number;
  readonly msi: 'gicv2m' | 'its';
  readonly smmu: boolean;
  /** Of the GICv2m frame, where the device tree is to say other ones than QEMU's. */
  readonly spis?: SpiRange;
  readonly ports: readonly QemuPort[];
  readonly devices: readonly QemuDevice[];
}

const MOST_CPUS = { gicv2m: 8, its: 8 } as const;
const ROCKER = { least: 4, most: 128 } as const;
/** XHCI_MAXINTRS. */
const VECTORS = { e1000e: 5, edu: 1, xhci: 16 } as const;

type V2m = Extract<MsiController, { kind: 'gicv2m' }>;

/** Why QEMU would not start with it, or would start another machine; undefined when it is fine. */
export function refusal(machine: QemuMachine): string | undefined {
  const { cpus, msi, ports, devices } = machine;
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > MOST_CPUS[msi])
    return `${cpus} CPUs; the guest has 1 to ${MOST_CPUS[msi]}`;
  const taken = new Map<string, string>();
  for (const { name, slot, behind = '' } of [...ports, ...devices] as readonly QemuDevice[]) {
    const place = `${behind}/${slot}`;
    const other = taken.get(place);
    if (slot < (behind === '' ? 1 : 0) || slot > 31)
      return `${name} is in slot ${slot}; slots are 1 to 31, and slot 0 of bus 0 is the host bridge`;
    if (other !== undefined) return `${name} and ${other} are both in slot ${slot}`;
    taken.set(place, name);
  }
  for (const { name, kind, slot, vectors, behind } of devices) {
    const port = ports.find((each) => each.name === behind);
    if (behind !== undefined && port === undefined)
      return `${name} is behind ${behind}, which is not there`;
    if (port?.conventional === true && slot === 0)
      return `${name} is in slot 0 behind ${port.name}; a bridge has slots 1 to 31`;
    if (port !== undefined && port.conventional !== true && slot !== 0)
      return `${name} is in slot ${slot} behind ${port.name}; a root port has slot 0 alone`;
    const most = kind === 'rocker' ? ROCKER.most : VECTORS[kind];
    if (vectors !== undefined && (vectors < 1 || vectors > most))
      return `${name} needs ${vectors} vectors; ${kind} has ${most} at most`;
  }
  return undefined;
}

/**
 * The machine for a topology, with the QEMU device that each device is to be. `spares` are rockers
 * in the highest free slots, for whoever needs a device that the topology does not have.
 */
export function machineOf(
  topology: Topology,
  kinds: Readonly<Record<string, QemuDeviceKind>>,
  spares = 0,
): { readonly machine: QemuMachine; readonly spares: readonly QemuDevice[] } | Refused {
  const controllers = Object.values(topology.msiControllers);
  const [controller] = controllers;
  if (controllers.length !== 1 || controller === undefined)
    return { refused: `${controllers.length} MSI controllers; QEMU's virt machine has one` };
  if (controller.kind !== 'gicv2m' && controller.kind !== 'gicv3-its')
    return { refused: `${controller.kind}; QEMU's virt machine has a GICv2m or an ITS` };
  const smmus = Object.values(topology.iommus);
  if (smmus.some(({ kind }) => kind !== 'smmu-v3') || smmus.length > 1)
    return { refused: "QEMU's virt machine has one SMMUv3 at most" };
  const devices: QemuDevice[] = [];
  for (const [name, device] of Object.entries(topology.devices)) {
    const made = deviceOf(name, device, kinds[name]);
    if ('refused' in made) return made;
    devices.push(made);
  }
  const ports = portsFor(
    Object.values(topology.devices).flatMap((device) => (device.bus === 'pci' ? [device] : [])),
  );
  if ('refused' in ports) return ports;
  const extra = freeSlots([...devices, ...ports], spares).map((slot): QemuDevice => ({
    name: `spare${slot}`,
    kind: 'rocker',
    slot,
  }));
  if (extra.length < spares) return { refused: `no slot is left for ${spares} spare devices` };
  const machine: QemuMachine = {
    cpus: topology.cpus,
    msi: controller.kind === 'gicv2m' ? 'gicv2m' : 'its',
    smmu: smmus.length === 1,
    ...(controller.kind === 'gicv2m' ? otherSpis(controller) : {}),
    ports,
    devices: [...devices, ...extra],
  };
  if (machine.spis !== undefined && ports.length > 0)
    return {
      refused: 'root ports need ACPI, which has the SPIs of the GICv2m that QEMU has',
    };
  const why = refusal(machine);
  return why === undefined ? { machine, spares: extra } : { refused: why };
}

function deviceOf(
  name: string,
  device: Device,
  kind: QemuDeviceKind | undefined,
): QemuDevice | Refused {
  if (device.bus !== 'pci')
    return { refused: `${name} is a platform device; QEMU's virt machine has none with MSIs` };
  const { requesterId, msi, msix } = device;
  const bus = requesterId >> 8;
  const isInSlot0 = requesterId % 0x100 === 0;
  if (requesterId % 8 !== 0 || (bus > 0 && device.behind === undefined && !isInSlot0))
    return {
      refused: `${name} has requester ID 0x${requesterId.toString(16)}; devices are function 0 of a slot of bus 0, or of slot 0 of another bus`,
    };
  const chosen = kind ?? (msix === undefined && msi !== undefined ? 'edu' : 'rocker');
  const vectors =
    chosen === 'rocker'
      ? { vectors: msix?.vectors ?? ROCKER.least }
      : chosen === 'xhci'
        ? { vectors: msi?.vectors ?? 1 }
        : {};
  const slot = (requesterId >> 3) & 31;
  const place = bus === 0 ? { slot } : { slot, behind: portName(bus) };
  return { name, kind: chosen, ...place, ...vectors };
}

function otherSpis({ frames: [frame] }: V2m): { readonly spis?: SpiRange } {
  if (frame === undefined) return {};
  const { baseSpi: base, count } = frame;
  return base === V2M_SPIS.base && count === V2M_SPIS.count ? {} : { spis: { base, count } };
}

/** Of bus 0, the highest first. */
function freeSlots(
  devices: readonly Pick<QemuDevice, 'slot' | 'behind'>[],
  count: number,
): readonly number[] {
  const taken = new Set(
    devices.filter(({ behind }) => behind === undefined).map(({ slot }) => slot),
  );
  const all = Array.from({ length: 31 }, (_, i) => 31 - i);
  return all.filter((slot) => !taken.has(slot)).slice(0, count);
}

/**
 * How many vectors the devices have in QEMU: all rockers as many as the one with most, and xhci 16,
 * since 7.2 looks at `intrs` before it is set (nec_xhci_instance_init).
 */
export function qemuVectors(
  devices: Readonly<Record<string, Device>>,
  kinds: Readonly<Record<string, QemuDeviceKind>>,
): Readonly<Record<string, number>> {
  const all = Object.entries(devices).map(([name, device]) => {
    const msix = device.bus === 'pci' ? device.msix?.vectors : undefined;
    return { name, kind: kinds[name] ?? 'rocker', msix: msix ?? 0 };
  });
  const ports = all.map(({ kind, msix }) => (kind === 'rocker' ? rockerPorts(msix) : 1));
  const rocker = ROCKER.least + 2 * Math.max(...ports);
  return Object.fromEntries(
    all.map(({ name, kind }) => [name, kind === 'rocker' ? rocker : VECTORS[kind]]),
  );
}

/** Ports that a rocker needs to have so many vectors: 4 and 2 for each. */
export const rockerPorts = (vectors: number): number =>
  Math.max(1, Math.ceil((vectors - ROCKER.least) / 2));
