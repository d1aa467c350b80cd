/**
 * Translations that an SMMU has read from the tables and keeps, by ASID (VMID at stage 2), in pages
 * of 4K: the smallest that a walk can end in. An entry lives until it is invalidated, or until a
 * newer one needs its place. Hardware may drop an entry at any time; the model does not by itself,
 * which is the case that needs the invalidation. (QEMU's SMMU keeps them so: a PTE cleared without
 * TLBI still translates.) What is not mapped is not kept: a mapping needs no invalidation.
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
  private readonly tables: PageTables;
  /** By domain: the one whose tables are its stage 2, or -1. */
  private readonly parents: readonly number[];
  private readonly isKept: boolean;
  /** Where the walk just done ended. */
  private pa = 0;
  private prot = 0;

  constructor(store: Store, tables: PageTables, parents: readonly number[], isKept: boolean) {
    this.tables = tables;
    this.parents = parents;
    this.isKept = isKept;
    // Tag 0 is that of tables which have none, because no device was ever attached.
    const tags = isKept ? tables.domains + 1 : 0;
    this.entries = new PageTables(store, undefined, tags, tables.capacity);
  }

  /** Physical address, or minus a code of `names`. `keep`: a page that was walked for stays. */
  translate(domain: number, address: number, names: WalkNames, keep: boolean): number {
    const tag = this.tables.tag(domain);
    const held = this.isKept ? this.entries.find(tag, address) : -1;
    if (held >= 0) {
      this.pa = this.entries.pa(tag, held) + (address - this.entries.iova(tag, held));
      this.prot = this.entries.prot(tag, held);
    } else {
      if (!this.walk(domain, address)) return -names.translation;
      if (keep && this.isKept) this.keep(tag, address - (address % PAGE));
    }
    return (this.prot & PROT.WRITE) === 0 ? -names.permission : this.pa;
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
    const domain = this.tables.taggedWith(tag);
    if (domain < 0 || !this.walk(domain, this.entries.iova(tag, i))) return true;
    return this.pa !== this.entries.pa(tag, i) || this.prot !== this.entries.prot(tag, i);
  }

  /**
   * Stage 1, then, if the domain is nested, stage 2: both must map the address and permit the
   * access.
   */
  private walk(domain: number, address: number): boolean {
    const { tables } = this;
    const i = tables.find(domain, address);
    if (i < 0) return false;
    this.pa = tables.pa(domain, i) + (address - tables.iova(domain, i));
    this.prot = tables.prot(domain, i);
    const parent = this.parents[domain] ?? -1;
    if (parent < 0) return true;
    const n = tables.find(parent, this.pa);
    if (n < 0) return false;
    this.pa = tables.pa(parent, n) + (this.pa - tables.iova(parent, n));
    this.prot &= tables.prot(parent, n);
    return true;
  }

  private keep(tag: number, page: number): void {
    const { entries } = this;
    if (entries.count(tag) === entries.capacity)
      entries.unmap(tag, entries.iova(tag, 0), entries.size(tag, 0));
    entries.map(tag, page, this.pa - (this.pa % PAGE), PAGE, this.prot);
  }
}
