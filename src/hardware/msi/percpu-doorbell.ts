/**
 * One doorbell page per CPU; a write of an identity raises that identity on that CPU. Serves the
 * RISC-V IMSIC (AIA 3.5: SETEIPNUM_LE is the page's first word, identity 0 is none) and the
 * review's controller, which has the register at +0x40 like GICR_SETLPIR (IHI 0069H 12.11.31).
 * Identities are local to the CPU, enable and pending bit for each.
 */
import type { Column, RowOf, Store } from '../../state/store.ts';
import type { CpuInterfaces } from '../interrupts.ts';

export const DOORBELL_REGISTER = 0x40;

export class PercpuDoorbells {
  readonly index: number;
  readonly base: number;
  readonly stride: number;
  readonly identities: number;
  readonly cpus: number;
  /** Offset of the doorbell in a CPU's page, and the first identity. */
  readonly register: number;
  readonly first: number;
  private readonly enabled: Column;
  private readonly pending: Column;
  private readonly interfaces: CpuInterfaces;

  constructor(
    store: Store,
    config: {
      index: number;
      base: number;
      stride: number;
      identities: number;
      cpus: number;
      register?: number;
      first?: number;
    },
    interfaces: CpuInterfaces,
  ) {
    this.index = config.index;
    this.base = config.base;
    this.stride = config.stride;
    this.identities = config.identities;
    this.cpus = config.cpus;
    this.register = config.register ?? DOORBELL_REGISTER;
    this.first = config.first ?? 0;
    const ofCpu: RowOf = {
      part: 'gic',
      controller: config.index,
      cpu: (row) => Math.floor(row / config.identities),
    };
    this.enabled = store.column(config.cpus * config.identities, ofCpu);
    this.pending = store.column(config.cpus * config.identities, ofCpu);
    this.interfaces = interfaces;
  }

  /** CPU whose page holds the address, or -1. */
  cpuOf(pa: number): number {
    const cpu = Math.floor((pa - this.base) / this.stride);
    return cpu >= 0 && cpu < this.cpus ? cpu : -1;
  }

  has(identity: number): boolean {
    return identity >= this.first && identity < this.first + this.identities;
  }

  isEnabled(cpu: number, identity: number): boolean {
    return this.enabled.get(this.row(cpu, identity)) !== 0;
  }

  isPending(cpu: number, identity: number): boolean {
    return this.pending.get(this.row(cpu, identity)) !== 0;
  }

  /** An identity that waits as pending and for which `isOwned` does not answer. */
  waitsForNobody(
    isOwned: (cpu: number, identity: number) => boolean,
  ): { readonly cpu: number; readonly identity: number } | undefined {
    for (let row = 0; row < this.pending.length; row++) {
      if (this.pending.get(row) === 0) continue;
      const cpu = Math.floor(row / this.identities);
      const identity = (row % this.identities) + this.first;
      if (!isOwned(cpu, identity)) return { cpu, identity };
    }
    return undefined;
  }

  setEnabled(cpu: number, identity: number, enabled: boolean): void {
    this.enabled.set(this.row(cpu, identity), enabled ? 1 : 0);
    this.forward(cpu, identity);
  }

  clearPending(cpu: number, identity: number): void {
    this.pending.set(this.row(cpu, identity), 0);
  }

  raise(cpu: number, identity: number): void {
    this.pending.set(this.row(cpu, identity), 1);
    this.forward(cpu, identity);
  }

  private forward(cpu: number, identity: number): void {
    const row = this.row(cpu, identity);
    if (this.pending.get(row) === 0 || this.enabled.get(row) === 0) return;
    this.pending.set(row, 0);
    this.interfaces.takeIdentity(this.index, identity, cpu);
  }

  private row(cpu: number, identity: number): number {
    return cpu * this.identities + identity - this.first;
  }
}
