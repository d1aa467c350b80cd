/**
 * GICv3 Interrupt Translation Service: the commands that fill its tables (its-tables.ts), and
 * writes to GITS_TRANSLATER. IHI 0069H chapter 5 and 12.18.
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
import type { Store } from '../../state/store.ts';
import { CommandFifo } from '../command-fifo.ts';
import { type DeviceSlot, ItsTables, type ItsTableSizes } from './its-tables.ts';
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
  VMOVI: 0x21,
  VMOVP: 0x22,
  VSYNC: 0x25,
  VMAPP: 0x29,
  VMAPTI: 0x2a,
  VINVALL: 0x2d,
} as const;

export class Its extends ItsTables {
  readonly index: number;
  readonly base: number;
  /** Base of a pre-ITS, which makes the DeviceID from the address of the write. */
  readonly preIts: number | undefined;
  readonly eventIdBits: number;
  readonly deviceIdBits: number;
  /** GITS_BASER.Indirect; undefined: nobody asked. */
  readonly deviceTable: 'flat' | 'indirect' | undefined;
  /** What was posted and has not taken effect. */
  readonly queue: CommandFifo;
  private readonly redistributors: Redistributors;
  private readonly log: EventLog;

  constructor(
    store: Store,
    log: EventLog,
    redistributors: Redistributors,
    config: ItsTableSizes & {
      index: number;
      base: number;
      eventIdBits: number;
      deviceIdBits: number;
      deviceTable?: 'flat' | 'indirect' | undefined;
      /** Room of the command queue; 0, or left out, where a SYNC follows each command at once. */
      queue?: number;
    },
  ) {
    super(store, config);
    this.index = config.index;
    this.base = config.base;
    this.preIts = config.preIts;
    this.eventIdBits = config.eventIdBits;
    this.deviceIdBits = config.deviceIdBits;
    this.deviceTable = config.deviceTable;
    this.redistributors = redistributors;
    this.log = log;
    this.queue = new CommandFifo(store, config.queue ?? 0, (op, deviceId, eventId, x, y) =>
      this.carryOut(op, deviceId, eventId, x, y),
    );
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
}
