/**
 * `reg` as CPU addresses. drivers/of/address.c: `of_address_to_resource` through every `ranges` on
 * the way up; an empty `ranges` is 1:1, a missing one ends the way. Counts of cells come from the
 * nearest node above that has them (`of_n_addr_cells`), else 1.
 */
import { u32 } from './bytes.ts';
import type { DtNode } from './tree.ts';

/** OF_MAX_ADDR_CELLS of drivers/of/address.c; PCI addresses have 3. */
const MAX_CELLS = 4;
/** Entries of one `ranges` that are looked at; the longest known has some dozens. */
const MAX_RANGES = 1024;

export interface Region {
  readonly base: bigint;
  readonly size: bigint;
}

/** Entry `index` of `reg`, or nothing when there is none or it cannot be translated. */
export function regionOf(node: DtNode, index = 0): Region | undefined {
  const bus = node.parent;
  const reg = node.value('reg');
  if (bus === undefined || reg === undefined) return undefined;
  const { address, size } = cellsOf(bus);
  if (address < 1 || address > MAX_CELLS || size > MAX_CELLS) return undefined;
  const at = index * (address + size) * 4;
  if (at + (address + size) * 4 > reg.length) return undefined;
  const base = toCpu(bus, number(reg, at, address));
  return base === undefined ? undefined : { base, size: number(reg, at + address * 4, size) };
}

/** An address on `bus` as a CPU address, or nothing. `of_translate_address`. */
export function toCpu(bus: DtNode, onBus: bigint): bigint | undefined {
  let address = onBus;
  for (let here = bus; here.parent !== undefined; here = here.parent) {
    const ranges = here.value('ranges');
    if (ranges === undefined) return undefined;
    if (ranges.length === 0) continue;
    const child = cellsOf(here);
    const parent = cellsOf(here.parent);
    const step = (child.address + parent.address + child.size) * 4;
    if (step === 0 || child.address > MAX_CELLS || parent.address > MAX_CELLS) return undefined;
    let found: bigint | undefined;
    const end = Math.min(ranges.length, step * MAX_RANGES);
    for (let at = 0; at + step <= end; at += step) {
      const from = number(ranges, at, child.address);
      const size = number(ranges, at + (child.address + parent.address) * 4, child.size);
      if (address < from || address >= from + size) continue;
      found = number(ranges, at + child.address * 4, parent.address) + (address - from);
      break;
    }
    if (found === undefined) return undefined;
    address = found;
  }
  return address;
}

/** Cells of the children's addresses and sizes. */
function cellsOf(bus: DtNode): { readonly address: number; readonly size: number } {
  return { address: nearest(bus, '#address-cells'), size: nearest(bus, '#size-cells') };
}

function nearest(bus: DtNode, name: string): number {
  for (let at: DtNode | undefined = bus; at !== undefined; at = at.parent) {
    const cells = at.u32(name);
    if (cells !== undefined) return cells;
  }
  return 1;
}

/** The last two cells count, as in C's u64 (`of_read_number`). */
function number(bytes: Uint8Array, at: number, cells: number): bigint {
  let value = 0n;
  for (let i = 0; i < cells; i++) value = (value << 32n) | BigInt(u32(bytes, at + i * 4));
  return BigInt.asUintN(64, value);
}
