/**
 * What genirq and the MSI core remember of each vector: struct irq_desc, irq_data and msi_desc.
 * Rows are machine-wide vector numbers. A multi-vector MSI block has one msi_desc, in the row of
 * its first vector.
 */
import { CpuColumn } from '../state/cpu-column.ts';
import type { Column, RowOf, Store, WideColumn } from '../state/store.ts';

/** Bits of `state`. */
export const IRQ = {
  allocated: 1,
  activated: 2,
  started: 4,
  /** IRQD_AFFINITY_MANAGED. */
  managed: 8,
  /** IRQD_MANAGED_SHUTDOWN: no CPU of its mask is online. */
  managedShutdown: 16,
  /** Masked by the driver: what a restore writes back. */
  masked: 32,
  /** IRQD_AFFINITY_SET, kept only for devices in VFIO containers: no other path asks. */
  placed: 64,
} as const;

export class Irqs {
  /** irq_data.hwirq: EventID, SPI, or identity. */
  readonly hwirq: Column;
  /** Effective affinity: CPU that the controller sends it to. */
  readonly cpu: CpuColumn;
  /** desc->msg: the message last written. */
  readonly messageHi: Column;
  readonly messageLo: Column;
  readonly messageData: Column;
  /**
   * Design's per-desc pointer: binding + 1 that the programmed message uses (tracked, linux-5.2).
   */
  readonly binding: Column;
  /** desc->iommu_msi_iova << shift and iommu_msi_shift (linux-6.15); shift 0: use the PA. */
  readonly iova: WideColumn;
  readonly shift: Column;
  private readonly state: Column;
  private readonly mask: Column;
  private readonly maskWords: number;

  constructor(store: Store, vectors: number, cpus: number, deviceOf: (vector: number) => number) {
    const irq: RowOf = { part: 'irq', device: deviceOf, vector: (row) => row };
    this.state = store.column(vectors, irq);
    this.hwirq = store.column(vectors, irq);
    this.cpu = new CpuColumn(store.column(vectors, { ...irq, holds: 'cpuPlus1' }));
    this.messageHi = store.column(vectors, irq);
    this.messageLo = store.column(vectors, { ...irq, holds: 'address' });
    this.messageData = store.column(vectors, irq);
    this.binding = store.column(vectors, irq);
    this.iova = store.wideColumn(vectors, irq);
    this.shift = store.column(vectors, irq);
    this.maskWords = Math.ceil(cpus / 32);
    this.mask = store.column(vectors * this.maskWords, {
      part: 'irq',
      device: (row) => deviceOf(Math.floor(row / this.maskWords)),
      vector: (row) => Math.floor(row / this.maskWords),
      holds: 'cpuMask',
    });
  }

  is(vector: number, bit: number): boolean {
    return (this.state.get(vector) & bit) !== 0;
  }

  mark(vector: number, bit: number): void {
    this.state.set(vector, this.state.get(vector) | bit);
  }

  unmark(vector: number, bit: number): void {
    this.state.set(vector, this.state.get(vector) & ~bit);
  }

  /** irq_common_data.affinity. */
  allows(vector: number, cpu: number): boolean {
    return (this.mask.get(vector * this.maskWords + (cpu >>> 5)) & (1 << (cpu & 31))) !== 0;
  }

  affinityWord(vector: number, w: number): number {
    return this.mask.get(vector * this.maskWords + w);
  }

  /** Whether some CPU of the affinity passes the test. */
  hasCpu(vector: number, test: (cpu: number) => boolean): boolean {
    for (let cpu = 0; cpu < 32 * this.maskWords; cpu++)
      if (this.allows(vector, cpu) && test(cpu)) return true;
    return false;
  }

  setAffinity(vector: number, word: (w: number) => number): void {
    for (let w = 0; w < this.maskWords; w++) this.mask.set(vector * this.maskWords + w, word(w));
  }

  /** Frees the descriptor: what is left of it is nothing. */
  forget(vector: number): void {
    for (const column of [this.state, this.hwirq, this.binding, this.shift]) column.set(vector, 0);
    this.cpu.forget(vector);
    for (const column of [this.messageHi, this.messageLo, this.messageData]) column.set(vector, 0);
    this.iova.set(vector, 0);
    this.setAffinity(vector, () => 0);
  }
}
