/** Codes of what can be wrong with ACPI tables: rows of docs/errors.md. */
import type { AcpiCode } from '../../../src/firmware/acpi/diagnostic.ts';
import type { CodeText } from '../../spec/codes.ts';

export const ACPI_CODES = {
  DB650: {
    title: 'not an ACPI table',
    meaning: 'The file cannot be read, or holds no table IORT, APIC or MCFG.',
    mend: 'Give a table, a folder of tables or the output of acpidump. Tables in /sys are for root.',
  },
  DB651: {
    title: 'length of a table',
    meaning: "The table's length field does not agree with the file, or cannot be right.",
    mend: 'The file was copied in part, or the firmware is broken.',
  },
  DB652: {
    title: 'checksum of a table',
    meaning: 'The bytes of the table do not add up to 0. Linux warns and uses it.',
    mend: 'The file was changed, or a boot loader patched the table without mending the checksum.',
  },
  DB653: {
    title: 'broken nodes or entries',
    meaning: 'A node of the IORT, or an entry of the MADT or MCFG, has a length that cannot be.',
    mend: 'The message has the offset. What Linux does then is in the hint.',
  },
  DB654: {
    title: 'mappings out of the table',
    meaning: "A node's ID mappings are not within the table.",
    mend: 'The mapping count or offset of the node is wrong.',
  },
  DB656: {
    title: 'not modelled',
    meaning: 'The tables describe hardware that is left out here.',
    mend: 'What is said of the rest holds.',
  },
  DB657: {
    title: 'a table is missing',
    meaning: 'There is no IORT, or no MADT to compare it with.',
    mend: 'Put the other tables beside it, or give the folder that has all of them.',
  },
  DB658: {
    title: 'broken dump',
    meaning: 'A line of the output of acpidump is missing, out of order or changed.',
    mend: 'Save the output as it is; `acpidump -b` writes files instead.',
  },
  DB659: {
    title: 'two tables of one kind',
    meaning: 'Two tables have one signature; the first counts, as in Linux.',
    mend: 'Give one board at a time.',
  },
} as const satisfies Record<AcpiCode, CodeText>;
