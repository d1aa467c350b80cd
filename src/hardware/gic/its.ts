/**
 * GICv3 Interrupt Translation Service: device table, interrupt translation tables, collections and
 * the commands that fill them. IHI 0069H chapter 5 and 12.18.
 *
 * MAPTI, MOVI, DISCARD and INV go through a queue, in order, and are certain at SYNC. MAPD and MAPC take effect
 * after what is in the queue, at once: Linux adds no SYNC to MAPD and waits for GITS_CREADR, and no redistributor
 * is concerned. A command is recorded when the ITS carries it out. Not modelled: vLPIs (GICv4), MOVALL,
 * caching of the tables by the ITS, the memory addresses of the tables.
 */
import { EVENT, type EventLog } from '../../events/event-log.ts';
import type { Column, Store } from '../../state/store.ts';
import { CommandFifo } from '../command-fifo.ts';
import type { Redistributors } from './redistributor.ts';

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
} as const;

/** Why a translation failed; 0 and above is an LPI. */
export const ITS_MISS = {
  deviceUnmapped: -1,
  eventOutOfRange: -2,
  eventUnmapped: -3,
  collectionUnmapped: -4,
} as const;

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
  private readonly slots: readonly DeviceSlot[];
  private readonly slotOf: ReadonlyMap<number, number>;
  private readonly dteValid: Column;
  /** Number of EventID bits that MAPD gave. */
  private readonly dteSize: Column;
  private readonly iteLpi: Column;
  private readonly iteCollection: Column;
  /** Redistributor + 1. */
  private readonly collection: Column;
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
      cpus: number;
      /** DeviceIDs that the topology has behind this ITS, with the EventIDs each may use. */
      devices: readonly { deviceId: number; events: number }[];
      /** Room of the command queue; 0, or left out, where a SYNC follows each command at once. */
      queue?: number;
    },
  ) {
    this.index = config.index;
    this.base = config.base;
    this.preIts = config.preIts;
    this.eventIdBits = config.eventIdBits;
    this.deviceIdBits = config.deviceIdBits;
    let entries = 0;
    this.slots = config.devices.map(({ deviceId, events }) => {
      const slot = { deviceId, capacity: events, base: entries };
      entries += events;
      return slot;
    });
    this.slotOf = new Map(this.slots.map((slot, index) => [slot.deviceId, index]));
    this.dteValid = store.column(this.slots.length);
    this.dteSize = store.column(this.slots.length);
    this.iteLpi = store.column(entries);
    this.iteCollection = store.column(entries);
    this.collection = store.column(config.cpus);
    this.redistributors = redistributors;
    this.log = log;
    this.queue = new CommandFifo(store, config.queue ?? 0, (op, deviceId, eventId, x, y) =>
      this.carryOut(op, deviceId, eventId, x, y),
    );
  }

  get cpus(): number {
    return this.collection.length;
  }

  /** The LPI that (DeviceID, EventID) stands for, or one of ITS_MISS. Changes nothing. */
  translate(deviceId: number, eventId: number): number {
    const slot = this.slotOf.get(deviceId);
    if (slot === undefined || this.dteValid.get(slot) === 0) return ITS_MISS.deviceUnmapped;
    const ite = this.entry(slot, eventId);
    if (ite < 0) return ITS_MISS.eventOutOfRange;
    const lpi = this.iteLpi.get(ite);
    if (lpi === 0) return ITS_MISS.eventUnmapped;
    if (this.collection.get(this.iteCollection.get(ite)) === 0) return ITS_MISS.collectionUnmapped;
    return lpi;
  }

  /** Redistributor that a translated event goes to. */
  targetOf(deviceId: number, eventId: number): number {
    const ite = this.entry(this.slotOf.get(deviceId) ?? -1, eventId);
    return this.collection.get(this.iteCollection.get(ite)) - 1;
  }

  /** A write of EventID to GITS_TRANSLATER by DeviceID. Returns as translate(). */
  write(deviceId: number, eventId: number): number {
    const lpi = this.translate(deviceId, eventId);
    if (lpi >= 0) this.redistributors.raise(lpi, this.targetOf(deviceId, eventId));
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
    for (let i = base; i < base + capacity; i++) this.iteLpi.set(i, 0);
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

  movi(deviceId: number, eventId: number, collection: number): void {
    this.queue.post(ITS_COMMAND.MOVI, deviceId, eventId, 0, collection);
  }

  discard(deviceId: number, eventId: number): void {
    this.queue.post(ITS_COMMAND.DISCARD, deviceId, eventId);
  }

  /** What the redistributors cache of a collection's LPIs is read again. After what is in the queue, at once, as MAPC. */
  invall(collection: number): void {
    this.queue.drain();
    this.command(ITS_COMMAND.INVALL, 0, 0, 0, collection, false);
    for (const { base, capacity } of this.slots) {
      for (let ite = base; ite < base + capacity; ite++) {
        const lpi = this.iteLpi.get(ite);
        if (lpi !== 0 && this.iteCollection.get(ite) === collection)
          this.redistributors.invalidate(lpi);
      }
    }
  }

  inv(deviceId: number, eventId: number): void {
    this.queue.post(ITS_COMMAND.INV, deviceId, eventId);
  }

  sync(redistributor: number): void {
    this.queue.drain();
    this.command(ITS_COMMAND.SYNC, 0, 0, 0, redistributor, false);
  }

  private carryOut(op: number, deviceId: number, eventId: number, x: number, y: number): void {
    const isNew = op === ITS_COMMAND.MAPTI;
    const ite = isNew ? this.commandEntry(deviceId, eventId) : this.mappedEntry(deviceId, eventId);
    const bad = ite < 0 || (isNew && !this.redistributors.has(x));
    this.command(op, deviceId, eventId, x, y, bad);
    if (bad) return;
    switch (op) {
      case ITS_COMMAND.MAPTI:
        this.iteLpi.set(ite, x);
        this.iteCollection.set(ite, y);
        return;
      case ITS_COMMAND.MOVI:
        this.iteCollection.set(ite, y);
        this.redistributors.move(this.iteLpi.get(ite), this.collection.get(y) - 1);
        return;
      case ITS_COMMAND.DISCARD:
        this.redistributors.clearPending(this.iteLpi.get(ite));
        this.iteLpi.set(ite, 0);
        return;
      default:
        this.redistributors.invalidate(this.iteLpi.get(ite));
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
