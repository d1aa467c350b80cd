/**
 * What the ITS driver remembers of guests and of the interrupts that it forwards to them: struct
 * its_vm, its_vpe, event_map.vm and vlpi_maps. irq-gic-v3-its.c, irq-gic-v4.c.
 */
import { FIRST_LPI } from '../hardware/gic/redistributor.ts';
import type { Column, Store } from '../state/store.ts';
import type { Resolved } from '../topology/resolve.ts';

export class Guests {
  /** By guest: 1 once it has ended. */
  readonly ended: Column;
  /** By vPE: vpe->col_idx. */
  readonly cpu: Column;
  /** By vPE: vmapp_count, ITSs that it is mapped on. */
  readonly mappedOn: Column;
  /** By ITS slot (its_device): event_map.vm, guest + 1, and nr_vlpis. */
  readonly vm: Column;
  readonly vlpisOfDevice: Column;
  /** By vector: vPE + 1 that it is forwarded to (IRQD_FORWARDED_TO_VCPU) and the guest's INTID. */
  private readonly vpe: Column;
  private readonly intid: Column;
  /** vm->vlpi_count, by controller and guest. */
  private readonly vlpis: Column;
  /** Vector + 1 of a guest's LPI. */
  private readonly owner: Column;
  private readonly firstLpi: readonly number[];
  private readonly topology: Resolved;

  constructor(store: Store, topology: Resolved, itsDevices: number) {
    const { guests, guestOfVpe, controllers, vectors } = topology;
    const any = guests.length > 0;
    this.topology = topology;
    this.ended = store.column(guests.length);
    this.cpu = store.column(guestOfVpe.length);
    this.mappedOn = store.column(guestOfVpe.length);
    this.vm = store.column(any ? itsDevices : 0);
    this.vlpisOfDevice = store.column(any ? itsDevices : 0);
    this.vpe = store.column(any ? vectors : 0);
    this.intid = store.column(any ? vectors : 0);
    this.vlpis = store.column(controllers.length * guests.length);
    let lpis = 0;
    this.firstLpi = guests.map((guest) => {
      lpis += guest.lpis;
      return lpis - guest.lpis;
    });
    this.owner = store.column(lpis);
  }

  get any(): boolean {
    return this.topology.guests.length > 0;
  }

  guestOf(vpe: number): number {
    return this.topology.guestOfVpe[vpe] ?? -1;
  }

  /** vPEs of a guest. */
  vpesOf(guest: number): number[] {
    const { firstVpe = 0, vcpus = 0 } = this.topology.guests[guest] ?? {};
    return Array.from({ length: vcpus }, (_, n) => firstVpe + n);
  }

  isForwarded(vector: number): boolean {
    return this.any && this.vpe.get(vector) !== 0;
  }

  /** Of a forwarded vector. */
  vpeOf(vector: number): number {
    return this.vpe.get(vector) - 1;
  }

  intidOf(vector: number): number {
    return this.intid.get(vector);
  }

  /** its_dev->event_map.vlpi_maps[event]. */
  forward(vector: number, vpe: number, intid: number): void {
    this.vpe.set(vector, vpe + 1);
    this.intid.set(vector, intid);
    this.owner.set(this.lpi(vpe, intid), vector + 1);
  }

  unforward(vector: number): void {
    this.owner.set(this.lpi(this.vpeOf(vector), this.intidOf(vector)), 0);
    this.vpe.set(vector, 0);
    this.intid.set(vector, 0);
  }

  /** Vector that a guest's LPI stands for, or -1. */
  ownerOf(vpe: number, intid: number): number {
    return this.owner.get(this.lpi(vpe, intid)) - 1;
  }

  /** vm->vlpi_count of an ITS; returns what it is then. */
  countVlpi(controller: number, guest: number, delta: number): number {
    const row = controller * this.topology.guests.length + guest;
    this.vlpis.set(row, this.vlpis.get(row) + delta);
    return this.vlpis.get(row);
  }

  private lpi(vpe: number, intid: number): number {
    return (this.firstLpi[this.guestOf(vpe)] ?? 0) + intid - FIRST_LPI;
  }
}
