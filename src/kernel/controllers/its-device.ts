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

const ENTRY = 8;
const LEVEL_2 = 0x1_0000 / ENTRY;
/** MAX_PAGE_ORDER of arm64, by page size: the largest table that can be allocated. */
const LARGEST_TABLE: Readonly<Record<number, number>> = {
  0x1000: 0x1000 << 10,
  0x4000: 0x4000 << 11,
  0x1_0000: 0x1_0000 << 13,
};

/**
 * The first DeviceID that its_alloc_device_table has no place for. It looks at the table and not at
 * GITS_TYPER.Devbits: its_parse_indirect_baser makes a table of at least one ITS page of 64K, and a
 * first level of one has room for 26 bits. Entries are of 8 bytes, as those of QEMU and KVM are.
 */
export function deviceTableReach({ deviceIdBits, deviceTable }: Its, pageSize: number): number {
  const ids = 2 ** deviceIdBits;
  if (deviceTable === undefined) return ids;
  const largest = (LARGEST_TABLE[pageSize] ?? Infinity) / ENTRY;
  // "No need to enable Indirection if memory requirement < (psz*2) bytes".
  const isIndirect = deviceTable === 'indirect' && ids * ENTRY > 2 * 0x1_0000;
  return isIndirect
    ? Math.min(Math.max(ids / LEVEL_2, LEVEL_2), largest) * LEVEL_2
    : Math.min(Math.max(ids, LEVEL_2), largest);
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
