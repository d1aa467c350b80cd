/**
 * The address of the message on its way (t.message*), as the designs read and replace it.
 */
import { IRQ } from '../kernel/irqs.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Thread } from '../kernel/thread.ts';

const TWO_32 = 2 ** 32;

export const messageAddress = (t: Thread): number => t.messageHi * TWO_32 + t.messageLo;

export const isZeroMessage = (t: Thread): boolean =>
  t.messageHi === 0 && t.messageLo === 0 && t.messageData === 0;

export function setMessageAddress(t: Thread, address: number): void {
  t.messageHi = Math.floor(address / TWO_32);
  t.messageLo = address % TWO_32;
}

export const pageBase = (address: number, size: number): number => address - (address % size);

/** Replaces the page of the message's address, keeping the offset in it. */
export function setMessagePage(t: Thread, page: number, size: number): void {
  setMessageAddress(t, page + (messageAddress(t) % size));
}

/** Activated vectors of the domain's devices whose last written message lies in the page. */
export function messagesIn(k: Kernel, domain: number, page: number, size: number): number {
  let n = 0;
  for (let vector = 0; vector < k.topology.vectors; vector++) {
    const device = k.topology.deviceOfVector[vector] as number;
    if (!k.irqs.is(vector, IRQ.activated) || k.domains.forDevice(device) !== domain) continue;
    const row = k.descOf(device, vector);
    const address = (k.irqs.messageHi.get(row) >>> 0) * TWO_32 + (k.irqs.messageLo.get(row) >>> 0);
    if (address >= page && address < page + size) n++;
  }
  return n;
}
