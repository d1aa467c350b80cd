/**
 * Reads a flattened device tree. Devicetree Specification 0.4, chapter 5; what is accepted is what
 * Linux accepts (scripts/dtc/libfdt: `fdt_check_header`): versions 16 and 17, and later ones that
 * say they are compatible with 17.
 *
 * Every length and offset is checked against the file, so that any bytes give a tree or one error.
 * Strings are taken as Latin-1: the bytes of a name or a value survive as they are.
 */
import type { FirmwareDiagnostic } from '../explanation.ts';
import { u32 } from './bytes.ts';
import { DtNode, DtTree, INDEXED, type Properties } from './tree.ts';

export const FDT_MAGIC = 0xd00dfeed;
const HEADER_V16 = 36;
const HEADER_V17 = 40;
const BEGIN_NODE = 1;
const END_NODE = 2;
const PROP = 3;
const NOP = 4;
const END = 9;
/** FDT_MAX_DEPTH of drivers/of/fdt.c; deeper nodes are left out by Linux with a warning. */
const MAX_DEPTH = 64;
/** Of nodes and of memory reservations: far above any board (the largest known has 7,000 nodes). */
const MAX_NODES = 1_000_000;
const MAX_RESERVATIONS = 4096;
/**
 * The specification has 31; without a limit, names that share an end could be read over and over.
 */
const MAX_NAME = 255;

export interface ReadTree {
  /** Absent when there is an error. */
  readonly tree?: DtTree;
  readonly diagnostics: readonly FirmwareDiagnostic[];
}

class FdtError extends Error {
  readonly diagnostic: FirmwareDiagnostic;
  constructor(code: string, message: string, offset?: number, hint?: string) {
    super(message);
    this.diagnostic = {
      code,
      severity: 'error',
      message,
      ...(offset === undefined ? {} : { offset }),
      ...(hint === undefined ? {} : { hint }),
    };
  }
}

/** The tree in `bytes`, or the first thing that is wrong with them. */
export function readFdt(bytes: Uint8Array): ReadTree {
  const diagnostics: FirmwareDiagnostic[] = [];
  try {
    const header = readHeader(bytes);
    const tree = new Structure(bytes, header, diagnostics).read();
    refuseOverlay(tree);
    return { tree, diagnostics };
  } catch (error) {
    if (!(error instanceof FdtError)) throw error;
    return { diagnostics: [error.diagnostic] };
  }
}

interface Header {
  readonly total: number;
  readonly structure: number;
  readonly structureEnd: number;
  readonly strings: number;
  readonly stringsEnd: number;
  readonly reservations: number;
}

function readHeader(bytes: Uint8Array): Header {
  if (bytes.length < HEADER_V16 || u32(bytes, 0) !== FDT_MAGIC)
    throw new FdtError(
      'DB610',
      bytes.length < HEADER_V16
        ? `${bytes.length} bytes are no device tree: its header has at least ${HEADER_V16}`
        : `no device tree: it begins with 0x${u32(bytes, 0).toString(16)}, not with 0xd00dfeed`,
      0,
      'A flattened device tree (.dtb) is what `dtc -O dtb` writes; source (.dts) is not read.',
    );
  const field = (index: number): number => u32(bytes, index * 4);
  const [total, version, lastCompatible] = [field(1), field(5), field(6)];
  if (version < 16 || lastCompatible > 17 || lastCompatible > version)
    throw new FdtError(
      'DB611',
      `version ${version} (compatible from ${lastCompatible} on) is not read: Linux takes 16 and 17`,
      20,
      '`dtc -I dtb -O dtb -V 17` rewrites an older one.',
    );
  const size = version >= 17 ? HEADER_V17 : HEADER_V16;
  if (total > bytes.length || total < size)
    throw new FdtError(
      'DB612',
      total < size
        ? `the header says that the tree has ${total} bytes, fewer than the header itself`
        : `the tree is cut off: the header says ${total} bytes, there are ${bytes.length}`,
      4,
    );
  const structure = field(2);
  const strings = field(3);
  const block = (what: string, from: number, length: number, at: number): number => {
    if (from < size || from + length > total)
      throw new FdtError(
        'DB612',
        `the ${what} at ${from} with ${length} bytes is not inside the tree's ${total}`,
        at,
      );
    return from + length;
  };
  const structureEnd = block(
    'structure',
    structure,
    version >= 17 ? field(9) : Math.max(0, total - structure),
    8,
  );
  if (structure % 4 !== 0)
    throw new FdtError('DB613', `the structure begins at ${structure}, no multiple of 4`, 8);
  const stringsEnd = block('strings', strings, field(8), 12);
  block('memory reservations', field(4), 16, 16);
  return { total, structure, structureEnd, strings, stringsEnd, reservations: field(4) };
}

/** A property's name, and the list that its nodes are put on. */
interface Name {
  readonly name: string;
  readonly having: DtNode[] | undefined;
}

class Structure {
  readonly #bytes: Uint8Array;
  readonly #header: Header;
  readonly #diagnostics: FirmwareDiagnostic[];
  readonly #properties: Properties = { names: [], offsets: [], lengths: [] };
  readonly #names = new Map<number, Name>();
  readonly #having: ReadonlyMap<string, DtNode[]> = new Map(
    INDEXED.map((name) => [name, []] as const),
  );
  readonly #nodes: DtNode[] = [];
  #at: number;

  constructor(bytes: Uint8Array, header: Header, diagnostics: FirmwareDiagnostic[]) {
    this.#bytes = bytes;
    this.#header = header;
    this.#diagnostics = diagnostics;
    this.#at = header.structure;
  }

  read(): DtTree {
    const tree = new DtTree(
      this.#bytes,
      this.#properties,
      this.#nodes,
      this.#having,
      this.#reservations(),
    );
    let depth = 0;
    let node: DtNode | undefined;
    for (;;) {
      const at = this.#at;
      const token = this.#word();
      if (token === NOP) continue;
      if (token === BEGIN_NODE) {
        if (node === undefined && this.#nodes.length > 0)
          throw new FdtError('DB613', 'a second root node', at);
        if (++depth > MAX_DEPTH)
          throw new FdtError(
            'DB615',
            `nodes nested deeper than ${MAX_DEPTH}`,
            at,
            'Linux leaves such nodes out.',
          );
        if (this.#nodes.length >= MAX_NODES)
          throw new FdtError('DB615', `more than ${MAX_NODES} nodes`, at);
        node = new DtNode(tree, this.#nodeName(), node, this.#nodes.length);
        this.#nodes.push(node);
      } else if (token === PROP) {
        if (node === undefined) throw new FdtError('DB613', 'a property outside of nodes', at);
        this.#property(node, at);
      } else if (token === END_NODE) {
        if (node === undefined) throw new FdtError('DB613', 'the end of no node', at);
        node = node.parent;
        depth--;
      } else if (token === END) {
        if (node !== undefined) throw new FdtError('DB613', `${node.path} has no end`, at);
        if (this.#nodes.length === 0) throw new FdtError('DB613', 'there is no root node', at);
        return tree;
      } else throw new FdtError('DB613', `0x${token.toString(16)} is no token`, at);
    }
  }

  #property(node: DtNode, at: number): void {
    const length = this.#word();
    const { name, having } = this.#name(this.#word(), at);
    const from = this.#at;
    if (from + length > this.#header.structureEnd)
      throw new FdtError(
        'DB612',
        `${node.path}: property ${name} has ${length} bytes, which end outside of the structure`,
        at,
      );
    this.#at = from + ((length + 3) & ~3);
    if (node.children.length > 0) {
      this.#diagnostics.push({
        code: 'DB616',
        severity: 'warning',
        node: node.path,
        offset: at,
        message: `property ${name} comes after the node's children; Linux does not see it`,
      });
      return;
    }
    node.propertyCount++;
    having?.push(node);
    this.#properties.names.push(name);
    this.#properties.offsets.push(from);
    this.#properties.lengths.push(length);
  }

  #word(): number {
    const at = this.#at;
    if (at + 4 > this.#header.structureEnd)
      throw new FdtError('DB612', 'the structure ends without its end token', at);
    this.#at = at + 4;
    return u32(this.#bytes, at);
  }

  #nodeName(): string {
    const { name, end } = text(this.#bytes, this.#at, this.#header.structureEnd);
    if (end === undefined) throw new FdtError('DB612', 'a node name without an end', this.#at);
    this.#at = (end + 4) & ~3;
    if (name.includes('/') || (name === '') !== (this.#nodes.length === 0)) {
      // libfdt allows a named root of version 16 ("/" or ""); other names with a slash break paths.
      if (this.#nodes.length === 0) return '';
      throw new FdtError('DB613', `"${name}" is no name for a node`, this.#at);
    }
    return name;
  }

  /** Property names repeat: each is read once. */
  #name(offset: number, at: number): Name {
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    const { strings, stringsEnd } = this.#header;
    const { name, end } =
      strings + offset < stringsEnd
        ? text(this.#bytes, strings + offset, Math.min(stringsEnd, strings + offset + MAX_NAME + 1))
        : { name: '', end: undefined };
    if (end === undefined)
      throw new FdtError(
        'DB612',
        `a property name at ${offset} of the strings: outside, or longer than ${MAX_NAME}`,
        at,
      );
    const entry = { name, having: this.#having.get(name) };
    this.#names.set(offset, entry);
    return entry;
  }

  #reservations(): [bigint, bigint][] {
    const found: [bigint, bigint][] = [];
    const u64 = (at: number): bigint =>
      (BigInt(u32(this.#bytes, at)) << 32n) | BigInt(u32(this.#bytes, at + 4));
    for (let at = this.#header.reservations; ; at += 16) {
      if (at + 16 > this.#header.total)
        throw new FdtError('DB612', 'the memory reservations have no end', at);
      const [address, size] = [u64(at), u64(at + 8)];
      if (address === 0n && size === 0n) return found;
      if (found.length >= MAX_RESERVATIONS)
        throw new FdtError('DB615', `more than ${MAX_RESERVATIONS} memory reservations`, at);
      found.push([address, size]);
    }
  }
}

/** Fragments with `__overlay__` change another tree; alone they say nothing. */
function refuseOverlay({ root }: DtTree): void {
  const fragment = root.children.find((node) => node.child('__overlay__') !== undefined);
  if (fragment === undefined) return;
  throw new FdtError(
    'DB614',
    `an overlay (${fragment.path} has an __overlay__), not the tree of a board`,
    undefined,
    'Apply it first: fdtoverlay -i board.dtb -o merged.dtb overlay.dtbo',
  );
}

function text(
  bytes: Uint8Array,
  from: number,
  limit: number,
): { readonly name: string; readonly end: number | undefined } {
  let name = '';
  for (let at = from; at < limit; at++) {
    const byte = bytes[at] as number;
    if (byte === 0) return { name, end: at };
    name += String.fromCharCode(byte);
  }
  return { name, end: undefined };
}
