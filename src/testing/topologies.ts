/** Machines for unit tests. The numbers are those of QEMU's virt machine where it has the block. */
import type { MsiController, PciDevice, PlatformDevice, Topology } from '../topology/topology.ts';

export const KERNEL = {
  pageSize: 4096,
  physAddrBits: 64,
  dmaAddrBits: 64,
  iommuApi: true,
  pciMsiIrqDomain: true,
} as const;

export const ITS = {
  kind: 'gicv3-its',
  base: 0x0808_0000,
  eventIdBits: 16,
  deviceIdBits: 16,
  lpis: 8192,
} as const satisfies MsiController;
export const V2M = {
  kind: 'gicv2m',
  frames: [{ base: 0x0802_0000, baseSpi: 80, count: 64 }],
} as const satisfies MsiController;
export const PERCPU = {
  kind: 'percpu-doorbell',
  base: 0x2c00_0000,
  stride: 4096,
  identities: 8,
  affinityReturns: 'IRQ_SET_MASK_OK',
} as const satisfies MsiController;

const links = (rid: number) => ({
  msiParent: { controller: 'msi', deviceId: rid },
  iommu: { iommu: 'smmu', streamIds: [rid] },
});

export const pciDevice = (
  rid: number,
  more: Partial<PciDevice> = { msix: { vectors: 4 } },
): PciDevice => ({
  bus: 'pci',
  requesterId: rid,
  dmaBits: 64,
  ...links(rid),
  ...more,
});

export const platformDevice = (id: number): PlatformDevice => ({
  bus: 'platform',
  msis: 2,
  dmaBits: 32,
  ...links(id),
});

/**
 * Two PCI devices, one of them with MSI only, and a platform device behind one controller and one
 * SMMU.
 */
export function machineWith(
  controller: MsiController,
  smmu: 'smmu-v2' | 'smmu-v3' = 'smmu-v3',
): Topology {
  const common = { granules: [4096, 16384, 65536], stage: 1, iovaBits: 48 } as const;
  return {
    cpus: 3,
    kernel: KERNEL,
    msiControllers: { msi: controller },
    iommus: {
      smmu:
        smmu === 'smmu-v3'
          ? { kind: 'smmu-v3', ...common, streamIdBits: 16, streamTable: 'two-level' }
          : {
              kind: 'smmu-v2',
              ...common,
              streamIdBits: 15,
              streamMappingGroups: 8,
              contextBanks: 8,
              unmatchedStreams: 'fault',
            },
    },
    devices: {
      nic: pciDevice(0x10),
      card: pciDevice(0x18, { msi: { vectors: 4, addressBits: 64, maskable: true } }),
      engine: platformDevice(0x200),
    },
    domains: {
      vm: { kind: 'unmanaged', msiWindow: { base: 0x0800_0000, size: 0x1_0000 } },
      vm2: { kind: 'unmanaged', msiWindow: { base: 0x0900_0000, size: 0x1_0000 } },
      host: { kind: 'dma' },
      pass: { kind: 'identity' },
      cage: { kind: 'blocked' },
    },
  };
}

export const CONTROLLERS = { its: ITS, v2m: V2M, percpu: PERCPU } as const;
