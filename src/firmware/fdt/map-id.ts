/**
 * `iommu-map` and `msi-map`: drivers/of/base.c, `of_map_id`, as 6.1 and 6.12 have it and as 7.x
 * does, which honours the number of cells of each target.
 *
 * What booted 6.1 and 6.12 were seen to do: the first entry that matches wins; output = (id & mask)
 * - base + output base, in 32 bits, and so is base + length; an empty map or a broken length makes
 * the whole map an error; a base outside of the mask is one only when the scan meets it, an unknown
 * phandle only when its entry matches. 7.x: an empty map is one without a match, an unknown phandle
 * counts when the scan meets it, nothing wraps.
 */
import type { Era } from '../explanation.ts';
import type { Why } from '../why.ts';
import type { DtNode } from './tree.ts';

export type MapName = 'iommu-map' | 'msi-map';

/** MAX_PHANDLE_ARGS of include/linux/of.h. */
const MAX_CELLS = 16;
const OLD_ENTRY = 4;

export interface MapEntry {
  /** Place of its first cell in the property. */
  readonly at: number;
  readonly base: number;
  /** First ID behind it. */
  readonly end: number;
  readonly length: number;
  readonly phandle: number;
  readonly target: DtNode | undefined;
  readonly outputs: readonly number[];
}

export type MapResult =
  | { readonly kind: 'absent' }
  | { readonly kind: 'no-match' }
  | { readonly kind: 'error'; readonly why: Why; readonly at: number }
  | {
      readonly kind: 'match';
      readonly entry: MapEntry;
      readonly target: DtNode;
      readonly cells: readonly number[];
    };

/** A map of a node, decoded up to the first thing that ends every scan. */
export class IdMap {
  readonly node: DtNode;
  readonly name: MapName;
  readonly mask: number;
  readonly present: boolean;
  readonly entries: readonly MapEntry[];
  /** What a scan that meets no match ends with. */
  readonly end: MapResult;

  constructor(node: DtNode, name: MapName, era: Era) {
    this.node = node;
    this.name = name;
    this.present = node.has(name);
    this.mask = node.u32(`${name}-mask`) ?? 0xffff_ffff;
    const { entries, end } = !this.present
      ? { entries: [], end: { kind: 'absent' } as const }
      : era === '7.x'
        ? byCells(this)
        : byFours(this);
    this.entries = entries;
    this.end = end;
  }

  /**
   * What `id` becomes.
   *
   * @param only Entries that lead elsewhere are passed over (`filter_np`).
   */
  map(id: number, only?: DtNode): MapResult {
    const masked = (id & this.mask) >>> 0;
    for (const entry of this.entries) {
      const { base, end, target, outputs, length, at } = entry;
      if (masked < base || masked >= end) continue;
      if (target === undefined) return { kind: 'error', why: 'bad-phandle', at };
      if (length > 1 && outputs.length > 1) return { kind: 'error', why: 'bad-cells', at };
      if (only !== undefined && only !== target) continue;
      const cells = outputs.map((output) => (masked - base + output) >>> 0);
      return { kind: 'match', entry, target, cells };
    }
    return this.end;
  }
}

interface Decoded {
  readonly entries: readonly MapEntry[];
  readonly end: MapResult;
}

const NO_MATCH: MapResult = { kind: 'no-match' };
const error = (why: Why, at: number): MapResult => ({ kind: 'error', why, at });

function byFours({ node, name, mask }: IdMap): Decoded {
  const bytes = node.lengthOf(name) ?? 0;
  const cells = node.cells(name) ?? [];
  const entries: MapEntry[] = [];
  if (bytes === 0 || bytes % (OLD_ENTRY * 4) !== 0) return { entries, end: error('bad-length', 0) };
  for (let at = 0; at < cells.length; at += OLD_ENTRY) {
    const [base, phandle, output, length] = cells.slice(at, at + OLD_ENTRY) as Four;
    if ((base & ~mask) !== 0) return { entries, end: error('base-outside-mask', at) };
    const target = node.tree.byPhandle(phandle);
    const end = (base + length) >>> 0;
    entries.push({ at, base, end, length, phandle, target, outputs: [output] });
  }
  return { entries, end: NO_MATCH };
}

type Four = [number, number, number, number];

function byCells({ node, name, mask }: IdMap): Decoded {
  const entries: MapEntry[] = [];
  const stop = (why: Why, at: number): Decoded => ({ entries, end: error(why, at) });
  if ((node.lengthOf(name) ?? 0) % 4 !== 0) return stop('bad-length', 0);
  const cells = node.cells(name) ?? [];
  let oneCell = false;
  for (let at = 0; at < cells.length;) {
    if (cells.length - at < 2) return stop('bad-length', at);
    const [base, phandle] = [cells[at] as number, cells[at + 1] as number];
    if ((base & ~mask) !== 0) return stop('base-outside-mask', at);
    const target = node.tree.byPhandle(phandle);
    if (target === undefined) return stop('bad-phandle', at);
    let width = oneCell ? 1 : (target.u32(cellsName(name)) ?? 1);
    if (width > MAX_CELLS) return stop('bad-cells', at);
    if (at === 0 && width === 2 && isOneCellMap(cells)) {
      oneCell = true;
      width = 1;
    }
    if (cells.length - at < 3 + width) return stop('bad-length', at);
    const length = cells[at + 2 + width] as number;
    const outputs = cells.slice(at + 2, at + 2 + width);
    entries.push({ at, base, end: base + length, length, phandle, target, outputs });
    at += 3 + width;
  }
  return { entries, end: NO_MATCH };
}

export const cellsName = (name: MapName): string =>
  name === 'iommu-map' ? '#iommu-cells' : '#msi-cells';

/** `of_check_bad_map`: fours of length 1 to one target of two cells were written for one cell. */
function isOneCellMap(cells: readonly number[]): boolean {
  if (cells.length % OLD_ENTRY !== 0) return false;
  for (let at = 0; at < cells.length; at += OLD_ENTRY)
    if (cells[at + 1] !== cells[1] || cells[at + 3] !== 1) return false;
  return true;
}
