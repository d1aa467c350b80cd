/**
 * "[RFC v3 15/15] irqchip/gicv2m/v3-its-pci-msi: IOMMU map the MSI frame when needed", February
 * 2016: the hook is in irq_write_msi_msg of the PCI MSI chips. A message of zeroes drops a
 * reference, any other takes one.
 *
 * What it gets wrong is kept: the error is ignored and the physical address programmed; a change of
 * affinity takes a reference on the new doorbell and drops none; platform devices are not served;
 * with several vectors in one MSI the first teardown zeroes what the others would drop.
 */
import { PROT } from '../hardware/smmu/page-table.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { step, when } from '../kernel/procedure.ts';
import { type Design, NO_HOOKS } from './design.ts';
import { isZeroMessage, messageAddress, setMessageAddress } from './message.ts';
import { getSingleReserved, heldByMessages, putSingleReserved } from './reserved-iova.ts';

/** CONFIG_PHYS_ADDR_T_64BIT and CONFIG_ARCH_DMA_ADDR_T_64BIT decide whether address_hi counts. */
const low = (address: number, bits: number): number => (bits === 64 ? address : address % 2 ** 32);

const getMessage = step('gic_set_msi_addr', (k, t) => {
  if (k.domains.forDevice(t.device) < 0) return;
  const pa = low(messageAddress(t), k.config.physAddrBits);
  const iova = getSingleReserved(k, t.device, t.vector, pa, PROT.WRITE);
  // The caller does not look at the return value: on an error the PA stays in the message.
  if (iova >= 0) setMessageAddress(t, low(iova, k.config.dmaAddrBits));
});

const putMessage = step('gic_unset_msi_addr', (k, t) => {
  if (k.domains.forDevice(t.device) < 0) return;
  const row = k.descOf(t.device, t.vector);
  const hi = k.config.dmaAddrBits === 64 ? k.irqs.messageHi.get(row) >>> 0 : 0;
  putSingleReserved(k, t.device, t.vector, hi * 2 ** 32 + (k.irqs.messageLo.get(row) >>> 0));
});

/** The hook is compiled with IOMMU_API and PCI_MSI_IRQ_DOMAIN, into the PCI MSI chips only. */
const isHooked = (k: Kernel, device: number): boolean =>
  k.isPci(device) && k.config.iommuApi && k.config.pciMsiIrqDomain;

export const rfcV3: Design = {
  ...NO_HOOKS,
  name: 'rfc-v3',
  beforeWrite: [
    when(
      (k, t) => isHooked(k, t.device),
      [when((_, t) => isZeroMessage(t), [putMessage], [getMessage])],
    ),
  ],
  held: heldByMessages,
  window: 'user',
};
