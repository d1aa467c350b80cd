/**
 * The kernel touches memory that it has freed: reported as a fault of its own, as KASAN would say it. What such
 * an access reads is left to chance by the kernel; the model goes on with what the memory held or with zero.
 */
import { EVENT } from '../events/event-log.ts';
import { FAULT } from '../hardware/smmu/smmu.ts';
import type { Kernel } from '../kernel/kernel.ts';

const TWO_32 = 2 ** 32;

export function useAfterFree(k: Kernel, device: number, address: number): void {
  k.log.emit(
    EVENT.fault,
    device,
    0,
    Math.floor(address / TWO_32),
    address | 0,
    FAULT['use-after-free'],
  );
}
