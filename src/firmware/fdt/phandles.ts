/** Lists of phandles with cells: `of_for_each_phandle`. */
import type { DtNode } from './tree.ts';

/** Entries of one list that are looked at: far more than any device has. */
const MAX_REFERENCES = 64;

export interface Reference {
  /** Nothing for phandle 0, an entry left empty. */
  readonly node?: DtNode;
  readonly phandle: number;
  readonly cells: readonly number[];
}
export interface References {
  readonly list: readonly Reference[];
  /** Why the list ends early: Linux stops at the first entry that it cannot make out. */
  readonly broken?: 'bad-phandle' | 'too-few-cells' | 'bad-cells';
  /** The node whose cells are missing. */
  readonly at?: DtNode;
}

/**
 * @param missing Cells of a target without `cellsName`; without it such a target breaks the list.
 */
export function referencesOf(
  node: DtNode,
  property: string,
  cellsName: string,
  missing?: number,
): References {
  const cells = node.cells(property) ?? [];
  const list: Reference[] = [];
  for (let at = 0; at < cells.length && list.length < MAX_REFERENCES;) {
    const phandle = cells[at] as number;
    at++;
    if (phandle === 0) {
      list.push({ phandle, cells: [] });
      continue;
    }
    const target = node.tree.byPhandle(phandle);
    if (target === undefined) return { list, broken: 'bad-phandle' };
    const count = target.u32(cellsName) ?? missing;
    if (count === undefined) return { list, broken: 'bad-cells', at: target };
    if (at + count > cells.length) return { list, broken: 'too-few-cells', at: target };
    list.push({ node: target, phandle, cells: cells.slice(at, at + count) });
    at += count;
  }
  return { list };
}

/** An entry as the source of a tree would have it. */
export const referenceText = ({ node, phandle, cells }: Reference): string =>
  `<${[
    node === undefined ? `0x${phandle.toString(16)}` : `&{${node.path}}`,
    ...cells.map((cell) => `0x${cell.toString(16)}`),
  ].join(' ')}>`;
