/**
 * The MCFG: which buses of which PCI segment have memory-mapped configuration space. PCI Firmware
 * 3.3, 4.1.2. Where host bridges begin and end is in the DSDT (_CRS), which is AML and not read
 * here.
 */
import type { AcpiDiagnostic, Decoded } from './diagnostic.ts';
import type { AcpiTable } from './table.ts';

const FIRST_ENTRY = 44;
const ENTRY_BYTES = 16;
const MAX_ENTRIES = 65_536;

export interface McfgRange {
  readonly base: bigint;
  readonly segment: number;
  readonly firstBus: number;
  readonly lastBus: number;
}

export interface Mcfg {
  readonly table: AcpiTable;
  readonly ranges: readonly McfgRange[];
}

export function readMcfg(table: AcpiTable): Decoded<Mcfg> {
  const { bytes } = table;
  const diagnostics: AcpiDiagnostic[] = [];
  if (table.signature !== 'MCFG' || table.length < FIRST_ENTRY) {
    diagnostics.push({
      node: 'MCFG',
      code: table.signature === 'MCFG' ? 'DB651' : 'DB650',
      severity: 'error',
      message:
        table.signature === 'MCFG'
          ? `${table.length} bytes; an MCFG has at least ${FIRST_ENTRY}`
          : `this is a table ${table.signature}, not an MCFG`,
    });
    return { diagnostics };
  }
  const ranges: McfgRange[] = [];
  // Linux: as many whole entries as the length has (pci_mcfg_parse).
  const count = Math.min(MAX_ENTRIES, Math.floor((table.length - FIRST_ENTRY) / ENTRY_BYTES));
  for (let i = 0; i < count; i++) {
    const at = FIRST_ENTRY + ENTRY_BYTES * i;
    ranges.push({
      base: bytes.u64(at) ?? 0n,
      segment: bytes.u16(at + 8) ?? 0,
      firstBus: bytes.u8(at + 10) ?? 0,
      lastBus: bytes.u8(at + 11) ?? 0,
    });
  }
  const rest = (table.length - FIRST_ENTRY) % ENTRY_BYTES;
  if (rest !== 0)
    diagnostics.push({
      code: 'DB653',
      severity: 'warning',
      node: 'MCFG',
      offset: table.length - rest,
      message: `${rest} bytes are left over after the last whole entry`,
    });
  return { value: { table, ranges }, diagnostics };
}
