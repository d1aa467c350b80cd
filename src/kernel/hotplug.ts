/**
 * A device goes and comes: the driver is unbound (its interrupts are freed), the SMMU forgets the device, and a new one
 * is found later. pciehp, iommu_release_device.
 */
import type { Design } from '../designs/design.ts';
import { S2CR } from '../hardware/smmu/smmu-v2.ts';
import { STE } from '../hardware/smmu/smmu-v3.ts';
import { MSI_MODE } from '../hardware/pci/msi-function.ts';
import type { Driver } from './controllers/driver.ts';
import { teardownProcedure } from './msi/teardown.ts';
import { type Node, step, when } from './procedure.ts';

const release = step('arm_smmu_release_device', (k, t) => {
  const { iommu, streamIds } = k.device(t.device);
  if (iommu < 0) return;
  const smmu = k.hw.smmus[iommu];
  k.domains.current.set(t.device, 0);
  for (const id of streamIds) {
    if (smmu?.kind === 'smmu-v3') smmu.writeSte(id, STE.abort, 0);
    else if (smmu && smmu.match(id) >= 0) smmu.writeGroup(smmu.match(id), 0, S2CR.invalid, 0);
  }
});

export const unplugProcedure = (driver: Driver, design: Design): Node[] => [
  step('pciehp_unconfigure_device', (k, t) => k.hw.functions.setPower(t.device, true)),
  when((_, t) => t.mode !== MSI_MODE.off, teardownProcedure(driver, design)),
  release,
];

export const plugProcedure = (): Node[] => [
  step('pciehp_configure_device', (k, t) => k.plugged.set(t.device, 1)),
];
