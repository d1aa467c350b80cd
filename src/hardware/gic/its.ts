/**
 * GICv3 Interrupt Translation Service: device table, interrupt translation tables, collections and
 * the commands that fill them. IHI 0069H chapter 5 and 12.18.
 *
 * MAPTI, MOVI, DISCARD, INV and INVALL go through a queue, in order, and are certain at SYNC. MAPD
 * and MAPC take effect after what is in the queue, at once: Linux adds no SYNC to MAPD and waits
 * for GITS_CREADR, and no redistributor is concerned. A command is recorded when the ITS carries it
 * out. Not modelled: MOVALL, caching of the tables by the ITS, the memory addresses of the tables.
 *
 * GICv4: an entry stands for a vLPI of a vPE instead of an LPI. Which redistributor a vPE is at is
 * in a table of the ITS, of all ITSs in GICv4.1; commands about vPEs take effect as MAPD does,
 * those about vLPIs as MAPTI. A VMOVP is modelled as what it does at the ITS that gets it; ITSList
 * and the sequence number are not.
 */
import { EVENT, type EventLog } from '../../events/event-log.ts';
import { CpuColumn } from '../../state/cpu-column.ts';
import type { Column, RowOf, Store } from '../../state/store.ts';
import { CommandFifo } from '../command-fifo.ts';
import type { Redistributors } from './redistributor.ts';
import type { VirtualLpis } from './virtual-lpis.ts';

/** Offset of GITS_TRANSLATER from GITS_BASE: the second 64K frame, +0x40. IHI 0069H 12.20. */
export const GITS_TRANSLATER = 0x1_0040;

/** Command opcodes, IHI 0069H table 5-2. */
export const ITS_COMMAND = {
  MOVI: 0x01,
  SYNC: 0x05,
  MAPD: 0x08,
  MAPC: 0x09,
  MAPTI: 0x0a,
  INV: 0x0c,
  INVALL: 0x0d,
  DISCARD: 0x0f,
  VMOVI: 0x21,
  VMOVP: 0x22,
  VSYNC: 0x25,
  VMAPP: 0x29,
  VMAPTI: 0x2a,
  VINVALL: 0x2d,
} as const;

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

interface DeviceSlot {
  readonly deviceId: number;
  /** ITT entries reserved in the store, and where they start. */
  readonly capacity: number;
  readonly base: number;
}

export class Its {
  readonly index: number;
  readonly base: number;
  /** Base of a pre-ITS, which makes the DeviceID from the address of the write. */
  readonly preIts: number | undefined;
  readonly eventIdBits: number;
  readonly deviceIdBits: number;
  /** GITS_BASER.Indirect; undefined: nobody asked. */
  readonly deviceTable: 'flat' | 'indirect' | undefined;
  private readonly slots: readonly DeviceSlot[];
  private readonly slotOf: ReadonlyMap<number, number>;
  private readonly dteValid: Column;
  /** Number of EventID bits that MAPD gave. */
  private readonly dteSize: Column;
  private readonly iteLpi: Column;
  private readonly iteCollection: CpuColumn;
  /** Redistributor + 1. */
  private readonly collection: Column;
  readonly virtual: ItsVirtual | undefined;
  /**
   * vPE + 1 of an entry that stands for a vLPI, whose INTID is in iteLpi; no entries without GICv4.
   */
  private readonly iteVpe: Column;
  /** What was posted and has not taken effect. */
  readonly queue: CommandFifo;
  private readonly redistributors: Redistributors;
  private readonly log: EventLog;

  constructor(
    store: Store,
    log: EventLog,
    redistributors: Redistributors,
    config: {
      index: number;
      base: number;
      preIts?: number | undefined;
      eventIdBits: number;
      deviceIdBits: number;
      deviceTable?: 'flat' | 'indirect' | undefined;
      cpus: number;
      virtual?: ItsVirtual | undefined;
      /**
       * DeviceIDs that the topology has behind this ITS, with the EventIDs each may use, and whose
       * it is; -1: of several.
       */
      devices: readonly { deviceId: number; events: number; device: number }[];
      /** Room of the command queue; 0, or left out, where a SYNC follows each command at once. */
      queue?: number;
    },
  ) {
    this.index = config.index;
    this.base = config.base;
    this.preIts = config.preIts;
    this.eventIdBits = config.eventIdBits;
    this.deviceIdBits = config.deviceIdBits;
    this.deviceTable = config.deviceTable;
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
    this.redistributors = redistributors;
    this.log = log;
    this.queue = new CommandFifo(store, config.queue ?? 0, (op, deviceId, eventId, x, y) =>
      this.carryOut(op, deviceId, eventId, x, y),
    );
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

  /** A write of EventID to GITS_TRANSLATER by DeviceID. Returns as translate(). */
  write(deviceId: number, eventId: number): number {
    const lpi = this.translate(deviceId, eventId);
    if (lpi < 0) return lpi;
    const vpe = this.vpeAt(deviceId, eventId);
    if (vpe < 0) this.redistributors.raise(lpi, this.targetOf(deviceId, eventId));
    else this.virtual?.lpis.raise(vpe, lpi, this.residenceOf(vpe));
    return lpi;
  }

  /** MAPD: ITT of 2**eventBits entries for the device, or none. */
  mapd(deviceId: number, eventBits: number, valid: boolean): void {
    this.queue.drain();
    const slot = this.slotOf.get(deviceId);
    const bad =
      slot === undefined || deviceId >= 2 ** this.deviceIdBits || eventBits > this.eventIdBits;
    this.command(ITS_COMMAND.MAPD, deviceId, 0, eventBits, valid ? 1 : 0, bad);
    if (bad) return;
    // The entries of a new ITT are those of zeroed memory: Linux allocates it with kzalloc.
    const { base, capacity } = this.slots[slot] as DeviceSlot;
    for (let i = base; i < base + capacity; i++) this.enter(i, 0, -1);
    this.dteValid.set(slot, valid ? 1 : 0);
    this.dteSize.set(slot, eventBits);
  }

  mapc(collection: number, redistributor: number): void {
    this.queue.drain();
    this.command(ITS_COMMAND.MAPC, 0, 0, redistributor, collection, false);
    this.collection.set(collection, redistributor + 1);
  }

  mapti(deviceId: number, eventId: number, lpi: number, collection: number): void {
    this.queue.post(ITS_COMMAND.MAPTI, deviceId, eventId, lpi, collection);
  }

  /** VMAPTI: the event becomes a vLPI of a vPE. */
  vmapti(deviceId: number, eventId: number, vintid: number, vpe: number): void {
    this.queue.post(ITS_COMMAND.VMAPTI, deviceId, eventId, vintid, vpe);
  }

  /** VMOVI: the vLPI goes to another vPE of its guest. */
  vmovi(deviceId: number, eventId: number, vpe: number): void {
    this.queue.post(ITS_COMMAND.VMOVI, deviceId, eventId, 0, vpe);
  }

  /** VMAPP: a vPE is resident at a redistributor, or with V = 0 nowhere. */
  vmapp(vpe: number, redistributor: number, valid: boolean): void {
    this.queue.drain();
    const bad = this.virtual === undefined;
    this.command(ITS_COMMAND.VMAPP, 0, vpe, redistributor, valid ? 1 : 0, bad);
    this.virtual?.vpes.set(vpe, valid ? redistributor + 1 : 0);
  }

  /** VMOVP of a vPE that is not mapped is a command error. IHI 0069H 5.3.21. */
  vmovp(vpe: number, redistributor: number): void {
    this.queue.drain();
    const bad = this.residenceOf(vpe) < 0;
    this.command(ITS_COMMAND.VMOVP, 0, vpe, redistributor, 0, bad);
    if (!bad) this.virtual?.vpes.set(vpe, redistributor + 1);
  }

  /** Nothing is cached before the first vLPI of a vPE is mapped, which is when Linux sends it. */
  vinvall(vpe: number): void {
    this.queue.drain();
    this.command(ITS_COMMAND.VINVALL, 0, vpe, 0, 0, this.residenceOf(vpe) < 0);
  }

  /** GICv4.1: a VSYNC of a vPE that is not mapped is a command error (VSYNC_VCPU_INVALID). */
  vsync(vpe: number): void {
    this.queue.drain();
    const bad = this.virtual?.version === 'gicv4.1' && this.residenceOf(vpe) < 0;
    this.command(ITS_COMMAND.VSYNC, 0, vpe, 0, 0, bad);
  }

  movi(deviceId: number, eventId: number, collection: number): void {
    this.queue.post(ITS_COMMAND.MOVI, deviceId, eventId, 0, collection);
  }

  discard(deviceId: number, eventId: number): void {
    this.queue.post(ITS_COMMAND.DISCARD, deviceId, eventId);
  }

  invall(collection: number): void {
    this.queue.post(ITS_COMMAND.INVALL, 0, 0, 0, collection);
  }

  inv(deviceId: number, eventId: number): void {
    this.queue.post(ITS_COMMAND.INV, deviceId, eventId);
  }

  sync(redistributor: number): void {
    this.queue.sync();
    this.command(ITS_COMMAND.SYNC, 0, 0, 0, redistributor, false);
  }

  private carryOut(op: number, deviceId: number, eventId: number, x: number, y: number): void {
    if (op === ITS_COMMAND.INVALL) {
      this.command(op, 0, 0, 0, y, false);
      this.rereadCollection(y);
      return;
    }
    const isNew = op === ITS_COMMAND.MAPTI || op === ITS_COMMAND.VMAPTI;
    const ite = isNew ? this.commandEntry(deviceId, eventId) : this.mappedEntry(deviceId, eventId);
    const bad = ite < 0 || this.isRefused(op, ite, x, y);
    this.command(op, deviceId, eventId, x, y, bad);
    if (bad) return;
    const vpe = this.vpeOf(ite);
    switch (op) {
      case ITS_COMMAND.MAPTI:
        this.enter(ite, x, -1);
        this.iteCollection.set(ite, y);
        return;
      case ITS_COMMAND.MOVI:
        this.iteCollection.set(ite, y);
        this.redistributors.move(this.iteLpi.get(ite), this.collection.get(y) - 1);
        return;
      case ITS_COMMAND.DISCARD:
        if (vpe < 0) this.redistributors.clearPending(this.iteLpi.get(ite));
        else this.virtual?.lpis.clearPending(vpe, this.iteLpi.get(ite));
        this.enter(ite, 0, -1);
        return;
      case ITS_COMMAND.VMAPTI:
        this.enter(ite, x, y);
        return;
      case ITS_COMMAND.VMOVI:
        this.iteVpe.set(ite, y + 1);
        this.virtual?.lpis.move(this.iteLpi.get(ite), y);
        return;
      default:
        if (vpe < 0) this.redistributors.invalidate(this.iteLpi.get(ite));
        else this.virtual?.lpis.invalidate(vpe, this.iteLpi.get(ite), this.residenceOf(vpe));
    }
  }

  /** INVALL: what is cached of a collection's LPIs is read again. */
  private rereadCollection(collection: number): void {
    for (const { base, capacity } of this.slots) {
      for (let ite = base; ite < base + capacity; ite++) {
        const lpi = this.vpeOf(ite) < 0 ? this.iteLpi.get(ite) : 0;
        if (lpi !== 0 && this.iteCollection.get(ite) === collection)
          this.redistributors.invalidate(lpi);
      }
    }
  }

  /** Why a command is a command error whose entry is there. */
  private isRefused(op: number, ite: number, x: number, y: number): boolean {
    switch (op) {
      case ITS_COMMAND.MAPTI:
        return !this.redistributors.has(x);
      case ITS_COMMAND.MOVI:
        return this.vpeOf(ite) >= 0;
      case ITS_COMMAND.VMAPTI:
        return this.residenceOf(y) < 0 || this.virtual?.lpis.has(y, x) !== true;
      case ITS_COMMAND.VMOVI:
        return this.vpeOf(ite) < 0 || this.residenceOf(y) < 0;
      default:
        return false;
    }
  }

  private command(
    op: number,
    deviceId: number,
    eventId: number,
    x: number,
    y: number,
    bad: boolean,
  ): void {
    this.log.emit(EVENT.command, this.index, op, deviceId, eventId, x, y, bad ? 1 : 0);
  }

  private enter(ite: number, intid: number, vpe: number): void {
    this.iteLpi.set(ite, intid);
    if (this.virtual !== undefined) this.iteVpe.set(ite, vpe + 1);
  }

  /** vPE of an entry, or -1. */
  private vpeOf(ite: number): number {
    return this.virtual === undefined || ite < 0 ? -1 : this.iteVpe.get(ite) - 1;
  }

  /** Row of the ITE, or -1 where the EventID lies outside the ITT. */
  private entry(slot: number, eventId: number): number {
    const { base, capacity } = this.slots[slot] ?? { base: 0, capacity: 0 };
    return eventId >= 0 && eventId < capacity && eventId < 2 ** this.dteSize.get(slot)
      ? base + eventId
      : -1;
  }

  private commandEntry(deviceId: number, eventId: number): number {
    const slot = this.slotOf.get(deviceId);
    if (slot === undefined || this.dteValid.get(slot) === 0) return -1;
    return this.entry(slot, eventId);
  }

  private mappedEntry(deviceId: number, eventId: number): number {
    const ite = this.commandEntry(deviceId, eventId);
    return ite >= 0 && this.iteLpi.get(ite) !== 0 ? ite : -1;
  }
}
