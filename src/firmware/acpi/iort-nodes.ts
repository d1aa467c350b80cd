/**
 * What the nodes of an IO Remapping Table say. Arm DEN 0049 (issues A to E.g; table revisions 0 to
 * 7); names of fields as in the kernel's include/acpi/actbl2.h.
 *
 * Linux reads a node's fields without looking at the node's length. So does this decoder, as long
 * as the table has the bytes; `iort.ts` reports nodes that are shorter than their type.
 */
import type { Bytes } from './bytes.ts';

/** One entry of a node's array of ID mappings. */
export interface IdMapping {
  /** Place in the node's array. */
  readonly index: number;
  readonly inputBase: number;
  /** The number of IDs minus one, says the manual; some firmware writes the number. */
  readonly idCount: number;
  readonly outputBase: number;
  /** Byte offset in the table of the node that the IDs go to. */
  readonly outputReference: number;
  /** Flags bit 0: the input is ignored and the output is `outputBase`. */
  readonly single: boolean;
}

export interface NodeHeader {
  /** Byte offset of the node in the table: its name in this project. */
  readonly offset: number;
  readonly length: number;
  readonly revision: number;
  readonly identifier: number;
  readonly mappings: readonly IdMapping[];
  /**
   * False for bytes that only a reference takes for a node: not one of those that the table counts.
   */
  readonly listed: boolean;
}

export interface ItsGroup extends NodeHeader {
  readonly kind: 'its-group';
  /** Translation IDs of MADT ITS entries. Linux uses the first for interrupts. */
  readonly itsIds: readonly number[];
}

export interface NamedComponent extends NodeHeader {
  readonly kind: 'named-component';
  /** Full path in the ACPI namespace, such as `\_SB_.COM0`. */
  readonly path: string;
  readonly memoryAddressLimit: number;
  /** Printable, and ended before the node did. */
  readonly pathOk: boolean;
  /** As `acpi_get_name` writes paths, with which Linux compares: segments of four characters. */
  readonly pathFound: boolean;
}

export interface RootComplex extends NodeHeader {
  readonly kind: 'root-complex';
  readonly segment: number;
  readonly ats: boolean;
  /** Address bits; only from node revision 1 on. */
  readonly memoryAddressLimit?: number;
}

/** SMMUv1 and v2. */
export interface Smmu extends NodeHeader {
  readonly kind: 'smmu';
  readonly base: bigint;
  readonly span: bigint;
  readonly model: number;
}

export interface SmmuV3Node extends NodeHeader {
  readonly kind: 'smmu-v3';
  readonly base: bigint;
  readonly flags: number;
  readonly model: number;
  /** Event, PRI, GERR, sync; 0 is none. */
  readonly gsivs: readonly [number, number, number, number];
  /** `id_mapping_index`: the mapping of the SMMU's own MSIs. Absent before node revision 1. */
  readonly deviceIdIndex?: number;
}

export interface Pmcg extends NodeHeader {
  readonly kind: 'pmcg';
  readonly base: bigint;
  readonly overflowGsiv: number;
}

export interface Rmr extends NodeHeader {
  readonly kind: 'rmr';
  readonly regions: readonly { readonly base: bigint; readonly length: bigint }[];
}

/** GICv5 Interrupt Wire Bridge; DEN 0049E.g, Linux from 7.0 on. */
export interface Iwb extends NodeHeader {
  readonly kind: 'iwb';
  readonly base: bigint;
  readonly wireBridge: number;
  readonly path: string;
}

export interface UnknownNode extends NodeHeader {
  readonly kind: 'unknown';
  readonly type: number;
}

export type IortNode =
  ItsGroup | NamedComponent | RootComplex | Smmu | SmmuV3Node | Pmcg | Rmr | Iwb | UnknownNode;

/** A flag of SMMUv3 nodes, from revision 5 on: `deviceIdIndex` is valid. */
export const DEVICEID_VALID = 1 << 4;
/** SMMUv3 model whose ITS writes bypass translation. */
export const HISILICON_HI161X = 1;

/**
 * SMMUv1/2 models that arm-smmu.c knows (acpi_smmu_get_data); an SMMUv3 is taken whatever its
 * model.
 */
export const SMMU_MODELS = 6;

/** Bytes that Linux reads of each node type: the smallest length that makes sense. */
export function smallestLength(type: number, revision: number): number {
  switch (type) {
    case 0:
      return 20;
    case 1:
      return 30;
    case 2:
      return revision >= 1 ? 33 : 32;
    case 3:
      return 52;
    case 4:
      return revision >= 1 ? 68 : 60;
    case 5:
      return revision >= 1 ? 40 : 32;
    case 6:
      return 28;
    case 7:
      return 27;
    default:
      return 16;
  }
}

/** More of a kind than any machine has are not read: a table must not grow in memory. */
const MAX_ITS_IDS = 256;
const MAX_REGIONS = 256;
const MAX_PATH = 512;

/**
 * The fields of a node. Every field that the table is too short for reads as 0; the caller has
 * checked that the smallest length is there.
 */
export function decodeNode(bytes: Bytes, type: number, header: NodeHeader): IortNode {
  const at = header.offset;
  const u32 = (offset: number): number => bytes.u32(at + offset) ?? 0;
  const u64 = (offset: number): bigint => bytes.u64(at + offset) ?? 0n;
  switch (type) {
    case 0: {
      const itsIds: number[] = [];
      for (let i = 0; i < Math.min(u32(16), MAX_ITS_IDS); i++) {
        const id = bytes.u32(at + 20 + 4 * i);
        if (id === undefined) break;
        itsIds.push(id);
      }
      return { ...header, kind: 'its-group', itsIds };
    }
    case 1: {
      const path = bytes.text(at + 29, Math.max(0, Math.min(MAX_PATH, header.length - 29)));
      return {
        ...header,
        kind: 'named-component',
        path,
        memoryAddressLimit: bytes.u8(at + 28) ?? 0,
        pathOk: /^[\x21-\x7e]+$/.test(path) && 29 + path.length < header.length,
        pathFound: /^\\[A-Z_][A-Z0-9_]{3}(?:\.[A-Z_][A-Z0-9_]{3})*$/.test(path),
      };
    }
    case 2:
      return {
        ...header,
        kind: 'root-complex',
        segment: u32(28),
        ats: (u32(24) & 1) === 1,
        ...(header.revision >= 1 ? { memoryAddressLimit: bytes.u8(at + 32) ?? 0 } : {}),
      };
    case 3:
      return { ...header, kind: 'smmu', base: u64(16), span: u64(24), model: u32(32) };
    case 4:
      return {
        ...header,
        kind: 'smmu-v3',
        base: u64(16),
        flags: u32(24),
        model: u32(40),
        gsivs: [u32(44), u32(48), u32(52), u32(56)],
        ...(header.revision >= 1 ? { deviceIdIndex: u32(64) } : {}),
      };
    case 5:
      return { ...header, kind: 'pmcg', base: u64(16), overflowGsiv: u32(24) };
    case 6: {
      const regions: { base: bigint; length: bigint }[] = [];
      const first = u32(24);
      for (let i = 0; i < Math.min(u32(20), MAX_REGIONS); i++) {
        const base = bytes.u64(at + first + 20 * i);
        const length = bytes.u64(at + first + 20 * i + 8);
        if (base === undefined || length === undefined) break;
        regions.push({ base, length });
      }
      return { ...header, kind: 'rmr', regions };
    }
    case 7:
      return {
        ...header,
        kind: 'iwb',
        base: u64(16),
        wireBridge: bytes.u16(at + 24) ?? 0,
        path: bytes.text(at + 26, Math.max(0, Math.min(MAX_PATH, header.length - 26))),
      };
    default:
      return { ...header, kind: 'unknown', type };
  }
}
