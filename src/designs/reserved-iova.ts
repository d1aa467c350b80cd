/**
 * iommu_get_single_reserved and iommu_put_single_reserved of the RFC's dma-reserved-iommu.c:
 * counted bindings of single pages in a window that user space registered. Shared by `rfc-v3`,
 * which calls them from irq_write_msi_msg, and `compose`, which calls the first from
 * irq_compose_msi_msg.
 */
import { WINDOW } from '../kernel/domains.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { ERRNO } from '../observation.ts';
import { messagesIn, pageBase } from './message.ts';
import { useAfterFree } from './kernel-faults.ts';

/**
 * Takes a reference on the page of `pa` for a device's domain. The IOVA of `pa`, or minus: EINVAL
 * (no window), ENOMEM (no page left), and whatever iommu_map returns. IOMMU_WRITE only.
 */
export function getSingleReserved(
  k: Kernel,
  device: number,
  vector: number,
  pa: number,
  prot: number,
): number {
  const domain = k.domains.forDevice(device);
  const window = k.domains.window.get(domain);
  if (window === WINDOW.none) return -ERRNO.EINVAL;
  // The IOMMU's smallest page, whatever page the window was registered with (dma-reserved-iommu.c).
  const page = k.domains.granule(domain);
  const aligned = pageBase(pa, page);
  const offset = pa - aligned;
  const known = k.bindings.find(domain, aligned);
  if (known >= 0) {
    k.bindings.count(known, 1, vector);
    return k.bindings.iova.get(known) + offset;
  }
  if (window === WINDOW.dangling) useAfterFree(k, device, pa);
  const iova = allocateTopDown(k, domain, page);
  if (iova < 0) return -ERRNO.ENOMEM;
  const error = k.domains.map(domain, iova, aligned, page, prot);
  if (error < 0) return error;
  const slot = k.bindings.insert(domain, aligned, iova);
  k.bindings.count(slot, k.initialCount, vector);
  return iova + offset;
}

/**
 * Drops a reference by IOVA. Finds the binding through the PA that the IOVA translates to; an
 * unmapped IOVA gives PA 0, which no binding has: silent.
 */
export function putSingleReserved(k: Kernel, device: number, vector: number, iova: number): void {
  const domain = k.domains.forDevice(device);
  const page = k.domains.granule(domain);
  const aligned = pageBase(iova, page);
  const slot = k.bindings.find(domain, k.domains.iovaToPhys(domain, aligned));
  if (slot < 0) return;
  if (k.bindings.count(slot, -1, vector) > 0) return;
  // free_iova works on the window's iova_domain.
  if (k.domains.window.get(domain) === WINDOW.dangling) useAfterFree(k, device, iova);
  k.domains.unmap(domain, aligned, page);
  k.bindings.remove(slot);
}

/** alloc_iova, size-aligned, top-down: pages of the window's order, shifted by the IOMMU's. */
function allocateTopDown(k: Kernel, domain: number, page: number): number {
  const order = k.domains.windowGranule(domain);
  const first = k.domains.windowBase.get(domain) / order;
  const pages = k.domains.windowSize.get(domain) / order;
  for (let pfn = first + pages - 1; pfn >= first; pfn--) {
    if (k.bindings.findIova(domain, pfn * page) < 0) return pfn * page;
  }
  return -1;
}

/** References that activated vectors account for: those whose message lies in the page. */
export function heldByMessages(k: Kernel, domain: number, slot: number): number {
  return messagesIn(k, domain, k.bindings.iova.get(slot), k.domains.granule(domain));
}
