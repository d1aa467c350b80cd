/**
 * Translations that an SMMU has read from the tables and keeps, by ASID (VMID at stage 2), in pages of 4K: the
 * smallest that a walk can end in. An entry lives until it is invalidated, or until a newer one needs its place.
 * Hardware may drop an entry at any time; the model does not by itself, which is the case that needs the
 * invalidation. (QEMU's SMMU keeps them so: a PTE cleared without TLBI still translates.) What is not mapped is
 * not kept: a mapping needs no invalidation.
 */
import type { Store } from '../../state/store.ts';
import { PageTables, PROT } from './page-table.ts';

const PAGE = 4096;

export interface WalkNames {
  readonly translation: number;
  readonly permission: number;
}

export class Tlb {
  /** Entries by tag, sorted by address: a table of what was read from tables. */
  readonly entries: PageTables;
  readonly tables: PageTables;
  private readonly isKept: boolean;

  constructor(store: Store, tables: PageTables, tags: number, isKept: boolean) {
    this.tables = tables;
    this.isKept = isKept;
    // Tag 0 is that of tables which have none, because no device was ever attached.
    this.entries = new PageTables(store, undefined, isKept ? tags + 1 : 0, tables.capacity);
  }

  /** Physical address, or minus a code of `names`. `keep`: a page that was walked for stays. */
  translate(domain: number, address: number, names: WalkNames, keep: boolean): number {
    const tag = this.tables.tag(domain);
    if (this.isKept) {
      const held = this.entries.find(tag, address);
      if (held >= 0) return answer(this.entries, tag, held, address, names);
    }
    const i = this.tables.find(domain, address);
    if (i < 0) return -names.translation;
    if (keep && this.isKept) this.keep(tag, domain, i, address);
    return answer(this.tables, domain, i, address, names);
  }

  /** TLBI by address, and by ASID. */
  invalidate(tag: number, address: number, size: number): void {
    if (this.isKept) this.entries.unmap(tag, address, size);
  }
  invalidateAll(tag: number): void {
    if (this.isKept) this.entries.clear(tag);
  }

  /** Whether the entry is not what a walk would find now. */
  isStale(tag: number, i: number): boolean {
    const { entries, tables } = this;
    const domain = tables.taggedWith(tag);
    const iova = entries.iova(tag, i);
    const now = domain < 0 ? -1 : tables.find(domain, iova);
    if (now < 0) return true;
    const pa = tables.pa(domain, now) + (iova - tables.iova(domain, now));
    return pa !== entries.pa(tag, i) || tables.prot(domain, now) !== entries.prot(tag, i);
  }

  private keep(tag: number, domain: number, i: number, address: number): void {
    const { entries, tables } = this;
    if (entries.count(tag) === entries.capacity)
      entries.unmap(tag, entries.iova(tag, 0), entries.size(tag, 0));
    const page = address - (address % PAGE);
    const pa = tables.pa(domain, i) + (page - tables.iova(domain, i));
    entries.map(tag, page, pa, PAGE, tables.prot(domain, i));
  }
}

function answer(
  pages: PageTables,
  row: number,
  i: number,
  address: number,
  names: WalkNames,
): number {
  if ((pages.prot(row, i) & PROT.WRITE) === 0) return -names.permission;
  return pages.pa(row, i) + (address - pages.iova(row, i));
}
