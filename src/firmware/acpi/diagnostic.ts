/** What is wrong with the bytes of a table; the meaning of what could be read is in `findings`. */

/** Rows of docs/errors.md; `harness/firmware/acpi/codes.ts` has their texts. */
export type AcpiCode =
  'DB650' | 'DB651' | 'DB652' | 'DB653' | 'DB654' | 'DB655' | 'DB656' | 'DB657' | 'DB658' | 'DB659';

export interface AcpiDiagnostic {
  readonly code: AcpiCode;
  readonly severity: 'error' | 'warning';
  /** Signature of the table, such as `IORT`; what the caller called it when it has none. */
  readonly table: string;
  /** Byte offset in the table, where there is one. */
  readonly offset?: number;
  readonly message: string;
  readonly hint?: string;
}

/** A decoder's result: no value when there was an error. */
export interface Decoded<T> {
  readonly value?: T;
  readonly diagnostics: readonly AcpiDiagnostic[];
}

export const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
