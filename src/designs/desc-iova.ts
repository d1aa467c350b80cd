/**
 * The IOVA of a doorbell in the msi_desc itself (6.15, and stable kernels): iommu_msi_iova and
 * iommu_msi_shift. include/linux/msi.h.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { Thread } from '../kernel/thread.ts';
import { messageAddress, setMessageAddress } from './message.ts';

/** msi_desc_set_iommu_msi_iova; a page of one byte is none: the physical address stays. */
export function setDescIova(k: Kernel, row: number, iova: number, size: number): void {
  k.irqs.iova.set(row, iova);
  k.irqs.shift.set(row, Math.log2(size));
}

/** msi_msg_set_addr. */
export function setDescAddress(k: Kernel, t: Thread): void {
  const row = k.descOf(t.device, t.vector);
  const shift = k.irqs.shift.get(row);
  if (shift === 0) return;
  setMessageAddress(t, k.irqs.iova.get(row) + (messageAddress(t) % 2 ** shift));
}
