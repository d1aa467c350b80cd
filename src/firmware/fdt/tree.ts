/**
 * A device tree in memory: nodes in the order of the file, values as bytes. Values are decoded when
 * asked for; a property that is too short for what is asked reads as absent, as
 * `of_property_read_u32` does.
 */
import { u32 } from './bytes.ts';

/** All properties of a tree, side by side: a node's are consecutive. */
export interface Properties {
  readonly names: string[];
  readonly offsets: number[];
  readonly lengths: number[];
}

/**
 * Properties whose nodes a tree lists: what is asked for, so that nobody goes through all nodes.
 */
export const INDEXED = [
  '#iommu-cells',
  'compatible',
  'device_type',
  'iommu-map',
  'iommus',
  'linux,phandle',
  'msi-controller',
  'msi-map',
  'msi-parent',
  'phandle',
  'socionext,synquacer-pre-its',
] as const;
export type Indexed = (typeof INDEXED)[number];

export class DtTree {
  readonly bytes: Uint8Array;
  readonly properties: Properties;
  /** In the order of the file, which is that of `of_find_all_nodes`. */
  readonly nodes: readonly DtNode[];
  readonly reservations: readonly (readonly [address: bigint, size: bigint])[];
  readonly #having: ReadonlyMap<string, readonly DtNode[]>;
  #phandles: Map<number, DtNode> | undefined;
  #paths: Map<string, DtNode> | undefined;

  constructor(
    bytes: Uint8Array,
    properties: Properties,
    nodes: readonly DtNode[],
    having: ReadonlyMap<string, readonly DtNode[]>,
    reservations: readonly (readonly [bigint, bigint])[],
  ) {
    this.bytes = bytes;
    this.properties = properties;
    this.nodes = nodes;
    this.#having = having;
    this.reservations = reservations;
  }

  get root(): DtNode {
    return this.nodes[0] as DtNode;
  }

  /** The nodes that have one of these properties, in the order of the tree. */
  having(...names: readonly Indexed[]): readonly DtNode[] {
    const lists = names
      .map((name) => this.#having.get(name) ?? [])
      .filter((list) => list.length > 0);
    if (lists.length <= 1) return lists[0] ?? [];
    return [...new Set(lists.flat())].sort((a, b) => a.index - b.index);
  }

  /** The node with a phandle: the first in the tree, as `of_find_node_by_phandle`; none has 0. */
  byPhandle(phandle: number): DtNode | undefined {
    return this.phandles.get(phandle);
  }

  get phandles(): ReadonlyMap<number, DtNode> {
    if (this.#phandles !== undefined) return this.#phandles;
    const found = new Map<number, DtNode>();
    for (const node of this.having('phandle', 'linux,phandle')) {
      const phandle = node.phandle;
      if (phandle !== undefined && phandle !== 0 && !found.has(phandle)) found.set(phandle, node);
    }
    this.#phandles = found;
    return found;
  }

  /** The node at `/soc/pcie@10000000`, or nothing. Of two with one path the first. */
  at(path: string): DtNode | undefined {
    if (this.#paths === undefined) {
      this.#paths = new Map();
      for (const node of this.nodes)
        if (!this.#paths.has(node.path)) this.#paths.set(node.path, node);
    }
    return this.#paths.get(path);
  }
}

export class DtNode {
  readonly tree: DtTree;
  /** With the unit address. The root's is empty. */
  readonly name: string;
  readonly parent: DtNode | undefined;
  readonly children: DtNode[] = [];
  /** Place in `tree.nodes`. */
  readonly index: number;
  propertyCount = 0;
  readonly #firstProperty: number;
  #path: string | undefined;

  constructor(tree: DtTree, name: string, parent: DtNode | undefined, index: number) {
    this.tree = tree;
    this.name = name;
    this.parent = parent;
    this.index = index;
    this.#firstProperty = tree.properties.names.length;
    parent?.children.push(this);
  }

  get path(): string {
    this.#path ??=
      this.parent === undefined
        ? '/'
        : `${this.parent.parent === undefined ? '' : this.parent.path}/${this.name}`;
    return this.#path;
  }

  child(name: string): DtNode | undefined {
    return this.children.find((child) => child.name === name);
  }

  get propertyNames(): readonly string[] {
    return this.tree.properties.names.slice(
      this.#firstProperty,
      this.#firstProperty + this.propertyCount,
    );
  }

  /** Place of a property in the tree's lists, or -1. Of two with one name the first. */
  #find(name: string): number {
    const { names } = this.tree.properties;
    const end = this.#firstProperty + this.propertyCount;
    for (let at = this.#firstProperty; at < end; at++) if (names[at] === name) return at;
    return -1;
  }

  has(name: string): boolean {
    return this.#find(name) >= 0;
  }

  /** Length in bytes, or nothing when there is no such property. */
  lengthOf(name: string): number | undefined {
    const at = this.#find(name);
    return at < 0 ? undefined : this.tree.properties.lengths[at];
  }

  value(name: string): Uint8Array | undefined {
    const at = this.#find(name);
    if (at < 0) return undefined;
    const { offsets, lengths } = this.tree.properties;
    const from = offsets[at] as number;
    return this.tree.bytes.subarray(from, from + (lengths[at] as number));
  }

  /** The first cell; absent when there is none (`of_property_read_u32`). */
  u32(name: string): number | undefined {
    const at = this.#find(name);
    const { offsets, lengths } = this.tree.properties;
    if (at < 0 || (lengths[at] as number) < 4) return undefined;
    return u32(this.tree.bytes, offsets[at] as number);
  }

  /** All whole cells; absent when there is no such property. */
  cells(name: string): number[] | undefined {
    const at = this.#find(name);
    if (at < 0) return undefined;
    const { offsets, lengths } = this.tree.properties;
    const from = offsets[at] as number;
    const cells: number[] = [];
    for (let i = 0; i + 4 <= (lengths[at] as number); i += 4)
      cells.push(u32(this.tree.bytes, from + i));
    return cells;
  }

  /** The strings of a list; a last one without its NUL counts. */
  strings(name: string): string[] {
    const value = this.value(name);
    if (value === undefined) return [];
    const found: string[] = [];
    let word = '';
    for (const byte of value) {
      if (byte === 0) {
        found.push(word);
        word = '';
      } else word += String.fromCharCode(byte);
    }
    if (word !== '') found.push(word);
    return found;
  }

  string(name: string): string | undefined {
    return this.strings(name)[0];
  }

  /** Whether the bytes of a property hold `word`: without making strings of them. */
  mentions(name: string, word: string): boolean {
    const at = this.#find(name);
    if (at < 0) return false;
    const { bytes, properties } = this.tree;
    const from = properties.offsets[at] as number;
    const last = from + (properties.lengths[at] as number) - word.length;
    const first = word.charCodeAt(0);
    for (let i = from; i <= last; i++) {
      if (bytes[i] !== first) continue;
      let n = 1;
      while (n < word.length && bytes[i + n] === word.charCodeAt(n)) n++;
      if (n === word.length) return true;
    }
    return false;
  }

  get compatible(): string[] {
    return this.strings('compatible');
  }

  /** `phandle`, or the older `linux,phandle`. */
  get phandle(): number | undefined {
    return this.u32('phandle') ?? this.u32('linux,phandle');
  }
}
