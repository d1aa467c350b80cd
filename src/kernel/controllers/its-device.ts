/**
 * What the ITS driver's files have in common: the ITS of a device, its struct its_device, an
 * event's LPI.
 */
import type { Its } from '../../hardware/gic/its.ts';
import { FIRST_LPI } from '../../hardware/gic/redistributor.ts';
import type { Kernel } from '../kernel.ts';

export function itsOf(k: Kernel, device: number): Its {
  const its = k.hw.its[k.device(device).controller];
  if (its === undefined) throw new Error('IMPOSSIBLE: the controller is no ITS');
  return its;
}

export const slotOf = (k: Kernel, device: number): number => k.controllers.itsSlot[device] ?? -1;
export const event = (k: Kernel, vector: number): number => k.irqs.hwirq.get(vector);

export function lpiOf(k: Kernel, device: number, vector: number): number {
  return FIRST_LPI + k.controllers.its.lpiBase.get(slotOf(k, device)) + event(k, vector);
}

/** The SYNC of the helpers for single commands (its_send_single_command). */
export function sync(k: Kernel, its: Its, cpu: number): void {
  if (k.on['its-sync']) its.sync(cpu);
}
