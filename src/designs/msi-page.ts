/**
 * iommu_dma_get_msi_page of dma-iommu.c: one page per (domain, physical page), mapped the first
 * time it is asked for, never unmapped; it dies with the domain. Shared by the Linux designs, which
 * differ in when they ask.
 */
import { PROT } from '../hardware/smmu/page-table.ts';
import { WINDOW } from '../kernel/domains.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { ERRNO } from '../observation.ts';
import { pageBase } from './message.ts';

/** Protection that dma-iommu.c asks for. */
export const MSI_PAGE_PROT = PROT.WRITE | PROT.NOEXEC | PROT.MMIO;

/** The domain has an iova_cookie: of the DMA API, or (since 4.11) of iommu_get_msi_cookie. */
export function hasCookie(k: Kernel, domain: number): boolean {
  const { kind } = k.domains.spec(domain).spec;
  if (kind === 'dma') return true;
  return (
    kind === 'unmanaged' &&
    k.on['msi-only-cookie'] &&
    !(k.on['hw-msi-precedence'] && isHwMsiKnown(k, domain)) &&
    k.domains.window.get(domain) === WINDOW.valid
  );
}

/**
 * IOMMU_RESV_MSI of the domain's IOMMU, as far as the kernel knows of it
 * (iort_iommu_msi_get_resv_regions).
 */
const isHwMsiKnown = (k: Kernel, domain: number): boolean =>
  k.on['iort-hw-msi-reserve'] && k.domains.hwMsi(domain) !== undefined;

/**
 * cookie_init_hw_msi_region: pages of the region are in the cookie from the start, IOVA and PA
 * alike, not mapped.
 */
function isHwMsiPage(k: Kernel, domain: number, page: number): boolean {
  const region = isHwMsiKnown(k, domain) ? k.domains.hwMsi(domain) : undefined;
  return region !== undefined && page >= region.base && page < region.base + region.size;
}

/** Bytes of an MSI page: a DMA cookie uses the domain's granule, an MSI cookie PAGE_SIZE. */
export function cookieGranule(k: Kernel, domain: number): number {
  return k.domains.spec(domain).spec.kind === 'dma' ? k.domains.granule(domain) : k.config.pageSize;
}

/**
 * Slot of the page in `bindings`, mapped now if it was not; -ENOMEM for every failure, as in Linux.
 */
export function getMsiPage(k: Kernel, device: number, domain: number, pa: number): number {
  const size = cookieGranule(k, domain);
  const page = pageBase(pa, size);
  const known = k.bindings.find(domain, page);
  if (known >= 0) return known;
  if (k.domains.spec(domain).spec.kind === 'dma' && isHwMsiPage(k, domain, page))
    return k.bindings.insert(domain, page, page);
  const iova = allocIova(k, device, domain, size);
  if (iova < 0) return -ERRNO.ENOMEM;
  if (k.domains.map(domain, iova, page, size, MSI_PAGE_PROT) < 0) {
    // iommu_dma_free_iova undoes the most recent bump.
    if (k.domains.spec(domain).spec.kind === 'unmanaged') bump(k, domain, -size);
    return -ERRNO.ENOMEM;
  }
  return k.bindings.insert(domain, page, iova);
}

/** iommu_dma_alloc_iova for a device of a domain of the DMA API. */
export function allocDmaIova(k: Kernel, device: number, domain: number): number {
  const { dmaBits } = k.device(device).spec;
  return k.domains.allocDmaIova(domain, dmaBits, k.isPci(device), k.on['iommu-dma-sac-first']);
}

/** MSI cookie: msi_iova, then += PAGE_SIZE, without an upper bound. */
function allocIova(k: Kernel, device: number, domain: number, size: number): number {
  if (k.domains.spec(domain).spec.kind === 'dma') {
    return allocDmaIova(k, device, domain);
  }
  return k.domains.windowBase.get(domain) + bump(k, domain, size);
}

/** Moves the bump pointer; returns where it was. */
function bump(k: Kernel, domain: number, by: number): number {
  const at = k.domains.bump.get(domain);
  k.domains.bump.set(domain, at + by);
  return at;
}
