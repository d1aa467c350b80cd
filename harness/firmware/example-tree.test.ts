/**
 * The tree that docs/firmware.md explains: that it is what the writer makes. `UPDATE=1` writes it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  flatten,
  ITS_PHANDLE,
  SMMU_PHANDLE,
  virt,
  type Source,
} from '../../src/firmware/fdt/testing/trees.ts';

const FILE = join(__dirname, '../../docs/examples/laptop.dtb');

const cpu = { device_type: 'cpu' };
/** A laptop whose PCIe MSIs never arrive: the SMMUv3 in front of PCIe is not Linux's to program. */
const laptop: Source = virt({
  smmu: { status: 'reserved' },
  pcie: {
    'linux,pci-domain': 4,
    'bus-range': [0, 1],
    'msi-map': [0, ITS_PHANDLE, 0x1_0000, 0x200],
    'iommu-map': [0, SMMU_PHANDLE, 0x1400, 0x200],
    'wifi@0,0': { reg: [0x0001_0000, 0, 0, 0, 0] },
  },
  root: {
    compatible: 'acme,laptop-14',
    model: 'ACME Laptop 14',
    cpus: { 'cpu@0': cpu, 'cpu@1': cpu, 'cpu@2': cpu, 'cpu@3': cpu },
    'iommu@15000000': {
      compatible: ['acme,soc-smmu-500', 'arm,mmu-500'],
      reg: [0, 0x1500_0000, 0, 0x10_0000],
      '#iommu-cells': 2,
      phandle: 0x20,
    },
    'dma@900000': {
      compatible: 'acme,dma',
      iommus: [0x20, 0x136, 0x0],
      'msi-parent': [ITS_PHANDLE, 0x77],
    },
  },
});

test('docs/examples/laptop.dtb is the tree of this test', () => {
  const bytes = flatten(laptop);
  if (process.env['UPDATE'] === '1') writeFileSync(FILE, bytes);
  expect(Buffer.from(bytes).equals(readFileSync(FILE))).toBe(true);
});
