/**
 * The header that every ACPI table but the FACS begins with. ACPI 6.5, 5.2.6.
 *
 * Linux reads as many bytes as the header's length says. A wrong checksum is only a warning there
 * ("Incorrect checksum in table [IORT]"; acpica/utcksum.c, ACPI_CHECKSUM_ABORT is FALSE), so here
 * too.
 */
import { Bytes } from './bytes.ts';
import { hex, type AcpiDiagnostic, type Decoded } from './diagnostic.ts';

const HEADER_BYTES = 36;

/** Larger tables are refused: a large server's IORT has some 10 KiB, its DSDT some MiB. */
const MAX_TABLE_BYTES = 16 << 20;

export interface AcpiTable {
  /** Four characters: `IORT`, `APIC`, `MCFG`. */
  readonly signature: string;
  readonly length: number;
  readonly revision: number;
  /** Six characters, padded with blanks as in the table. */
  readonly oemId: string;
  /** Eight characters, padded with blanks as in the table. */
  readonly oemTableId: string;
  readonly oemRevision: number;
  /** The table, cut to its length. */
  readonly bytes: Bytes;
}

/**
 * Read the header and check length and checksum.
 *
 * @param name What to call the bytes in a diagnostic when they have no signature, such as the
 * file's name.
 */
export function readTable(bytes: Uint8Array, name: string): Decoded<AcpiTable> {
  const all = new Bytes(bytes);
  const signature = all.text(0, 4);
  const length = all.u32(4);
  if (all.length < HEADER_BYTES || length === undefined)
    return refuse('DB650', name, `${all.length} bytes; a header alone has 36`);
  if (!/^[A-Z0-9_!]{4}$/.test(signature))
    return refuse('DB650', name, 'it does not begin with the four letters of an ACPI table');
  if (length < HEADER_BYTES)
    return refuse('DB651', signature, `its length field says ${length}; a header has 36`);
  if (length > all.length)
    return refuse(
      'DB651',
      signature,
      `its length field says ${length} bytes, but there are ${all.length}`,
      'The file is cut short, or the length field is wrong.',
    );
  if (length > MAX_TABLE_BYTES)
    return refuse('DB651', signature, `${length} bytes are more than a table can have`);

  const diagnostics: AcpiDiagnostic[] = [];
  const sum = checksum(bytes.subarray(0, length));
  if (sum !== 0) {
    const found = all.u8(9) ?? 0;
    diagnostics.push({
      code: 'DB652',
      severity: 'warning',
      node: signature,
      offset: 9,
      message: `the checksum is ${hex(found)} and should be ${hex((found - sum) & 0xff)}`,
      hint: 'Linux warns and uses the table all the same.',
    });
  }
  return {
    value: {
      signature,
      length,
      revision: all.u8(8) ?? 0,
      oemId: all.text(10, 6),
      oemTableId: all.text(16, 8),
      oemRevision: all.u32(24) ?? 0,
      bytes: new Bytes(bytes.subarray(0, length)),
    },
    diagnostics,
  };
}

/** The sum of all bytes modulo 256: 0 in a table with a right checksum. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum & 0xff;
}

function refuse(
  code: 'DB650' | 'DB651',
  table: string,
  message: string,
  hint?: string,
): Decoded<AcpiTable> {
  return {
    diagnostics: [
      { code, severity: 'error', node: table, message, ...(hint === undefined ? {} : { hint }) },
    ],
  };
}
