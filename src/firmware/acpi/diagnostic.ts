/** What is wrong with the bytes of a table; what Linux makes of the meaning is in `findings.ts`. */
import type { FirmwareDiagnostic } from '../explanation.ts';

/** Rows of docs/errors.md; `harness/firmware/acpi/codes.ts` has their texts. */
export type AcpiCode =
  'DB650' | 'DB651' | 'DB652' | 'DB653' | 'DB654' | 'DB656' | 'DB657' | 'DB658' | 'DB659';

/** `node` is the table's signature, or what the caller called it when it has none. */
export interface AcpiDiagnostic extends FirmwareDiagnostic {
  readonly code: AcpiCode;
  readonly node: string;
}

/** A decoder's result: no value when there was an error. */
export interface Decoded<T> {
  readonly value?: T;
  readonly diagnostics: readonly AcpiDiagnostic[];
}

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
