/**
 * iommu_domain: who is attached to which, the IOVA window set aside for doorbells, and iommu_map.
 * drivers/iommu/iommu.c, io-pgtable-arm.c, RFC dma-reserved-iommu.c.
 */
import type { Hardware } from '../hardware/hardware.ts';
import type { SmmuCommands } from '../hardware/smmu/commands.ts';
import { PageTables, PROT } from '../hardware/smmu/page-table.ts';
import { ERRNO } from '../observation.ts';
import type { Column, RowOf, Store, WideColumn } from '../state/store.ts';
import type { HwMsi } from '../topology/topology.ts';
import type { Behaviour } from './changes/changes.ts';
import { domainGranule, type Resolved, type ResolvedDomain } from '../topology/resolve.ts';

/** `dangling`: iommu_free_reserved_iova_domain freed the window but left the pointer. */
export const WINDOW = { none: 0, valid: 1, dangling: 2 } as const;

export class Domains {
  /** By device: domain + 1 that it is attached to. */
  readonly current: Column;
  /** By domain: IOMMU + 1 that its tables were made for, at the first attach. */
  private readonly iommu: Column;
  private readonly freed: Column;
  readonly window: Column;
  readonly windowBase: WideColumn;
  readonly windowSize: WideColumn;
  /** Bytes that the bump allocator of an MSI cookie has handed out. */
  readonly bump: WideColumn;
  private readonly topology: Resolved;
  private readonly tables: PageTables;
  /**
   * Flush queue of lazy domains: what is unmapped, perhaps still in the TLB, and not to be given
   * out.
   */
  private readonly unflushed: PageTables;
  private readonly smmus: Hardware['smmus'];
  /** By domain: those that are nested in it. */
  private readonly nested: readonly (readonly number[])[];
  /** Whose domains they are: its changes may be others after a boot. */
  private readonly of: { readonly on: Behaviour };

  constructor(
    store: Store,
    topology: Resolved,
    { tables, smmus }: Hardware,
    of: { readonly on: Behaviour },
  ) {
    const n = topology.domains.length;
    this.topology = topology;
    this.tables = tables;
    const isLazy = topology.domains.some(({ spec }) => spec.kind === 'dma' && spec.lazy);
    this.unflushed = new PageTables(store, undefined, isLazy ? n : 0, tables.capacity);
    this.smmus = smmus;
    this.nested = topology.domains.map(({ index }) =>
      topology.domains.flatMap((other) => (other.parent === index ? [other.index] : [])),
    );
    this.of = of;
    const window: RowOf = { part: 'window', domain: (domain) => domain };
    this.current = store.column(topology.devices.length, {
      part: 'attached',
      device: (device) => device,
    });
    this.iommu = store.column(n, window);
    this.freed = store.column(n, window);
    this.window = store.column(n, window);
    this.windowBase = store.wideColumn(n, window);
    this.windowSize = store.wideColumn(n, window);
    this.bump = store.wideColumn(n, { part: 'binding', domain: (domain) => domain });
  }

  spec(domain: number): ResolvedDomain {
    const found = this.topology.domains[domain];
    if (found === undefined) throw new Error(`IMPOSSIBLE: no domain ${domain}`);
    return found;
  }

  /** iommu_get_domain_for_dev: the domain's index, or -1. */
  forDevice(device: number): number {
    return this.topology.kernel.iommuApi ? this.current.get(device) - 1 : -1;
  }

  isFreed(domain: number): boolean {
    return this.freed.get(domain) !== 0;
  }

  /**
   * free_io_pgtable_ops flushes the TLB; then the ASID, or the context bank with its, may go to
   * another domain.
   */
  free(domain: number): void {
    this.renew(domain);
    if (this.isLazy(domain)) this.unflushed.clear(domain);
    this.freed.set(domain, 1);
    this.window.set(domain, WINDOW.none);
  }

  /** A container's domain is freed and the next group makes a new one, with the same window. */
  renew(domain: number): void {
    if (this.of.on['tlbi-on-free']) {
      this.commands(domain)?.tlbiAsid(this.tables.tag(domain));
      this.sync(domain);
    }
    this.tables.setTag(domain, 0);
    this.iommu.set(domain, 0);
    this.bump.set(domain, 0);
    this.tables.clear(domain);
  }

  /** A domain of a VFIO container. */
  isContainer(domain: number): boolean {
    if (domain < 0) return false;
    const { spec } = this.spec(domain);
    return spec.kind === 'unmanaged' && spec.vfio === true;
  }

  isPaging(domain: number): boolean {
    const { kind } = this.spec(domain).spec;
    return kind === 'dma' || kind === 'unmanaged' || kind === 'nested';
  }

  /** Attached to it, or to a domain that is nested in it. */
  hasDevices(domain: number): boolean {
    return this.topology.devices.some(({ index }) => {
      const current = this.current.get(index) - 1;
      return current >= 0 && (current === domain || this.spec(current).parent === domain);
    });
  }

  /**
   * Whose tables hold the doorbells: the domain's own, or those of the parent of a nested one
   * (find_hwpt_paging).
   */
  paging(domain: number): number {
    const parent = domain < 0 ? -1 : this.spec(domain).parent;
    return parent < 0 ? domain : parent;
  }

  /** Tables are made for the IOMMU of the first device. -EINVAL for a device of another one. */
  finalise(domain: number, iommu: number): number {
    const made = this.iommu.get(domain);
    if (made !== 0 && made !== iommu + 1) return -ERRNO.EINVAL;
    const { parent } = this.spec(domain);
    if (parent >= 0) {
      const error = this.finalise(parent, iommu);
      if (error < 0) return error;
    }
    if (made === 0) this.tables.setTag(domain, this.freeTag());
    this.iommu.set(domain, iommu + 1);
    return 0;
  }

  /** The attach that made the tables failed. */
  unfinalise(domain: number): void {
    this.iommu.set(domain, 0);
    this.tables.setTag(domain, 0);
  }

  /** IOMMU that the tables were made for, or -1. */
  iommuOf(domain: number): number {
    return this.iommu.get(domain) - 1;
  }

  /** xa_alloc: the lowest ASID (or VMID) that no domain has, from 1. */
  private freeTag(): number {
    let tag = 1;
    while (this.tables.taggedWith(tag) >= 0) tag++;
    return tag;
  }

  private commands(domain: number): SmmuCommands | undefined {
    return this.smmus[this.iommu.get(domain) - 1]?.commands;
  }

  private sync(domain: number): void {
    if (this.of.on['smmu-sync']) this.commands(domain)?.sync();
  }

  isFinalised(domain: number): boolean {
    return this.iommu.get(domain) !== 0;
  }

  /** Smallest page of the domain's tables, in bytes. */
  granule(domain: number): number {
    const iommu = this.topology.iommus[this.iommu.get(domain) - 1];
    return iommu
      ? domainGranule(iommu.spec.granules, this.topology.kernel.pageSize)
      : this.topology.kernel.pageSize;
  }

  iovaBits(domain: number): number {
    return this.topology.iommus[this.iommu.get(domain) - 1]?.spec.iovaBits ?? 0;
  }

  /** Hardware MSI region of the domain's IOMMU. */
  hwMsi(domain: number): HwMsi | undefined {
    return this.topology.iommus[this.iommu.get(domain) - 1]?.spec.hwMsi;
  }

  stage(domain: number): 1 | 2 {
    if (this.spec(domain).parent >= 0) return 1;
    if (this.children(domain).length > 0) return 2;
    return this.topology.iommus[this.iommu.get(domain) - 1]?.spec.stage ?? 1;
  }

  /** Domains that are nested in this one. */
  private children(domain: number): readonly number[] {
    return this.nested[domain] ?? [];
  }

  /**
   * Pages that VFIO registers a window in: the host's PAGE_SIZE where the domain's granule is
   * smaller (vfio_pgsize_bitmap hides smaller pages).
   */
  windowGranule(domain: number): number {
    return Math.max(this.topology.kernel.pageSize, this.granule(domain));
  }

  /**
   * iommu_map. 0, or minus: EINVAL (not a paging domain, misaligned, neither read nor write),
   * ENODEV (no tables before the first attach), ERANGE, EEXIST.
   */
  map(domain: number, iova: number, pa: number, size: number, prot: number): number {
    if (!this.isPaging(domain) || (prot & (PROT.READ | PROT.WRITE)) === 0) return -ERRNO.EINVAL;
    if (!this.isFinalised(domain)) return -ERRNO.ENODEV;
    const granule = this.granule(domain);
    if (size === 0 || iova % granule !== 0 || pa % granule !== 0 || size % granule !== 0) {
      return -ERRNO.EINVAL;
    }
    if (iova + size > 2 ** this.iovaBits(domain)) return -ERRNO.ERANGE;
    // The IOVA allocator would not have given it out.
    if (this.isLazy(domain) && this.unflushed.overlaps(domain, iova, size)) return -ERRNO.ENOMEM;
    return this.tables.map(domain, iova, pa, size, prot);
  }

  /**
   * iommu_unmap: bytes unmapped, or minus errno. Strict for every kind of domain: it invalidates
   * and waits before it returns. That is one step of the model: a write that meets the page in
   * between is one that came before or after.
   */
  unmap(domain: number, iova: number, size: number): number {
    if (!this.isPaging(domain)) return -ERRNO.EINVAL;
    if (!this.isFinalised(domain)) return -ERRNO.ENODEV;
    const granule = this.granule(domain);
    if (iova % granule !== 0 || size % granule !== 0) return -ERRNO.EINVAL;
    const unmapped = this.tables.unmap(domain, iova, size);
    if (unmapped > 0 && this.of.on['tlbi-on-unmap']) {
      this.commands(domain)?.tlbiVa(this.tables.tag(domain), iova, size);
      // What a nested domain has cached went through these tables (CMD_TLBI_NH_ALL of
      // arm_smmu_tlb_inv_range_domain).
      for (const index of this.children(domain))
        if (this.tables.tag(index) !== 0) this.commands(domain)?.tlbiAsid(this.tables.tag(index));
      this.sync(domain);
    }
    return unmapped;
  }

  /** IOMMU_DOMAIN_DMA_FQ. */
  isLazy(domain: number): boolean {
    const { spec } = this.spec(domain);
    return spec.kind === 'dma' && spec.lazy === true;
  }

  /**
   * __iommu_dma_unmap in a lazy domain: the PTE goes, the TLB is not told, the IOVA waits in the
   * flush queue.
   */
  unmapLazily(domain: number, iova: number, size: number): void {
    const unmapped = this.tables.unmap(domain, iova, size);
    if (unmapped === 0) return;
    // Thousands in the kernel's; the queue that is full is flushed by who finds it so.
    if (this.unflushed.count(domain) === this.unflushed.capacity) this.flush(domain);
    this.unflushed.map(domain, iova, 0, size, 0);
  }

  /** fq_flush_iotlb: all of the domain at once, then the IOVAs are free. */
  flush(domain: number): void {
    if (!this.isLazy(domain)) return;
    this.commands(domain)?.tlbiAsid(this.tables.tag(domain));
    this.sync(domain);
    this.unflushed.clear(domain);
  }

  /** iommu_iova_to_phys: 0 where nothing is mapped, as the kernel has it. */
  iovaToPhys(domain: number, iova: number): number {
    const i = this.tables.find(domain, iova);
    return i < 0 ? 0 : this.tables.pa(domain, i) + (iova - this.tables.iova(domain, i));
  }

  /**
   * The DMA API's choice: the highest free IOVA below the limit; PCI devices try below 4 GiB first.
   * dma-iommu.c:iommu_dma_alloc_iova. -1 when there is none. Page 0 is never used.
   */
  allocDmaIova(domain: number, dmaBits: number, pci: boolean, sacFirst: boolean): number {
    const limit = 2 ** Math.min(dmaBits, this.iovaBits(domain));
    if (pci && sacFirst && limit > 2 ** 32) {
      const low = this.topDown(domain, 2 ** 32);
      if (low > 0) return low;
    }
    return this.topDown(domain, limit);
  }

  private topDown(domain: number, limit: number): number {
    const granule = this.granule(domain);
    let iova = this.below(this.tables, domain, limit - granule);
    if (!this.isLazy(domain)) return iova > 0 ? iova : -1;
    // What waits for the flush queue is in use, too.
    for (let before = -1; before !== iova;) {
      before = iova;
      iova = this.below(this.tables, domain, this.below(this.unflushed, domain, iova));
    }
    return iova > 0 ? iova : -1;
  }

  /** The highest granule from `iova` downwards that the tables do not have. */
  private below(tables: PageTables, domain: number, iova: number): number {
    const granule = this.granule(domain);
    let found = iova;
    for (let i = tables.count(domain) - 1; i >= 0; i--) {
      const start = tables.iova(domain, i);
      if (start + tables.size(domain, i) <= found) break;
      if (start < found + granule) found = Math.floor(start / granule) * granule - granule;
    }
    return found;
  }
}
