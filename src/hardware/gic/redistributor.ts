/**
 * GICv3 redistributors, the part that LPIs need: the configuration table in memory, what the
 * redistributor has cached of it, and the pending table. IHI 0069H 5.1, 12.11.
 *
 * A change of the configuration table takes effect at INV (or GICR_INVLPIR): until then the cached
 * value counts, so a disabled LPI that was not invalidated still fires. Real hardware may drop its
 * cache earlier; the model does not by itself, which is the case that needs the invalidation. The
 * explorer can have it do so.
 */
import type { Column, Store } from '../../state/store.ts';
import type { CpuInterfaces } from '../interrupts.ts';

export const FIRST_LPI = 8192;

export class Redistributors {
  /** LPI configuration table, enable bit, as software wrote it. */
  private readonly configured: Column;
  private readonly cached: Column;
  /** Redistributor + 1 in whose pending table the LPI is set; 0: not pending. */
  private readonly pending: Column;
  private readonly cpus: CpuInterfaces;
  private readonly count: number;

  /**
   * Of `lpis` there are rows for those that can come into use (lpiCapacity): a machine of thousands
   * is slow to open.
   */
  constructor(store: Store, lpis: number, cpus: CpuInterfaces, rows = lpis) {
    this.count = lpis;
    this.configured = store.column(rows, { part: 'gic' });
    this.cached = store.column(rows, { part: 'gic' });
    this.pending = store.column(rows, { part: 'gic', holds: 'cpuPlus1' });
    this.cpus = cpus;
  }

  has(lpi: number): boolean {
    return lpi >= FIRST_LPI && lpi < FIRST_LPI + this.count;
  }

  isEnabled(lpi: number): boolean {
    return this.cached.get(lpi - FIRST_LPI) !== 0;
  }

  /** LPIs that software has configured otherwise than the redistributor knows. */
  forEachStale(visit: (lpi: number) => void): void {
    for (let row = 0; row < this.cached.length; row++)
      if (this.cached.get(row) !== this.configured.get(row)) visit(row + FIRST_LPI);
  }

  isPending(lpi: number): boolean {
    return this.pending.get(lpi - FIRST_LPI) !== 0;
  }

  /** Software writes the enable bit in memory. */
  configure(lpi: number, enabled: boolean): void {
    this.configured.set(lpi - FIRST_LPI, enabled ? 1 : 0);
  }

  /** INV: reread the configuration; a pending LPI that is now enabled is forwarded. */
  invalidate(lpi: number): void {
    const row = lpi - FIRST_LPI;
    this.cached.set(row, this.configured.get(row));
    this.forward(lpi);
  }

  raise(lpi: number, redistributor: number): void {
    this.pending.set(lpi - FIRST_LPI, redistributor + 1);
    this.forward(lpi);
  }

  /** MOVI: the pending state, if set, moves with the interrupt. IHI 0069H 5.3.11. */
  move(lpi: number, redistributor: number): void {
    const row = lpi - FIRST_LPI;
    if (this.pending.get(row) !== 0) this.pending.set(row, redistributor + 1);
  }

  /** DISCARD and CLEAR take the pending state away. IHI 0069H 5.3.5. */
  clearPending(lpi: number): void {
    this.pending.set(lpi - FIRST_LPI, 0);
  }

  private forward(lpi: number): void {
    const row = lpi - FIRST_LPI;
    const at = this.pending.get(row);
    if (at === 0 || this.cached.get(row) === 0) return;
    this.pending.set(row, 0);
    this.cpus.takeIntid(lpi, at - 1);
  }
}
