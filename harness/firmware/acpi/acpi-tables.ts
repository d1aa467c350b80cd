/** ACPI tables as firmware: a file with those beside it, a folder, or the text of acpidump. */
import { explainAcpi } from '../../../src/firmware/acpi/explain.ts';
import { findingsOf } from '../../../src/firmware/acpi/findings.ts';
import type { FirmwareFormat } from '../firmware.ts';
import { isAcpi, readAcpi } from './read-tables.ts';

export const ACPI_TABLES: FirmwareFormat = {
  recognises: isAcpi,
  open: (path) => {
    const machine = readAcpi(path);
    return {
      diagnostics: machine.diagnostics,
      explain: (options) => explainAcpi(machine, options),
      check: (era) => findingsOf(machine, era),
    };
  },
};
