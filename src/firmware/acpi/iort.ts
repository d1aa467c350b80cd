/**
 * Reads an IO Remapping Table: the nodes that it counts, and the bytes that references take for
 * nodes.
 *
 * As drivers/acpi/arm64/iort.c walks it (`iort_scan_node`): from `node_offset`, `node_count` nodes,
 * each `length` bytes after the one before. Linux checks only that a node begins before the table's
 * end, and follows `mapping_offset` and `output_reference` unchecked. Here whatever leaves the
 * table is refused with a diagnostic: what Linux would read there is not in the file.
 */
import { hex, type AcpiDiagnostic, type Decoded } from './diagnostic.ts';
import {
  decodeNode,
  smallestLength,
  type IdMapping,
  type IortNode,
  type NodeHeader,
  type RootComplex,
} from './iort-nodes.ts';
import type { AcpiTable } from './table.ts';

const IORT_HEADER_BYTES = 48;
const NODE_HEADER_BYTES = 16;
const MAPPING_BYTES = 20;

/** More diagnostics than this say nothing new. */
const MAX_DIAGNOSTICS = 32;

export interface Iort {
  readonly table: AcpiTable;
  /** In the order of the table, which is the order in which Linux looks. */
  readonly nodes: readonly IortNode[];
  /** The first root complex of each segment, which is the one that Linux finds. */
  readonly roots: ReadonlyMap<number, RootComplex>;
  /** The node that a reference leads to, or nothing when it leads out of the table. */
  nodeAt(offset: number): IortNode | undefined;
}

export function readIort(table: AcpiTable): Decoded<Iort> {
  const { bytes } = table;
  const diagnostics: AcpiDiagnostic[] = [];
  const report = (diagnostic: Omit<AcpiDiagnostic, 'node'>): void => {
    if (diagnostics.length < MAX_DIAGNOSTICS) diagnostics.push({ node: 'IORT', ...diagnostic });
  };
  const count = bytes.u32(36);
  const first = bytes.u32(40);
  if (table.signature !== 'IORT' || count === undefined || first === undefined) {
    report({
      code: table.signature === 'IORT' ? 'DB651' : 'DB650',
      severity: 'error',
      message:
        table.signature === 'IORT'
          ? `${table.length} bytes; an IORT has at least ${IORT_HEADER_BYTES}`
          : `this is a table ${table.signature}, not an IORT`,
    });
    return { diagnostics };
  }

  // Nodes may claim the same bytes for their mappings again and again: as many as fit in the table
  // twice.
  const room = { left: 2 * Math.ceil(table.length / MAPPING_BYTES), reported: false };
  const known = new Map<number, IortNode | undefined>();
  const read = (offset: number, listed: boolean): IortNode | undefined => {
    const type = bytes.u8(offset);
    const length = bytes.u16(offset + 1);
    const revision = bytes.u8(offset + 3);
    if (type === undefined || length === undefined || revision === undefined) return undefined;
    if (!bytes.has(offset, Math.max(NODE_HEADER_BYTES, smallestLength(type, revision))))
      return undefined;
    const header: NodeHeader = {
      offset,
      length,
      revision,
      identifier: bytes.u32(offset + 4) ?? 0,
      mappings: readMappings(table, offset, room, listed ? report : undefined),
      listed,
    };
    return decodeNode(bytes, type, header);
  };

  const nodes: IortNode[] = [];
  let offset = first;
  for (let i = 0; i < count; i++) {
    const node = offset < table.length ? read(offset, true) : undefined;
    if (node === undefined) {
      report({
        code: 'DB653',
        severity: 'warning',
        offset,
        message: `node ${i + 1} of ${count} at ${hex(offset)} does not fit in the table, which ends at ${hex(table.length)}`,
        hint: 'Linux stops looking here ("IORT node pointer overflows, bad table!"). The node count, or the length of the node before, is wrong.',
      });
      break;
    }
    nodes.push(node);
    known.set(offset, node);
    if (node.length < NODE_HEADER_BYTES) {
      report({
        code: 'DB653',
        severity: 'warning',
        offset,
        message: `the node at ${hex(offset)} says that it has ${node.length} bytes; a node has at least 16`,
        hint: 'Where the next node begins cannot be known.',
      });
      break;
    }
    reportShort(node, bytes.u8(offset) ?? 0, table.length, report);
    offset += node.length;
  }

  const roots = new Map<number, RootComplex>();
  for (const node of nodes)
    if (node.kind === 'root-complex' && !roots.has(node.segment)) roots.set(node.segment, node);
  return {
    value: {
      table,
      nodes,
      roots,
      nodeAt(reference) {
        if (!known.has(reference)) known.set(reference, read(reference, false));
        return known.get(reference);
      },
    },
    diagnostics,
  };
}

type Report = (diagnostic: Omit<AcpiDiagnostic, 'node'>) => void;

function readMappings(
  table: AcpiTable,
  node: number,
  room: { left: number; reported: boolean },
  report: Report | undefined,
): IdMapping[] {
  const { bytes } = table;
  const count = bytes.u32(node + 8) ?? 0;
  const start = bytes.u32(node + 12) ?? 0;
  const mappings: IdMapping[] = [];
  // Linux takes a mapping offset of 0 for "no mappings".
  if (start === 0) return mappings;
  for (let index = 0; index < count; index++) {
    const at = node + start + MAPPING_BYTES * index;
    if (!bytes.has(at, MAPPING_BYTES)) {
      report?.({
        code: 'DB654',
        severity: 'warning',
        offset: node + 12,
        message: `mapping ${index + 1} of ${count} of the node at ${hex(node)} is outside the table`,
        hint: 'Linux reads whatever lies behind the table. The mapping count or the mapping offset is wrong.',
      });
      break;
    }
    if (room.left-- <= 0) {
      if (!room.reported)
        report?.({
          code: 'DB654',
          severity: 'warning',
          offset: node + 8,
          message: `the nodes have more mappings than the table has room for; those from the node at ${hex(node)} on are left out`,
          hint: 'Mapping counts or offsets are wrong: nodes share the bytes of their mappings.',
        });
      room.reported ||= report !== undefined;
      break;
    }
    mappings.push({
      index,
      inputBase: bytes.u32(at) ?? 0,
      idCount: bytes.u32(at + 4) ?? 0,
      outputBase: bytes.u32(at + 8) ?? 0,
      outputReference: bytes.u32(at + 12) ?? 0,
      single: ((bytes.u32(at + 16) ?? 0) & 1) === 1,
    });
  }
  return mappings;
}

function reportShort(node: IortNode, type: number, end: number, report: Report): void {
  const smallest = smallestLength(type, node.revision);
  if (node.length < smallest)
    report({
      code: 'DB653',
      severity: 'warning',
      offset: node.offset,
      message: `the node at ${hex(node.offset)} has ${node.length} bytes; a ${node.kind} node of revision ${node.revision} has at least ${smallest}`,
      hint: 'Linux reads the missing fields from what follows.',
    });
  if (node.offset + node.length > end)
    report({
      code: 'DB653',
      severity: 'warning',
      offset: node.offset,
      message: `the node at ${hex(node.offset)} says that it ends at ${hex(node.offset + node.length)}, after the table does (${hex(end)})`,
    });
}
