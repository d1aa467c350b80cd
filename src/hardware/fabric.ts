/**
 * The way of a device's write: requester -> StreamID -> SMMU -> bus -> doorbell. Each stage may
 * refuse, and what it records has its architectural name. An MSI is an ordinary posted write: one
 * that is refused is lost, nobody tries again.
 */
import { EVENT, type EventLog } from '../events/event-log.ts';
import { ARRIVAL, type Bus } from './bus.ts';
import { CLRSPI_NSR, SETSPI_NSR } from './gic/mbi.ts';
import type { InBridgeMsi } from './msi/in-bridge.ts';
import type { MsiFunctions } from './pci/msi-function.ts';
import { FAULT, type Smmu } from './smmu/smmu.ts';

/** Reasons of EVENT.lost beyond ARRIVAL. */
export const LOST = { disabled: 100, aborted: 101, nobody: 102 } as const;

export interface Requester {
  readonly firstVector: number;
  /** Undefined: nothing between the device and the bus. */
  readonly smmu: Smmu | undefined;
  readonly streamId: number;
  /** The hardware passes MSIs by the SMMU (HiSilicon 161010801). */
  readonly untranslatedMsi: boolean;
  readonly deviceId: number;
  /** The controller in the host bridge above the device. */
  readonly bridge?: InBridgeMsi | undefined;
}

const TWO_32 = 2 ** 32;

export class Fabric {
  private readonly requesters: readonly Requester[];
  private readonly bus: Bus;
  private readonly functions: MsiFunctions;
  private readonly log: EventLog;

  constructor(requesters: readonly Requester[], bus: Bus, functions: MsiFunctions, log: EventLog) {
    this.requesters = requesters;
    this.bus = bus;
    this.functions = functions;
    this.log = log;
  }

  /**
   * The vector's condition arises: the device writes its message, latches it pending, or cannot.
   */
  fire(device: number, vector: number): void {
    switch (this.functions.emission(device, vector)) {
      case 'disabled':
        this.log.emit(EVENT.lost, vector + 1, LOST.disabled);
        return;
      case 'pending':
        this.functions.setPending(vector, true);
        return;
      case 'send':
        this.send(device, vector);
    }
  }

  /** A mask bit was cleared: a latched interrupt goes out. */
  unmasked(device: number, vector: number): void {
    if (!this.functions.isPending(vector) || this.functions.emission(device, vector) !== 'send')
      return;
    this.functions.setPending(vector, false);
    this.send(device, vector);
  }

  /**
   * A level-triggered MSI ends: msg[1], which is GICD_CLRSPI_NSR in the page of msg[0], eight bytes
   * above it, with the same data. Nothing else sends a second message.
   */
  release(device: number, vector: number): void {
    if (this.functions.emission(device, vector) !== 'send') return;
    const row = this.functions.rowOf(device, vector);
    const lo = this.functions.lo(row) + CLRSPI_NSR - SETSPI_NSR;
    this.write(device, vector, this.functions.hi(row), lo, this.functions.sentData(device, vector));
  }

  private send(device: number, vector: number): void {
    const row = this.functions.rowOf(device, vector);
    this.write(
      device,
      vector,
      this.functions.hi(row),
      this.functions.lo(row),
      this.functions.sentData(device, vector),
    );
  }

  /**
   * A DMA write; `vector` is -1 for one that is no MSI: a doorbell cannot tell. Returns the PA, or
   * minus a FAULT code.
   */
  write(device: number, vector: number, hi: number, lo: number, data: number): number {
    const requester = this.requesters[device] as Requester;
    this.log.emit(EVENT.write, device, vector + 1, hi, lo, data);
    const address = hi * TWO_32 + lo;
    if (requester.bridge?.base === address) return this.caught(requester.bridge, vector, data);
    const isPassedBy = requester.smmu === undefined || (vector >= 0 && requester.untranslatedMsi);
    const pa = isPassedBy ? address : (requester.smmu?.access(requester.streamId, address) ?? 0);
    if (pa < 0) {
      if (pa === -FAULT.ABORT) this.log.emit(EVENT.lost, vector + 1, LOST.aborted);
      else this.log.emit(EVENT.fault, device, requester.streamId, hi, lo, -pa);
      return pa;
    }
    const arrival = this.bus.write(pa, data, requester.deviceId);
    // Memory is where DMA is meant to go.
    if (arrival !== ARRIVAL.raised && !(vector < 0 && arrival === ARRIVAL.memory))
      this.log.emit(EVENT.lost, vector + 1, arrival);
    return pa;
  }

  /** The write ends in the host bridge: nothing behind it sees it. */
  private caught(bridge: InBridgeMsi, vector: number, data: number): number {
    if (bridge.has(data)) bridge.raise(data);
    else this.log.emit(EVENT.lost, vector + 1, ARRIVAL.messageUnknown);
    return bridge.base;
  }
}
