/**
 * What QEMU's virt machine (hw/arm/virt.c, 7.2) can be: one MSI controller at its fixed place, one
 * SMMUv3 or none, PCI devices in slots of bus 0. Each answer names what the topology asks for and
 * what there is.
 */
import type {
  Device,
  Iommu,
  MsiController,
  PciDevice,
  Topology,
} from '../../../src/topology/topology.ts';
import { checkStreams } from './bridges.ts';
import { MOST_PORTS } from './qemu/buses.ts';

/** GITS_BASE and the GICv2m frame of virt; GITS_TYPER and MSI_TYPER as read from it. */
const ITS = { base: 0x0808_0000, eventIdBits: 16, deviceIdBits: 16 } as const;
/** A part of QEMU's 64 SPIs can be the frame's by the device tree (qemu/v2m-tree.ts). */
const V2M = { base: 0x0802_0000, firstSpi: 80, lastSpi: 143 } as const;
const MOST_CPUS = 8;
/** LPIs that no case runs out of; QEMU's redistributors have 57344. */
const ENOUGH_LPIS = 1024;
const MOST_VECTORS = 128;
const MOST_MESSAGES = 16;

/** `pageSize`: of the kernel that is booted. */
export function checkMachine(topology: Topology, pageSize: number): string | undefined {
  const { cpus, kernel, msiControllers, iommus, devices } = topology;
  const controllers = Object.entries(msiControllers);
  const smmus = Object.entries(iommus);
  if (cpus > MOST_CPUS) return `${cpus} CPUs; the guest has at most ${MOST_CPUS}`;
  if (kernel.pageSize !== pageSize)
    return `a kernel with ${kernel.pageSize / 1024}K pages; this one has ${pageSize / 1024}K`;
  if (kernel.physAddrBits !== 64 || kernel.dmaAddrBits !== 64)
    return 'a kernel with 32-bit addresses; an arm64 kernel has 64-bit ones';
  if (!kernel.iommuApi || !kernel.pciMsiIrqDomain)
    return 'a kernel without IOMMU_API or PCI_MSI_IRQ_DOMAIN; this one has both';
  if (controllers.length !== 1)
    return `${controllers.length} MSI controllers; QEMU's virt machine has one`;
  if (smmus.length > 1) return `${smmus.length} IOMMUs; QEMU's virt machine has one at most`;
  return (
    first(controllers, checkController) ??
    first(smmus, checkIommu) ??
    first(Object.entries(devices), (name, device) =>
      device.iommu === undefined && smmus.length > 0
        ? `${name} is not behind the SMMU; on QEMU's bus 0 every device is`
        : checkDevice(name, device),
    ) ??
    checkStreams(topology)
  );
}

const first = <T>(
  list: readonly [string, T][],
  check: (name: string, item: T) => string | undefined,
): string | undefined => {
  for (const [name, item] of list) {
    const why = check(name, item);
    if (why !== undefined) return why;
  }
  return undefined;
};

const hex = (value: number): string => `0x${value.toString(16)}`;

function checkController(name: string, controller: MsiController): string | undefined {
  switch (controller.kind) {
    case 'percpu-doorbell':
      return `${name} has a doorbell per CPU; no Arm MSI controller of Linux has`;
    case 'gicv3-mbi':
    case 'in-bridge':
    case 'riscv-imsic':
      return `${name} is a ${controller.kind}; QEMU's virt machine for arm64 has none`;
    case 'gicv2m': {
      if (controller.variant !== undefined)
        return `${name} is the GICv2m of ${controller.variant}; QEMU's is Arm's`;
      const [frame, ...others] = controller.frames;
      if (frame === undefined || others.length > 0)
        return `${name} has ${controller.frames.length} frames; QEMU's GICv2m has one`;
      if (frame.base !== V2M.base)
        return `${name} is a GICv2m frame at ${hex(frame.base)}; QEMU's is at ${hex(V2M.base)}`;
      const last = frame.baseSpi + frame.count - 1;
      return frame.baseSpi >= V2M.firstSpi && last <= V2M.lastSpi
        ? undefined
        : `${name} has SPIs ${frame.baseSpi} to ${last}; QEMU's GICv2m has ${V2M.firstSpi} to ${V2M.lastSpi}`;
    }
    case 'gicv3-its': {
      if (controller.base !== ITS.base)
        return `${name} is at ${hex(controller.base)}; QEMU's ITS is at ${hex(ITS.base)}`;
      if (
        controller.eventIdBits !== ITS.eventIdBits ||
        controller.deviceIdBits !== ITS.deviceIdBits
      )
        return `${name} has ${controller.eventIdBits} EventID bits and ${controller.deviceIdBits} DeviceID bits; QEMU's ITS has 16 of each`;
      return controller.lpis < ENOUGH_LPIS
        ? `${name} has ${controller.lpis} LPIs; QEMU's redistributors have 57344`
        : undefined;
    }
  }
}

function checkIommu(name: string, iommu: Iommu): string | undefined {
  if (iommu.kind === 'smmu-v2') return `${name} is an SMMUv2; QEMU's virt machine has an SMMUv3`;
  if (iommu.stage !== 1) return `${name} has stage 2 domains; QEMU 7.2's SMMUv3 has stage 1`;
  if (iommu.streamTable !== 'two-level')
    return `${name} has a linear stream table; on QEMU's SMMUv3 the driver makes a two-level one`;
  if (iommu.streamIdBits !== 16)
    return `${name} has ${iommu.streamIdBits} StreamID bits; QEMU's SMMUv3 has 16`;
  return iommu.granules.includes(4096) ? undefined : `${name} has no 4K granule; QEMU's SMMUv3 has`;
}

function checkBridge(
  name: string,
  { requesterId, msiParent }: PciDevice,
  bridge: number,
): string | undefined {
  const bus = requesterId >> 8;
  if (msiParent.deviceId === bridge)
    return `${name} is behind a conventional bridge; QEMU's bus 0 is PCIe, where a bridge is a PCIe-to-PCI one`;
  if (bridge >= 0x100 || bridge % 8 !== 0 || bridge === 0)
    return `${name} is behind a bridge at ${hex(bridge)}; bridges are function 0 of slots 1 to 31 of bus 0`;
  if (bus === 0 || bus > MOST_PORTS || requesterId % 8 !== 0 || requesterId % 0x100 === 0)
    return `${name} has requester ID ${hex(requesterId)}; behind a bridge devices are function 0 of slots 1 to 31 of buses 1 to ${MOST_PORTS}`;
  return undefined;
}

function checkDevice(name: string, device: Device): string | undefined {
  if (device.bus !== 'pci')
    return `${name} is a platform device; QEMU's virt machine has none that sends MSIs`;
  const { requesterId, behind, msi, msix, msiParent, iommu } = device;
  const bus = requesterId >> 8;
  const why = behind === undefined ? undefined : checkBridge(name, device, behind);
  if (why !== undefined) return why;
  // pci_for_each_dma_alias: a PCIe-to-PCI bridge speaks as device 0.0 of its bus, and the device
  // keeps its own stream.
  const speaks = behind === undefined ? requesterId : bus << 8;
  const streams = behind === undefined ? [requesterId] : [speaks, requesterId];
  if (bus === 0 && (requesterId % 8 !== 0 || requesterId === 0))
    return `${name} has requester ID ${hex(requesterId)}; on bus 0 devices are function 0 of slots 1 to 31`;
  if (bus > MOST_PORTS || (bus > 0 && behind === undefined && requesterId % 0x100 !== 0))
    return `${name} has requester ID ${hex(requesterId)}; behind root ports devices are function 0 of slot 0 of buses 1 to ${MOST_PORTS}`;
  if (msiParent.deviceId !== speaks)
    return `${name} has DeviceID ${hex(msiParent.deviceId)}; in QEMU it is the requester ID ${hex(speaks)}`;
  if (iommu !== undefined && iommu.streamIds.map(hex).join() !== streams.map(hex).join())
    return `${name} has StreamIDs ${iommu.streamIds.map(hex).join(', ')}; in QEMU it is the requester ID ${streams.map(hex).join(', ')}`;
  if (msi !== undefined && msix !== undefined)
    return `${name} has MSI and MSI-X; the devices here have one of them`;
  if (msix !== undefined && msix.vectors > MOST_VECTORS)
    return `${name} has ${msix.vectors} MSI-X vectors; rocker has ${MOST_VECTORS} at most`;
  if (
    msi !== undefined &&
    (msi.vectors > MOST_MESSAGES || msi.addressBits !== 64 || msi.maskable || msi.latches === true)
  )
    return `${name} needs an MSI capability that no device here has: they have up to ${MOST_MESSAGES} vectors, 64-bit, without mask bits`;
  return undefined;
}
