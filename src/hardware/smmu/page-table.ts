/**
 * Translation tables of all domains, as sorted ranges rather than trees of descriptors: what a walk
 * of io-pgtable-arm.c would answer. Sorted by IOVA, so that two histories with the same mappings
 * are the same state.
 *
 * Modelled: granule, input size, permissions as the format can express them (stage 1 has no
 * write-only: a mapping for WRITE is readable too; stage 2 has). Not modelled: block size,
 * attributes. What an SMMU keeps of them is in tlb.ts, which is such a table itself.
 */
import { EVENT, type EventLog } from '../../events/event-log.ts';
import { ERRNO } from '../../observation.ts';
import type { Column, RowOf, Store, WideColumn } from '../../state/store.ts';

/** include/linux/iommu.h. */
export const PROT = { READ: 1, WRITE: 2, CACHE: 4, NOEXEC: 8, MMIO: 16 } as const;

const UNIT = 4096;
const TWO_32 = 2 ** 32;

export class PageTables {
  /** Ranges that a domain can hold. */
  readonly capacity: number;
  private readonly counts: Column;
  private readonly iovas: WideColumn;
  private readonly pas: WideColumn;
  private readonly sizes: WideColumn;
  private readonly prots: Column;
  /** ASID + 1 (VMID at stage 2) that a context descriptor gives beside the table. */
  private readonly tags: Column;
  private readonly log: EventLog | undefined;

  /** Without a log nothing is said of it. */
  constructor(store: Store, log: EventLog | undefined, domains: number, capacity: number) {
    this.capacity = capacity;
    // Without a log it is a TLB, and devices' writes fill it.
    const range: RowOf =
      log === undefined
        ? { part: 'tlb' }
        : { part: 'tables', domain: (row) => Math.floor(row / capacity) };
    const head: RowOf = log === undefined ? range : { ...range, domain: (domain) => domain };
    this.counts = store.column(domains, head);
    this.iovas = store.wideColumn(domains * capacity, range);
    this.pas = store.wideColumn(domains * capacity, { ...range, holds: 'address' });
    this.sizes = store.wideColumn(domains * capacity, range);
    this.prots = store.column(domains * capacity, range);
    this.tags = store.column(domains, head);
    this.log = log;
  }

  get domains(): number {
    return this.counts.length;
  }

  tag(domain: number): number {
    return this.tags.get(domain);
  }

  setTag(domain: number, tag: number): void {
    this.tags.set(domain, tag);
  }

  /** The domain whose tables have the tag now, or -1. */
  taggedWith(tag: number): number {
    for (let domain = 0; domain < this.tags.length; domain++)
      if (this.tags.get(domain) === tag) return domain;
    return -1;
  }

  count(domain: number): number {
    return this.counts.get(domain);
  }
  iova(domain: number, i: number): number {
    return this.iovas.get(domain * this.capacity + i);
  }
  pa(domain: number, i: number): number {
    return this.pas.get(domain * this.capacity + i);
  }
  size(domain: number, i: number): number {
    return this.sizes.get(domain * this.capacity + i);
  }
  prot(domain: number, i: number): number {
    return this.prots.get(domain * this.capacity + i);
  }

  /** Index of the range that holds the address, or -1. */
  find(domain: number, address: number): number {
    for (let i = 0; i < this.counts.get(domain); i++) {
      const iova = this.iova(domain, i);
      if (address < iova) return -1;
      if (address < iova + this.size(domain, i)) return i;
    }
    return -1;
  }

  overlaps(domain: number, iova: number, size: number): boolean {
    for (let i = 0; i < this.counts.get(domain); i++) {
      if (
        this.iova(domain, i) < iova + size &&
        iova < this.iova(domain, i) + this.size(domain, i)
      ) {
        return true;
      }
    }
    return false;
  }

  /** 0, or -EEXIST where any of it is mapped. The caller has checked alignment and range. */
  map(domain: number, iova: number, pa: number, size: number, prot: number): number {
    if (this.overlaps(domain, iova, size)) return -ERRNO.EEXIST;
    let at = 0;
    while (at < this.counts.get(domain) && this.iova(domain, at) < iova) at++;
    this.insert(domain, at, iova, pa, size, prot);
    this.log?.emit(
      EVENT.map,
      domain,
      iova / TWO_32,
      iova | 0,
      pa / TWO_32,
      pa | 0,
      size / UNIT,
      prot,
    );
    return 0;
  }

  /** Bytes unmapped. A range that is only partly inside is split. */
  unmap(domain: number, iova: number, size: number): number {
    let unmapped = 0;
    for (let i = 0; i < this.counts.get(domain);) {
      const start = this.iova(domain, i);
      const end = start + this.size(domain, i);
      const from = Math.max(start, iova);
      const to = Math.min(end, iova + size);
      if (from >= to) {
        i++;
        continue;
      }
      const pa = this.pa(domain, i);
      const prot = this.prot(domain, i);
      this.remove(domain, i);
      if (start < from) this.insert(domain, i++, start, pa, from - start, prot);
      if (to < end) this.insert(domain, i++, to, pa + (to - start), end - to, prot);
      unmapped += to - from;
    }
    this.log?.emit(EVENT.unmap, domain, iova / TWO_32, iova | 0, unmapped / UNIT);
    return unmapped;
  }

  /** iommu_domain_free: the tables vanish with what they mapped. */
  clear(domain: number): void {
    while (this.counts.get(domain) > 0) this.remove(domain, this.counts.get(domain) - 1);
  }

  private insert(
    domain: number,
    at: number,
    iova: number,
    pa: number,
    size: number,
    prot: number,
  ): void {
    const count = this.counts.get(domain);
    if (count === this.capacity) {
      throw new Error(`IMPOSSIBLE: more than ${this.capacity} mappings in one domain`);
    }
    for (let i = count; i > at; i--) this.move(domain, i - 1, i);
    const row = domain * this.capacity + at;
    this.iovas.set(row, iova);
    this.pas.set(row, pa);
    this.sizes.set(row, size);
    this.prots.set(row, prot);
    this.counts.set(domain, count + 1);
  }

  private remove(domain: number, at: number): void {
    const last = this.counts.get(domain) - 1;
    for (let i = at; i < last; i++) this.move(domain, i + 1, i);
    // Unused rows are zero, so that equal tables are equal words.
    const row = domain * this.capacity + last;
    this.iovas.set(row, 0);
    this.pas.set(row, 0);
    this.sizes.set(row, 0);
    this.prots.set(row, 0);
    this.counts.set(domain, last);
  }

  private move(domain: number, from: number, to: number): void {
    const base = domain * this.capacity;
    this.iovas.set(base + to, this.iovas.get(base + from));
    this.pas.set(base + to, this.pas.get(base + from));
    this.sizes.set(base + to, this.sizes.get(base + from));
    this.prots.set(base + to, this.prots.get(base + from));
  }
}
