/**
 * The Multiple APIC Description Table, as far as it names interrupt hardware that takes MSIs.
 * ACPI 6.5, 5.2.12.14 to 5.2.12.18; include/acpi/actbl2.h.
 */
import { hex, type AcpiDiagnostic, type Decoded } from './diagnostic.ts';
import type { AcpiTable } from './table.ts';

const FIRST_ENTRY = 44;
const MAX_ENTRIES = 65_536;
const MAX_DIAGNOSTICS = 32;

export interface MadtIts {
  /** Byte offset of the entry in the table. */
  readonly offset: number;
  /** What an IORT ITS group calls it. */
  readonly id: number;
  readonly base: bigint;
}

/** A GICv2m frame. */
export interface MadtMsiFrame {
  /** Byte offset of the entry in the table. */
  readonly offset: number;
  readonly id: number;
  readonly base: bigint;
  /** Flags bit 0: the next two fields replace MSI_TYPER; without it the frame's register counts. */
  readonly overrides: boolean;
  readonly spiCount: number;
  readonly spiBase: number;
}

export interface MadtGicc {
  readonly uid: number;
  readonly enabled: boolean;
  /** Flags bit 3. */
  readonly onlineCapable: boolean;
  readonly gicrBase: bigint;
}

export interface MadtDistributor {
  readonly base: bigint;
  /** 1 to 4; 0: the operating system has to find out. */
  readonly version: number;
}

export interface Madt {
  readonly table: AcpiTable;
  readonly cpus: readonly MadtGicc[];
  readonly distributors: readonly MadtDistributor[];
  readonly redistributors: readonly { readonly base: bigint; readonly length: number }[];
  readonly msiFrames: readonly MadtMsiFrame[];
  readonly its: readonly MadtIts[];
  /** The last of each ID. */
  readonly itsById: ReadonlyMap<number, MadtIts>;
  /**
   * Linux gives up all entries of the kind: one of them was refused, or one of any kind has the
   * length 0 (acpi_parse_entries_array returns -EINVAL; its_acpi_probe and gicv2m_acpi_init then
   * stop).
   */
  readonly failed: { readonly its: boolean; readonly frames: boolean };
  /** There are GICv5 entries (IRS, ITS), which are not modelled. */
  readonly gicv5: boolean;
}

/** Entry types and the bytes that Linux asks of each (BAD_MADT_ENTRY). */
const GICC = 11;
const GICD = 12;
const MSI_FRAME = 13;
const GICR = 14;
const ITS = 15;
const GICV5_FIRST = 28;
const GICV5_LAST = 30;
const BYTES: Readonly<Record<number, number>> = {
  [GICC]: 76,
  [GICD]: 24,
  [MSI_FRAME]: 24,
  [GICR]: 16,
  [ITS]: 20,
};

export function readMadt(table: AcpiTable): Decoded<Madt> {
  const { bytes } = table;
  const diagnostics: AcpiDiagnostic[] = [];
  const report = (diagnostic: Omit<AcpiDiagnostic, 'node'>): void => {
    if (diagnostics.length < MAX_DIAGNOSTICS) diagnostics.push({ node: 'APIC', ...diagnostic });
  };
  if (table.signature !== 'APIC' || table.length < FIRST_ENTRY) {
    report({
      code: table.signature === 'APIC' ? 'DB651' : 'DB650',
      severity: 'error',
      message:
        table.signature === 'APIC'
          ? `${table.length} bytes; a MADT has at least ${FIRST_ENTRY}`
          : `this is a table ${table.signature}, not a MADT`,
    });
    return { diagnostics };
  }

  const cpus: MadtGicc[] = [];
  const distributors: MadtDistributor[] = [];
  const redistributors: { base: bigint; length: number }[] = [];
  const msiFrames: MadtMsiFrame[] = [];
  const its: MadtIts[] = [];
  let gicv5 = false;
  const failed = { its: false, frames: false };

  let at = FIRST_ENTRY;
  for (let entries = 0; at + 2 <= table.length; entries++) {
    const type = bytes.u8(at) ?? 0;
    const length = bytes.u8(at + 1) ?? 0;
    if (length < 2 || at + length > table.length || entries >= MAX_ENTRIES) {
      if (length === 0) failed.its = failed.frames = true;
      report({
        code: 'DB653',
        severity: 'warning',
        offset: at,
        message: `the entry of type ${type} at ${hex(at)} says that it has ${length} bytes; the table ends at ${hex(table.length)}`,
        hint: 'Linux stops here; when the length is 0 it gives up the ITSs and frames before it as well.',
      });
      break;
    }
    const needed = BYTES[type] ?? 0;
    if (length < needed) {
      if (type === ITS) failed.its = true;
      if (type === MSI_FRAME) failed.frames = true;
      report({
        code: 'DB653',
        severity: 'warning',
        offset: at,
        message: `the entry of type ${type} at ${hex(at)} has ${length} bytes instead of ${needed}`,
        hint: 'Linux refuses it (BAD_MADT_ENTRY), and with it all entries of its kind.',
      });
    } else {
      const u32 = (offset: number): number => bytes.u32(at + offset) ?? 0;
      const u64 = (offset: number): bigint => bytes.u64(at + offset) ?? 0n;
      if (type === GICC)
        cpus.push({
          uid: u32(8),
          enabled: (u32(12) & 1) === 1,
          onlineCapable: (u32(12) & 8) === 8,
          gicrBase: u64(60),
        });
      else if (type === GICD) distributors.push({ base: u64(8), version: bytes.u8(at + 20) ?? 0 });
      else if (type === MSI_FRAME)
        msiFrames.push({
          offset: at,
          id: u32(4),
          base: u64(8),
          overrides: (u32(16) & 1) === 1,
          spiCount: bytes.u16(at + 20) ?? 0,
          spiBase: bytes.u16(at + 22) ?? 0,
        });
      else if (type === GICR) redistributors.push({ base: u64(4), length: u32(12) });
      else if (type === ITS) its.push({ offset: at, id: u32(4), base: u64(8) });
      else if (type >= GICV5_FIRST && type <= GICV5_LAST) gicv5 = true;
    }
    at += length;
  }
  if (gicv5)
    report({
      code: 'DB656',
      severity: 'warning',
      message: 'the MADT names a GICv5, which is not modelled: its ITSs are left out',
    });
  return {
    value: {
      table,
      cpus,
      distributors,
      redistributors,
      msiFrames,
      its,
      itsById: new Map(its.map((entry) => [entry.id, entry])),
      failed,
      gicv5,
    },
    diagnostics,
  };
}
