/**
 * What user space does to an unmanaged domain through VFIO: map and unmap memory, register the
 * doorbell window (RFC), let the domain go.
 */
import type { Design } from '../../designs/design.ts';
import { PROT } from '../../hardware/smmu/page-table.ts';
import { ERRNO } from '../../observation.ts';
import { WINDOW } from '../domains.ts';
import type { Kernel } from '../kernel.ts';
import { type Node, step } from '../procedure.ts';

function overlapsWindow(k: Kernel, domain: number, iova: number, size: number): boolean {
  if (k.domains.window.get(domain) !== WINDOW.valid) return false;
  const base = k.domains.windowBase.get(domain);
  return iova < base + k.domains.windowSize.get(domain) && base < iova + size;
}

/**
 * Freed, or a container without a group: it has no IOMMU driver to ask, and vfio_fops_unl_ioctl
 * says -EINVAL.
 */
const isGone = (k: Kernel, domain: number): boolean =>
  k.domains.isFreed(domain) || (k.domains.isContainer(domain) && !k.domains.isFinalised(domain));

/** vfio_iommu_unmap_unpin_all: from the lowest on, each with an invalidation of its own. */
export function unmapAll(k: Kernel, domain: number): void {
  const { tables } = k.hw;
  for (let i = 0; i < tables.count(domain);) {
    const iova = tables.iova(domain, i);
    if (k.bindings.findIova(domain, iova) >= 0) i++;
    else k.domains.unmap(domain, iova, tables.size(domain, i));
  }
}

/** Rows of the domain's tables that overlap the range and are no doorbell. */
function userMappings(k: Kernel, domain: number, iova: number, size: number): number[] {
  const { tables } = k.hw;
  const rows: number[] = [];
  for (let i = 0; i < tables.count(domain); i++) {
    const start = tables.iova(domain, i);
    if (start >= iova + size || start + tables.size(domain, i) <= iova) continue;
    if (k.bindings.findIova(domain, start) < 0) rows.push(i);
  }
  return rows;
}

/**
 * vfio_dma_do_map: t.address is the IOVA, t.size the size, t.doorbell the PA, t.mode the
 * protection.
 */
export const mapProcedure = (design: Design): Node[] => [
  step('vfio_dma_do_map', (k, t) => {
    if (isGone(k, t.domain)) return -ERRNO.EINVAL;
    if (!overlapsWindow(k, t.domain, t.address, t.size)) return 0;
    if (design.window === 'user') return -ERRNO.EEXIST;
    return k.on['vfio-iova-list'] ? -ERRNO.EINVAL : 0;
  }),
  step('iommu_map', (k, t) => k.domains.map(t.domain, t.address, t.doorbell, t.size, t.mode)),
];

/**
 * vfio_dma_do_unmap, type1 v2: all mappings of user space in the range, which may not cut one in
 * two (-EINVAL). A range without any is a success of size zero; doorbells are not user space's to
 * unmap. In a domain of the DMA API it stands for dma_unmap_*, which a lazy domain does not
 * invalidate at once.
 */
export const unmapProcedure = (): Node[] => [
  step('vfio_dma_do_unmap', (k, t) => {
    if (isGone(k, t.domain) || t.size === 0) return -ERRNO.EINVAL;
    const { tables } = k.hw;
    const end = t.address + t.size;
    const isCut = userMappings(k, t.domain, t.address, t.size).some((i) => {
      const start = tables.iova(t.domain, i);
      return start < t.address || start + tables.size(t.domain, i) > end;
    });
    return isCut ? -ERRNO.EINVAL : 0;
  }),
  step('iommu_unmap', (k, t) => {
    const { tables } = k.hw;
    // From the last, because each removal moves those behind it.
    for (const i of userMappings(k, t.domain, t.address, t.size).reverse()) {
      const size = tables.size(t.domain, i);
      if (k.domains.isLazy(t.domain)) {
        k.domains.unmapLazily(t.domain, tables.iova(t.domain, i), size);
        continue;
      }
      const unmapped = k.domains.unmap(t.domain, tables.iova(t.domain, i), size);
      if (unmapped < 0) return unmapped;
    }
    return 0;
  }),
];

/**
 * vfio_register_reserved_iova_range and iommu_alloc_reserved_iova_domain. A kernel with a window of
 * its own has no such call: -EINVAL; nor is there a container around a domain of the DMA API.
 */
export const registerWindowProcedure = (design: Design): Node[] => [
  step('iommu_alloc_reserved_iova_domain', (k, t) => {
    if (design.window === 'kernel' || k.domains.isFreed(t.domain)) return -ERRNO.EINVAL;
    if (k.domains.spec(t.domain).spec.kind !== 'unmanaged') return -ERRNO.EINVAL;
    const page = k.domains.windowGranule(t.domain);
    if (t.size === 0 || t.address % page !== 0 || t.size % page !== 0) return -ERRNO.EINVAL;
    if (userMappings(k, t.domain, t.address, t.size).length > 0) return -ERRNO.EEXIST;
    // The cookie is not cleared by free: a second registration finds it.
    if (k.domains.window.get(t.domain) !== WINDOW.none) return -ERRNO.EEXIST;
    k.domains.window.set(t.domain, WINDOW.valid);
    k.domains.windowBase.set(t.domain, t.address);
    k.domains.windowSize.set(t.domain, t.size);
    return 0;
  }),
];

/**
 * iommu_free_reserved_iova_domain: frees the window and nothing else. Bindings and their mappings
 * stay, and the RFC's cookie is left dangling. `tracked` refuses while messages use it.
 */
export const freeWindowProcedure = (design: Design): Node[] => [
  step('iommu_free_reserved_iova_domain', (k, t) => {
    if (design.window === 'kernel') return -ERRNO.EINVAL;
    if (k.domains.window.get(t.domain) !== WINDOW.valid) return 0;
    const dangles = design.name === 'rfc-v3' || design.name === 'compose';
    if (design.name.startsWith('tracked') && hasReferences(k, t.domain)) return -ERRNO.EBUSY;
    k.domains.window.set(t.domain, dangles ? WINDOW.dangling : WINDOW.none);
    return 0;
  }),
];

/** fq_flush_timeout, or queue_iova that finds the queue full. A strict domain has none. */
export const flushProcedure = (): Node[] => [
  step('fq_flush_iotlb', (k, t) => {
    if (k.domains.isFreed(t.domain)) return -ERRNO.EINVAL;
    k.domains.flush(t.domain);
    return 0;
  }),
];

/** arm_smmu_destroy_domain_context: the context bank is disabled before the tables go. */
export function giveUpBank(k: Kernel, domain: number): void {
  for (const smmu of k.hw.smmus) {
    const bank = smmu.kind === 'smmu-v2' ? smmu.bankOf(domain) : -1;
    if (bank >= 0 && smmu.kind === 'smmu-v2') smmu.writeBank(bank, -1);
  }
}

/** iommu_domain_free. With a device still attached: -EBUSY, which no VFIO path reaches. */
export const freeDomainProcedure = (): Node[] => [
  step('iommu_domain_free', (k, t) => {
    if (k.domains.isFreed(t.domain)) return -ERRNO.EINVAL;
    // Closing the container's descriptor: its groups keep the domain until the last of them leaves.
    if (k.domains.isContainer(t.domain)) return 0;
    if (k.domains.hasDevices(t.domain) || isParent(k, t.domain)) return -ERRNO.EBUSY;
    giveUpBank(k, t.domain);
    k.bindings.clear(t.domain);
    k.domains.free(t.domain);
    return 0;
  }),
];

/**
 * A nested hwpt holds a reference on its parent, whether a device is in it or not
 * (iommufd_hwpt_nested_alloc).
 */
const isParent = (k: Kernel, domain: number): boolean =>
  k.topology.domains.some(({ index, parent }) => parent === domain && !k.domains.isFreed(index));

function hasReferences(k: Kernel, domain: number): boolean {
  const first = domain * k.bindings.perDomain;
  for (let slot = first; slot < first + k.bindings.perDomain; slot++) {
    if (k.bindings.refs.get(slot) > 0) return true;
  }
  return false;
}

/** Protection word of a user mapping. */
export const userProt = (prot: { read: boolean; write: boolean }): number =>
  (prot.read ? PROT.READ : 0) | (prot.write ? PROT.WRITE : 0);
