/**
 * GIC distributor, the part that SPIs behind an MSI frame need: enable, pending and target. IHI
 * 0048B (GICv2) 4.3, IHI 0069H (GICv3) 12.9. A level that stays is taken once and again at each
 * unmask: the storm that it would be is not modelled, nor are priorities, groups, active state and
 * 1-of-N routing.
 */
import { CpuColumn } from '../../state/cpu-column.ts';
import type { Column, Store } from '../../state/store.ts';
import type { CpuInterfaces } from '../interrupts.ts';

export const FIRST_SPI = 32;

export class Distributor {
  private readonly enabled: Column;
  private readonly pending: Column;
  private readonly target: CpuColumn;
  /** GICD_ICFGRn: level-sensitive, and whether the line is asserted now. */
  private readonly levelSensitive: Column;
  private readonly asserted: Column;
  private readonly cpus: CpuInterfaces;
  private readonly first: number;
  private readonly count: number;

  /** SPIs [first, first + count) are kept; others are not wired to anything here. */
  constructor(store: Store, first: number, count: number, cpus: CpuInterfaces) {
    this.first = first;
    this.count = count;
    this.enabled = store.column(count, { part: 'gic' });
    this.pending = store.column(count, { part: 'gic' });
    this.target = new CpuColumn(store.column(count, { part: 'gic', holds: 'cpuPlus1' }));
    this.levelSensitive = store.column(count, { part: 'gic' });
    this.asserted = store.column(count, { part: 'gic' });
    this.cpus = cpus;
  }

  has(intid: number): boolean {
    return intid >= this.first && intid < this.first + this.count;
  }

  isEnabled(intid: number): boolean {
    return this.enabled.get(intid - this.first) !== 0;
  }

  isPending(intid: number): boolean {
    return this.pending.get(intid - this.first) !== 0;
  }

  targetOf(intid: number): number {
    return this.target.get(intid - this.first);
  }

  /** GICD_ISENABLERn: a pending interrupt is forwarded at once. */
  enable(intid: number): void {
    const row = intid - this.first;
    this.enabled.set(row, 1);
    if (this.asserted.get(row) !== 0) this.pending.set(row, 1);
    this.forward(intid);
  }

  /** GICD_ICENABLERn. */
  disable(intid: number): void {
    this.enabled.set(intid - this.first, 0);
  }

  /** GICD_ICPENDRn, as irq_startup does for an edge interrupt that nobody owned. */
  clearPending(intid: number): void {
    this.pending.set(intid - this.first, 0);
  }

  /** GICD_ITARGETSRn (GICv2) or GICD_IROUTERn (GICv3). */
  route(intid: number, cpu: number): void {
    this.target.set(intid - this.first, cpu);
  }

  /** GICD_SETSPI_NSR or a frame's MSI_SETSPI_NS: a rising edge. */
  raise(intid: number): void {
    const row = intid - this.first;
    if (this.levelSensitive.get(row) !== 0) {
      // A line that is high already is no new condition.
      if (this.asserted.get(row) !== 0) return;
      this.asserted.set(row, 1);
    }
    this.pending.set(row, 1);
    this.forward(intid);
  }

  /** GICD_CLRSPI_NSR: the level ends; of an edge interrupt nothing changes that was taken. */
  lower(intid: number): void {
    const row = intid - this.first;
    if (this.levelSensitive.get(row) === 0) return;
    this.asserted.set(row, 0);
    this.pending.set(row, 0);
  }

  setLevel(intid: number, level: boolean): void {
    this.levelSensitive.set(intid - this.first, level ? 1 : 0);
    this.asserted.set(intid - this.first, 0);
  }

  private forward(intid: number): void {
    const row = intid - this.first;
    if (this.pending.get(row) === 0 || this.enabled.get(row) === 0) return;
    this.pending.set(row, 0);
    this.cpus.takeIntid(intid, this.target.get(row));
  }
}
