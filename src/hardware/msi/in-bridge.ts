/**
 * The MSI receiver of a PCI host bridge: one address, and a status and a mask bit for each message.
 * DesignWare's iMSI-RX (PCIE_MSI_ADDR_LO, PCIE_MSI_INTR0_STATUS, PCIE_MSI_INTR0_MASK). One
 * interrupt to the CPUs for all; CPU 0 takes it, which is where the GIC's driver leaves an
 * interrupt that nobody moves.
 */
import type { Column, Store } from '../../state/store.ts';
import type { CpuInterfaces } from '../interrupts.ts';

export class InBridgeMsi {
  readonly index: number;
  readonly base: number;
  readonly messages: number;
  private readonly enabled: Column;
  private readonly pending: Column;
  private readonly interfaces: CpuInterfaces;

  constructor(
    store: Store,
    { index, base, messages }: { index: number; base: number; messages: number },
    interfaces: CpuInterfaces,
  ) {
    this.index = index;
    this.base = base;
    this.messages = messages;
    this.enabled = store.column(messages, { part: 'gic' });
    this.pending = store.column(messages, { part: 'gic' });
    this.interfaces = interfaces;
  }

  has(message: number): boolean {
    return message >= 0 && message < this.messages;
  }

  isEnabled(message: number): boolean {
    return this.enabled.get(message) !== 0;
  }

  setEnabled(message: number, enabled: boolean): void {
    this.enabled.set(message, enabled ? 1 : 0);
    this.forward(message);
  }

  clearPending(message: number): void {
    this.pending.set(message, 0);
  }

  /** Whether a message waits for which `isOwned` does not answer. */
  waitsForNobody(isOwned: (message: number) => boolean): boolean {
    for (let message = 0; message < this.messages; message++)
      if (this.pending.get(message) !== 0 && !isOwned(message)) return true;
    return false;
  }

  raise(message: number): void {
    this.pending.set(message, 1);
    this.forward(message);
  }

  private forward(message: number): void {
    if (this.pending.get(message) === 0 || this.enabled.get(message) === 0) return;
    this.pending.set(message, 0);
    this.interfaces.takeIdentity(this.index, message, 0);
  }
}
