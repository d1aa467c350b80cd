/**
 * The message registers of a device, and when it may write: MSI capability, MSI-X table and PBA
 * (PCI Local Bus 3.0 6.8), or the message registers of a platform device.
 *
 * Rows are machine-wide vector numbers. An MSI capability has one address and data (kept in the row
 * of the device's first vector) and replaces the low bits of the data by the vector's number.
 */
import type { Column, RowOf, Store } from '../../state/store.ts';

/** Which mechanism is enabled. */
export const MSI_MODE = { off: 0, msi: 1, msix: 2, platform: 3 } as const;

export interface FunctionLayout {
  readonly firstVector: number;
  readonly msi:
    | { readonly addressBits: number; readonly maskable: boolean; readonly latches?: boolean }
    | undefined;
  /** MSI is held back while entries of the MSI-X table are masked. */
  readonly masksMsi?: boolean;
  /** A bridge from wires: every message goes there, and always could (REG_MBIGEN_VEC_OFFSET). */
  readonly fixedDoorbell?: number;
}

/** IRQ_EVENT_ID_MASK: bits of the EventID in a vector register of an mbigen. */
const WIRED_EVENT_MASK = 0x3ff;

/** What a device does when a vector's condition arises. */
export type Emission = 'send' | 'pending' | 'disabled';

export class MsiFunctions {
  private readonly addressLo: Column;
  private readonly addressHi: Column;
  private readonly messageData: Column;
  private readonly masked: Column;
  private readonly pendingBit: Column;
  private readonly mode: Column;
  /** MSI Enable, MSI-X Enable. */
  private readonly enabled: Column;
  /** Multiple Message Enable: log2 of the vectors in use. */
  private readonly multiple: Column;
  /** MSI-X Function Mask. */
  private readonly functionMask: Column;
  /** Memory decoding off (Command.Memory Space clear): the MSI-X table cannot be reached. */
  private readonly noDecode: Column;
  /** The MSI-X table was left masked. */
  private readonly tableMasked: Column;
  /** In D3: nothing can be written, nothing is sent. */
  private readonly off: Column;
  private readonly layout: readonly FunctionLayout[];

  constructor(store: Store, layout: readonly FunctionLayout[], vectors: number) {
    this.layout = layout;
    const devices = Array.from({ length: vectors }, (_, vector) =>
      layout.findLastIndex(({ firstVector }) => firstVector <= vector),
    );
    const ofVector: RowOf = {
      part: 'function',
      device: (vector) => devices[vector] as number,
      vector: (vector) => vector,
    };
    const ofDevice: RowOf = { part: 'function', device: (device) => device };
    this.addressLo = store.column(vectors, { ...ofVector, holds: 'address' });
    this.addressHi = store.column(vectors, ofVector);
    this.messageData = store.column(vectors, ofVector);
    this.masked = store.column(vectors, ofVector);
    this.pendingBit = store.column(vectors, ofVector);
    this.mode = store.column(layout.length, ofDevice);
    this.enabled = store.column(layout.length, ofDevice);
    this.multiple = store.column(layout.length, ofDevice);
    this.functionMask = store.column(layout.length, ofDevice);
    this.noDecode = store.column(layout.length, ofDevice);
    this.tableMasked = store.column(layout.length, ofDevice);
    this.off = store.column(layout.length, ofDevice);
  }

  modeOf(device: number): number {
    return this.mode.get(device);
  }

  setMode(device: number, mode: number): void {
    this.mode.set(device, mode);
  }

  setEnabled(device: number, enabled: boolean): void {
    this.enabled.set(device, enabled ? 1 : 0);
  }

  setMultiple(device: number, log2: number): void {
    this.multiple.set(device, log2);
  }

  setFunctionMask(device: number, masked: boolean): void {
    this.functionMask.set(device, masked ? 1 : 0);
  }

  isMasked(vector: number): boolean {
    return this.masked.get(vector) !== 0;
  }

  isPending(vector: number): boolean {
    return this.pendingBit.get(vector) !== 0;
  }

  setPending(vector: number, pending: boolean): void {
    this.pendingBit.set(vector, pending ? 1 : 0);
  }

  /** The mask bit; a device without per-vector masking ignores it. Returns whether it took. */
  setMasked(device: number, vector: number, masked: boolean): boolean {
    if (!this.canMask(device) || this.isOutOfReach(device)) return false;
    this.masked.set(vector, masked ? 1 : 0);
    return true;
  }

  canMask(device: number): boolean {
    const mode = this.mode.get(device);
    if (mode === MSI_MODE.msix) return true;
    return mode === MSI_MODE.msi && (this.at(device).msi?.maskable ?? false);
  }

  /**
   * Function-level reset: registers as after power-on, MSI-X entries masked. The mechanism that the
   * kernel set up is remembered here only so that a restore finds it.
   */
  reset(device: number): void {
    const { firstVector, fixedDoorbell = 0 } = this.at(device);
    const isMsix = this.mode.get(device) === MSI_MODE.msix;
    for (let row = firstVector; row < this.endOf(device); row++) {
      this.addressLo.set(row, fixedDoorbell | 0);
      this.addressHi.set(row, (fixedDoorbell / 2 ** 32) | 0);
      this.messageData.set(row, 0);
      this.masked.set(row, isMsix ? 1 : 0);
      this.pendingBit.set(row, 0);
    }
    this.enabled.set(device, 0);
    this.multiple.set(device, 0);
    this.functionMask.set(device, 0);
    this.tableMasked.set(device, 0);
  }

  setTableMasked(device: number, masked: boolean): void {
    this.tableMasked.set(device, masked ? 1 : 0);
  }

  setDecode(device: number, on: boolean): void {
    this.noDecode.set(device, on ? 0 : 1);
  }

  setPower(device: number, on: boolean): void {
    this.off.set(device, on ? 0 : 1);
  }

  private endOf(device: number): number {
    return this.layout[device + 1]?.firstVector ?? this.masked.length;
  }

  private isOutOfReach(device: number): boolean {
    if (this.off.get(device) !== 0) return true;
    return this.mode.get(device) === MSI_MODE.msix && this.noDecode.get(device) !== 0;
  }

  /**
   * Writes of the message that change nothing: the registers cannot be reached, or the device
   * latched what they held when MSI was enabled.
   */
  private isDeaf(device: number): boolean {
    if (this.isOutOfReach(device)) return true;
    return (
      this.mode.get(device) === MSI_MODE.msi &&
      this.enabled.get(device) !== 0 &&
      this.at(device).msi?.latches === true
    );
  }

  /** Message Address (lower). Bits 1:0 are hardwired to zero. */
  writeAddressLo(device: number, row: number, value: number): void {
    if (this.isDeaf(device) || this.isWired(device)) return;
    this.addressLo.set(row, value & ~3);
  }

  /** Message Upper Address: not there in a 32-bit MSI capability; the write goes nowhere. */
  writeAddressHi(device: number, row: number, value: number): void {
    const layout = this.at(device);
    if (this.mode.get(device) === MSI_MODE.msi && layout.msi?.addressBits === 32) return;
    if (this.isDeaf(device) || this.isWired(device)) return;
    const bits = layout.msi?.addressBits ?? 64;
    const mask = this.mode.get(device) === MSI_MODE.msi && bits < 64 ? 2 ** (bits - 32) - 1 : -1;
    this.addressHi.set(row, value & mask);
  }

  writeData(device: number, row: number, value: number): void {
    if (this.isDeaf(device)) return;
    this.messageData.set(row, this.isWired(device) ? value & WIRED_EVENT_MASK : value);
  }

  lo(row: number): number {
    return this.addressLo.get(row) >>> 0;
  }

  hi(row: number): number {
    return this.addressHi.get(row) >>> 0;
  }

  data(row: number): number {
    return this.messageData.get(row) >>> 0;
  }

  /** Row that holds the message of a vector. */
  rowOf(device: number, vector: number): number {
    return this.mode.get(device) === MSI_MODE.msi ? this.at(device).firstVector : vector;
  }

  /** Data that the device writes for a vector. */
  sentData(device: number, vector: number): number {
    const row = this.rowOf(device, vector);
    const data = this.data(row);
    if (this.mode.get(device) !== MSI_MODE.msi) return data;
    const low = 2 ** this.multiple.get(device) - 1;
    return ((data & ~low) | (vector - row)) >>> 0;
  }

  emission(device: number, vector: number): Emission {
    // A wire knows nothing of drivers.
    if (this.isWired(device)) return 'send';
    const mode = this.mode.get(device);
    if (mode === MSI_MODE.off || this.enabled.get(device) === 0) return 'disabled';
    // A platform device has no enable bit here: one whose message was never written, or was zeroed,
    // is quiet.
    if (mode === MSI_MODE.platform && this.lo(vector) === 0 && this.hi(vector) === 0)
      return 'disabled';
    if (mode === MSI_MODE.msi) {
      const used = 2 ** this.multiple.get(device);
      if (vector - this.at(device).firstVector >= used) return 'disabled';
      if (this.tableMasked.get(device) !== 0 && this.at(device).masksMsi === true) return 'pending';
    }
    if (mode === MSI_MODE.msix && this.functionMask.get(device) !== 0) return 'pending';
    return this.masked.get(vector) !== 0 ? 'pending' : 'send';
  }

  private isWired(device: number): boolean {
    return this.at(device).fixedDoorbell !== undefined;
  }

  private at(device: number): FunctionLayout {
    const layout = this.layout[device];
    if (layout === undefined) throw new Error(`IMPOSSIBLE: no device ${device}`);
    return layout;
  }
}
