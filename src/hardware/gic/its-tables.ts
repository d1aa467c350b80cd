/**
 * What an ITS looks up: device table, interrupt translation tables, collections, and with GICv4 the
 * vPEs. IHI 0069H 5.2. The commands that fill them are in its.ts.
 */
import { CpuColumn } from '../../state/cpu-column.ts';
import type { Column, RowOf, Store } from '../../state/store.ts';
import type { VirtualLpis } from './virtual-lpis.ts';

/** Why a translation failed; 0 and above is an LPI. */
export const ITS_MISS = {
  deviceUnmapped: -1,
  eventOutOfRange: -2,
  eventUnmapped: -3,
  collectionUnmapped: -4,
  vpeUnmapped: -5,
} as const;

/** What a GICv4 ITS has more. */
export interface ItsVirtual {
  readonly version: 'gicv4' | 'gicv4.1';
  readonly lpis: VirtualLpis;
  /** vPE table: redistributor + 1. GICv4.1's ITSs share one. */
  readonly vpes: Column;
}

export interface DeviceSlot {
  readonly deviceId: number;
  /** ITT entries reserved in the store, and where they start. */
  readonly capacity: number;
  readonly base: number;
}

export interface ItsTableSizes {
  readonly preIts?: number | undefined;
  readonly cpus: number;
  readonly virtual?: ItsVirtual | undefined;
  /**
   * DeviceIDs that the topology has behind this ITS, with the EventIDs each may use, and whose it
   * is; -1: of several.
   */
  readonly devices: readonly { deviceId: number; events: number; device: number }[];
}

export class ItsTables {
  protected readonly slots: readonly DeviceSlot[];
  protected readonly slotOf: ReadonlyMap<number, number>;
  protected readonly dteValid: Column;
  /** Number of EventID bits that MAPD gave. */
  protected readonly dteSize: Column;
  protected readonly iteLpi: Column;
  protected readonly iteCollection: CpuColumn;
  /** Redistributor + 1. */
  protected readonly collection: Column;
  readonly virtual: ItsVirtual | undefined;
  /**
   * vPE + 1 of an entry that stands for a vLPI, whose INTID is in iteLpi; no entries without GICv4.
   */
  protected readonly iteVpe: Column;

  constructor(store: Store, config: ItsTableSizes) {
    let entries = 0;
    this.slots = config.devices.map(({ deviceId, events }) => {
      const slot = { deviceId, capacity: events, base: entries };
      entries += events;
      return slot;
    });
    this.slotOf = new Map(this.slots.map((slot, index) => [slot.deviceId, index]));
    // The DeviceID that a pre-ITS makes of an address may be anybody's.
    const owner = (slot: number): number =>
      config.preIts === undefined ? (config.devices[slot]?.device ?? -1) : -1;
    const ofSlot: RowOf = { part: 'its', device: owner };
    const ofEntry: RowOf = {
      part: 'its',
      device: (entry) => owner(this.slots.findLastIndex(({ base }) => base <= entry)),
    };
    this.dteValid = store.column(this.slots.length, ofSlot);
    this.dteSize = store.column(this.slots.length, ofSlot);
    this.iteLpi = store.column(entries, ofEntry);
    this.iteCollection = new CpuColumn(store.column(entries, { ...ofEntry, holds: 'cpuPlus1' }));
    this.collection = store.column(config.cpus, {
      part: 'its',
      cpu: (cpu) => cpu,
      holds: 'cpuPlus1',
    });
    this.virtual = config.virtual;
    this.iteVpe = store.column(config.virtual === undefined ? 0 : entries, ofEntry);
  }

  get cpus(): number {
    return this.collection.length;
  }

  /** The LPI or vLPI that (DeviceID, EventID) stands for, or one of ITS_MISS. Changes nothing. */
  translate(deviceId: number, eventId: number): number {
    const slot = this.slotOf.get(deviceId);
    if (slot === undefined || this.dteValid.get(slot) === 0) return ITS_MISS.deviceUnmapped;
    const ite = this.entry(slot, eventId);
    if (ite < 0) return ITS_MISS.eventOutOfRange;
    const lpi = this.iteLpi.get(ite);
    if (lpi === 0) return ITS_MISS.eventUnmapped;
    const vpe = this.vpeOf(ite);
    if (vpe >= 0) return this.residenceOf(vpe) < 0 ? ITS_MISS.vpeUnmapped : lpi;
    if (this.collection.get(this.iteCollection.get(ite)) === 0) return ITS_MISS.collectionUnmapped;
    return lpi;
  }

  /** Redistributor that a translated event goes to. */
  targetOf(deviceId: number, eventId: number): number {
    const ite = this.entry(this.slotOf.get(deviceId) ?? -1, eventId);
    return this.collection.get(this.iteCollection.get(ite)) - 1;
  }

  /** vPE that a translated event goes to, or -1 where it is a physical LPI. */
  vpeAt(deviceId: number, eventId: number): number {
    return this.vpeOf(this.commandEntry(deviceId, eventId));
  }

  /** Redistributor that a vPE is mapped to, or -1. */
  residenceOf(vpe: number): number {
    return (this.virtual?.vpes.get(vpe) ?? 0) - 1;
  }

  protected enter(ite: number, intid: number, vpe: number): void {
    this.iteLpi.set(ite, intid);
    if (this.virtual !== undefined) this.iteVpe.set(ite, vpe + 1);
  }

  /** vPE of an entry, or -1. */
  protected vpeOf(ite: number): number {
    return this.virtual === undefined || ite < 0 ? -1 : this.iteVpe.get(ite) - 1;
  }

  /** Row of the ITE, or -1 where the EventID lies outside the ITT. */
  protected entry(slot: number, eventId: number): number {
    const { base, capacity } = this.slots[slot] ?? { base: 0, capacity: 0 };
    return eventId >= 0 && eventId < capacity && eventId < 2 ** this.dteSize.get(slot)
      ? base + eventId
      : -1;
  }

  protected commandEntry(deviceId: number, eventId: number): number {
    const slot = this.slotOf.get(deviceId);
    if (slot === undefined || this.dteValid.get(slot) === 0) return -1;
    return this.entry(slot, eventId);
  }

  protected mappedEntry(deviceId: number, eventId: number): number {
    const ite = this.commandEntry(deviceId, eventId);
    return ite >= 0 && this.iteLpi.get(ite) !== 0 ? ite : -1;
  }
}
