/**
 * Writes ACPI tables for tests: right ones, and wrong ones on purpose. References between IORT
 * nodes are given by place in the list and turned into offsets; a negative number is written as it
 * is.
 */

export interface MappingSpec {
  readonly input?: number;
  /** The field: the number of IDs minus one. */
  readonly count?: number;
  readonly output?: number;
  /** Place of the node in the list; `{ offset }` writes any offset. */
  readonly to: number | { readonly offset: number };
  readonly single?: boolean;
}

interface NodeSpecBase {
  readonly maps?: readonly MappingSpec[];
  readonly revision?: number;
}

export type NodeSpec = NodeSpecBase &
  (
    | { readonly kind: 'its'; readonly ids: readonly number[] }
    | { readonly kind: 'named'; readonly path: string }
    | { readonly kind: 'rc'; readonly segment?: number; readonly memoryLimit?: number }
    | { readonly kind: 'smmu'; readonly base: bigint; readonly model?: number }
    | {
        readonly kind: 'smmu-v3';
        readonly base: bigint;
        readonly flags?: number;
        readonly model?: number;
        readonly gsivs?: readonly number[];
        readonly deviceIdIndex?: number;
      }
    | { readonly kind: 'pmcg'; readonly base: bigint; readonly gsiv?: number }
    | { readonly kind: 'rmr'; readonly regions: readonly (readonly [bigint, bigint])[] }
    | { readonly kind: 'iwb'; readonly base: bigint; readonly path: string }
    | { readonly kind: 'other'; readonly type: number }
  );

/** A growing little-endian buffer. */
class Writer {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  u8(...values: number[]): this {
    for (const value of values) this.#bytes.push(value & 0xff);
    return this;
  }

  u16(value: number): this {
    return this.u8(value, value >>> 8);
  }

  u32(...values: number[]): this {
    for (const value of values) this.u8(value, value >>> 8, value >>> 16, value >>> 24);
    return this;
  }

  u64(value: bigint): this {
    return this.u32(Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn));
  }

  text(text: string, size = text.length): this {
    for (let i = 0; i < size; i++) this.u8(text.charCodeAt(i) || 0);
    return this;
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.#bytes.push(byte & 0xff);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

export interface TableOptions {
  readonly revision?: number;
  readonly oemId?: string;
  readonly oemTableId?: string;
}

/** A table of any signature with a right length and checksum. */
export function writeTable(
  signature: string,
  body: Iterable<number>,
  options: TableOptions = {},
): Uint8Array {
  const content = [...body];
  const bytes = new Writer()
    .text(signature, 4)
    .u32(36 + content.length)
    .u8(options.revision ?? 3, 0)
    .text((options.oemId ?? 'TEST').padEnd(6), 6)
    .text((options.oemTableId ?? 'DOORBELL').padEnd(8), 8)
    .u32(1)
    .text('TEST', 4)
    .u32(1)
    .raw(content)
    .done();
  return withChecksum(bytes);
}

/** The same bytes with a right checksum. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const fixed = Uint8Array.from(bytes);
  fixed[9] = 0;
  let sum = 0;
  for (const byte of fixed) sum += byte;
  fixed[9] = -sum & 0xff;
  return fixed;
}

export function writeIort(nodes: readonly NodeSpec[], options: TableOptions = {}): Uint8Array {
  const bodies = nodes.map(bodyOf);
  const offsets: number[] = [];
  let at = 48;
  for (const [i, body] of bodies.entries()) {
    offsets.push(at);
    at += 16 + body.length + 20 * (nodes[i]?.maps?.length ?? 0);
  }
  const out = new Writer().u32(nodes.length, 48, 0);
  for (const [i, node] of nodes.entries()) {
    const body = bodies[i] ?? new Uint8Array();
    const maps = node.maps ?? [];
    out
      .u8(TYPES[node.kind] ?? ('type' in node ? node.type : 0xff))
      .u16(16 + body.length + 20 * maps.length)
      .u8(node.revision ?? REVISIONS[node.kind] ?? 0)
      .u32(i, maps.length, maps.length === 0 ? 0 : 16 + body.length)
      .raw(body);
    for (const map of maps)
      out.u32(
        map.input ?? 0,
        map.count ?? (map.single === true ? 0 : 0xffff),
        map.output ?? 0,
        typeof map.to === 'number' ? (offsets[map.to] ?? 0) : map.to.offset,
        map.single === true ? 1 : 0,
      );
  }
  return writeTable('IORT', out.done(), options);
}

const TYPES: Readonly<Record<string, number>> = {
  its: 0,
  named: 1,
  rc: 2,
  smmu: 3,
  'smmu-v3': 4,
  pmcg: 5,
  rmr: 6,
  iwb: 7,
};
const REVISIONS: Readonly<Record<string, number>> = {
  its: 1,
  named: 4,
  rc: 3,
  smmu: 3,
  'smmu-v3': 4,
  pmcg: 2,
  rmr: 3,
};

function bodyOf(node: NodeSpec): Uint8Array {
  const out = new Writer();
  switch (node.kind) {
    case 'its':
      return out.u32(node.ids.length, ...node.ids).done();
    case 'named': {
      out.u32(0).u64(1n).u8(64).text(`${node.path}\0`);
      while (out.length % 4 !== 0) out.u8(0);
      return out.done();
    }
    case 'rc':
      return out
        .u64(0x0300_0000_0000_0001n)
        .u32(0, node.segment ?? 0)
        .u8(node.memoryLimit ?? 64, 0, 0, 0)
        .done();
    case 'smmu':
      return out
        .u64(node.base)
        .u64(0x1_0000n)
        .u32(node.model ?? 1, 0, 60, 0, 76, 0, 76)
        .u64(0n)
        .u64(0n)
        .done();
    case 'smmu-v3':
      return out
        .u64(node.base)
        .u32(node.flags ?? 1, 0)
        .u64(0n)
        .u32(node.model ?? 0, ...(node.gsivs ?? [106, 107, 109, 108]), 0, node.deviceIdIndex ?? 0)
        .done();
    case 'pmcg':
      return out
        .u64(node.base)
        .u32(node.gsiv ?? 0, 0)
        .u64(node.base + 0x1000n)
        .done();
    case 'rmr': {
      // The regions follow the three fields; the mappings follow the regions.
      out.u32(0, node.regions.length, 28);
      for (const [base, length] of node.regions) out.u64(base).u64(length).u32(0);
      return out.done();
    }
    case 'iwb':
      return out.u64(node.base).u16(0).text(`${node.path}\0`).done();
    case 'other':
      return out.u32(0).done();
  }
}

export interface MadtSpec {
  readonly gic?: number;
  readonly cpus?: number;
  readonly its?: readonly (readonly [id: number, base: bigint])[];
  /** Base, first SPI, count; without SPIs the flag that overrides MSI_TYPER is off. */
  readonly frames?: readonly (readonly [base: bigint, spi?: number, count?: number])[];
  readonly redistributors?: readonly (readonly [base: bigint, length: number])[];
  /** Bytes put behind the entries as they are. */
  readonly extra?: readonly number[];
}

export function writeMadt(spec: MadtSpec, options: TableOptions = {}): Uint8Array {
  const out = new Writer().u32(0, 0);
  for (let cpu = 0; cpu < (spec.cpus ?? 2); cpu++)
    out
      .u8(11, 80, 0, 0)
      .u32(cpu, cpu, 1, 0, 0)
      .raw(new Uint8Array(80 - 24));
  if (spec.gic !== 0)
    out
      .u8(12, 24, 0, 0)
      .u32(0)
      .u64(0x800_0000n)
      .u32(0)
      .u8(spec.gic ?? 3, 0, 0, 0);
  for (const [base, spi, count] of spec.frames ?? [])
    out
      .u8(13, 24, 0, 0)
      .u32(0)
      .u64(base)
      .u32(spi === undefined ? 0 : 1)
      .u16(count ?? 0)
      .u16(spi ?? 0);
  for (const [base, length] of spec.redistributors ?? [])
    out.u8(14, 16, 0, 0).u64(base).u32(length);
  for (const [id, base] of spec.its ?? []) out.u8(15, 20, 0, 0).u32(id).u64(base).u32(0);
  out.raw(spec.extra ?? []);
  return writeTable('APIC', out.done(), options);
}

export function writeMcfg(
  ranges: readonly (readonly [base: bigint, segment: number, first: number, last: number])[],
): Uint8Array {
  const out = new Writer().u64(0n);
  for (const [base, segment, first, last] of ranges)
    out.u64(base).u16(segment).u8(first, last).u32(0);
  return writeTable('MCFG', out.done());
}

/** What acpidump prints of tables. */
export function dumpText(tables: readonly Uint8Array[]): string {
  const digits = (value: number, width: number): string =>
    value.toString(16).toUpperCase().padStart(width, '0');
  return tables
    .map((bytes) => {
      const lines = [`${String.fromCharCode(...bytes.subarray(0, 4))} @ 0x0000000000000000`];
      for (let at = 0; at < bytes.length; at += 16) {
        const row = [...bytes.subarray(at, at + 16)];
        const hexes = row.map((byte) => digits(byte, 2)).join(' ');
        const text = row.map((byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : '.'));
        lines.push(`    ${digits(at, 4)}: ${hexes.padEnd(47)}  ${text.join('')}`);
      }
      return `${lines.join('\n')}\n\n`;
    })
    .join('');
}
