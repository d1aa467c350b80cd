/**
 * Faults of the kernel's own, as KASAN, lockdep or BUG_ON would say them. What an access to freed
 * memory reads is left to chance by the kernel; the model goes on with what the memory held or with
 * zero.
 */
import { EVENT } from '../events/event-log.ts';
import { FAULT } from '../hardware/smmu/smmu.ts';
import type { Kernel } from '../kernel/kernel.ts';

const TWO_32 = 2 ** 32;

function report(k: Kernel, device: number, address: number, fault: number): void {
  k.log.emit(EVENT.fault, device, 0, Math.floor(address / TWO_32), address | 0, fault);
}

/** The kernel touches memory that it has freed. */
export const useAfterFree = (k: Kernel, device: number, address: number): void =>
  report(k, device, address, FAULT['use-after-free']);

/** A lock or allocation that may sleep, where sleeping is not allowed. */
export const sleepInAtomic = (k: Kernel, device: number, address: number): void =>
  report(k, device, address, FAULT['sleep-in-atomic']);

/** BUG_ON, or an oops. */
export const kernelBug = (k: Kernel, device: number, address: number): void =>
  report(k, device, address, FAULT['kernel-bug']);
