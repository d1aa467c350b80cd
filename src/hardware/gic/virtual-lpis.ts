/**
 * Virtual LPIs of GICv4: each guest has a configuration table and each vPE a pending table, with
 * the rules of the physical ones. IHI 0069H 5.4, 6.
 *
 * A vPE is always resident at the redistributor that it is mapped to, so that no doorbell LPI is
 * needed. Not modelled: residency (GICR_VPENDBASER), doorbells, vSGIs, priorities.
 */
import type { Store } from '../../state/store.ts';
import type { CpuInterfaces } from '../interrupts.ts';
import { Redistributors } from './redistributor.ts';

export class VirtualLpis {
  /** By vPE: the tables of its guest, whose "redistributors" are vPEs. */
  private readonly tables: readonly Redistributors[];
  /** Redistributor that the command or write under way found in the ITS's vPE table. */
  private target = 0;

  constructor(
    store: Store,
    guests: readonly { readonly vcpus: number; readonly lpis: number }[],
    cpus: CpuInterfaces,
  ) {
    this.tables = guests.flatMap(({ vcpus, lpis }) => {
      const tables = new Redistributors(store, lpis, {
        ...cpus,
        takeIntid: (intid, vpe) => cpus.takeVirtual(intid, vpe, this.target),
      });
      return Array<Redistributors>(vcpus).fill(tables);
    });
  }

  get vpes(): number {
    return this.tables.length;
  }

  has(vpe: number, intid: number): boolean {
    return this.of(vpe).has(intid);
  }

  isEnabled(vpe: number, intid: number): boolean {
    return this.of(vpe).isEnabled(intid);
  }

  /** Software writes the enable bit in the guest's table. */
  configure(vpe: number, intid: number, enabled: boolean): void {
    this.of(vpe).configure(intid, enabled);
  }

  invalidate(vpe: number, intid: number, target: number): void {
    this.target = target;
    this.of(vpe).invalidate(intid);
  }

  raise(vpe: number, intid: number, target: number): void {
    this.target = target;
    this.of(vpe).raise(intid, vpe);
  }

  /** VMOVI: a pending vLPI goes with its interrupt. */
  move(intid: number, vpe: number): void {
    this.of(vpe).move(intid, vpe);
  }

  clearPending(vpe: number, intid: number): void {
    this.of(vpe).clearPending(intid);
  }

  private of(vpe: number): Redistributors {
    return this.tables[vpe] as Redistributors;
  }
}
