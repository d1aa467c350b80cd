/**
 * The text that `acpidump` prints: for each table a line `IORT @ 0x0000000000000000` and lines of
 * up to 16 bytes, `    0000: 49 4F 52 54 ...  IORT....`. Tables that play no part are passed over.
 */
import { hex, type AcpiDiagnostic } from './diagnostic.ts';

const HEADING = /^([A-Z0-9_!]{4}) @ (?:0x)?[0-9A-Fa-f]+\s*$/;
const LINE = /^\s*([0-9A-Fa-f]{4,8}):((?: [0-9A-Fa-f]{2}){1,16})(?:\s{2}.*|\s*)$/;

export interface DumpedTable {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Dump {
  readonly tables: readonly DumpedTable[];
  readonly diagnostics: readonly AcpiDiagnostic[];
}

/** The text looks like that of acpidump: one of its first lines names a table. */
export const isDump = (text: string): boolean =>
  text
    .slice(0, 65_536)
    .split('\n', 200)
    .some((line) => HEADING.test(line.trimEnd()));

/**
 * The named tables of a dump, in its order.
 *
 * @param wanted Signatures to decode; the lines of others are not looked at.
 */
export function readDump(text: string, wanted: readonly string[]): Dump {
  const tables: DumpedTable[] = [];
  const diagnostics: AcpiDiagnostic[] = [];
  let open: { readonly name: string; readonly bytes: number[] } | undefined;
  const close = (): void => {
    if (open !== undefined) tables.push({ name: open.name, bytes: Uint8Array.from(open.bytes) });
    open = undefined;
  };
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    const heading = HEADING.exec(line)?.[1];
    if (heading !== undefined) {
      close();
      if (wanted.includes(heading)) open = { name: heading, bytes: [] };
      continue;
    }
    if (open === undefined || line === '') continue;
    const [, offset, values] = LINE.exec(line) ?? [];
    if (
      offset === undefined ||
      values === undefined ||
      parseInt(offset, 16) !== open.bytes.length
    ) {
      diagnostics.push({
        code: 'DB658',
        severity: 'error',
        node: open.name,
        offset: open.bytes.length,
        message: `line ${index + 1} of the dump is not the bytes of ${open.name} at ${hex(open.bytes.length)}`,
        hint: 'Lines are missing, out of order or changed. Save the output of acpidump as it is.',
      });
      open = undefined;
      continue;
    }
    for (const value of values.trim().split(' ')) open.bytes.push(parseInt(value, 16));
  }
  close();
  return { tables, diagnostics };
}
