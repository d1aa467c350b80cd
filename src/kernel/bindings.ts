/**
 * Doorbell bindings: which physical page a domain maps at which IOVA, for whom. The same table
 * serves the RFC's rb tree, the msi_page list of dma-iommu.c and the tracking of `tracked`; what
 * the designs do with it differs.
 */
import { EVENT, type EventLog } from '../events/event-log.ts';
import type { Column, RowOf, Store, WideColumn } from '../state/store.ts';

const TWO_32 = 2 ** 32;

export class Bindings {
  readonly perDomain: number;
  readonly pa: WideColumn;
  readonly iova: WideColumn;
  readonly refs: Column;
  private readonly used: Column;
  private readonly log: EventLog;

  constructor(store: Store, log: EventLog, domains: number, perDomain: number) {
    this.perDomain = perDomain;
    const rows = domains * perDomain;
    const binding: RowOf = { part: 'binding', domain: (row) => Math.floor(row / perDomain) };
    this.used = store.column(rows, binding);
    this.pa = store.wideColumn(rows, { ...binding, holds: 'address' });
    this.iova = store.wideColumn(rows, binding);
    this.refs = store.column(rows, binding);
    this.log = log;
  }

  isUsed(slot: number): boolean {
    return this.used.get(slot) !== 0;
  }

  domainOf(slot: number): number {
    return Math.floor(slot / this.perDomain);
  }

  /** Slot of the page that starts at `pa`, or -1: all pages of a domain have one size. */
  find(domain: number, pa: number): number {
    for (let slot = domain * this.perDomain; slot < (domain + 1) * this.perDomain; slot++) {
      if (this.used.get(slot) !== 0 && this.pa.get(slot) === pa) return slot;
    }
    return -1;
  }

  findIova(domain: number, iova: number): number {
    for (let slot = domain * this.perDomain; slot < (domain + 1) * this.perDomain; slot++) {
      if (this.used.get(slot) !== 0 && this.iova.get(slot) === iova) return slot;
    }
    return -1;
  }

  /** A new binding without references. */
  insert(domain: number, pa: number, iova: number): number {
    for (let slot = domain * this.perDomain; slot < (domain + 1) * this.perDomain; slot++) {
      if (this.used.get(slot) !== 0) continue;
      this.used.set(slot, 1);
      this.pa.set(slot, pa);
      this.iova.set(slot, iova);
      return slot;
    }
    throw new Error(`IMPOSSIBLE: more than ${this.perDomain} doorbell pages in one domain`);
  }

  remove(slot: number): void {
    this.used.set(slot, 0);
    this.pa.set(slot, 0);
    this.iova.set(slot, 0);
    this.refs.set(slot, 0);
  }

  /** Adds to the count and says so in the log. Returns the count after. */
  count(slot: number, delta: number, vector: number): number {
    const before = this.refs.get(slot);
    this.refs.set(slot, before + delta);
    const iova = this.iova.get(slot);
    this.log.emit(
      EVENT.ref,
      this.domainOf(slot),
      iova / TWO_32,
      iova | 0,
      before,
      before + delta,
      vector + 1,
    );
    return before + delta;
  }

  /** All bindings of a domain forgotten, as when its list is freed with it. */
  clear(domain: number): void {
    for (let slot = domain * this.perDomain; slot < (domain + 1) * this.perDomain; slot++)
      this.remove(slot);
  }
}
