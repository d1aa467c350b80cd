/**
 * A device goes and comes: the driver is unbound (its interrupts are freed), the SMMU forgets the
 * device, and a new one is found later. pciehp, iommu_release_device.
 */
import type { Design } from '../designs/design.ts';
import { MSI_MODE } from '../hardware/pci/msi-function.ts';
import type { Driver } from './controllers/driver.ts';
import { forgetDevice } from './iommu/attach.ts';
import { teardownProcedure } from './msi/teardown.ts';
import { leaveProcedure } from './vfio.ts';
import { type Node, step, when } from './procedure.ts';

const release = step('arm_smmu_release_device', (k, t) => {
  if (k.device(t.device).iommu >= 0) forgetDevice(k, t);
});

export const unplugProcedure = (driver: Driver, design: Design): Node[] => [
  step('pciehp_unconfigure_device', (k, t) => k.hw.functions.setPower(t.device, true)),
  when(
    (k, t) => k.domains.isContainer(k.domains.forDevice(t.device)),
    leaveProcedure(driver, design),
    [when((_, t) => t.mode !== MSI_MODE.off, teardownProcedure(driver, design))],
  ),
  release,
];

export const plugProcedure = (): Node[] => [
  step('pciehp_configure_device', (k, t) => k.plugged.set(t.device, 1)),
];
