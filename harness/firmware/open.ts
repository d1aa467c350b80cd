/** A path as firmware: what kind it is, told by its content. */
import { statSync } from 'node:fs';
import type { FirmwareDiagnostic } from '../../src/firmware/explanation.ts';
import { ACPI_TABLES } from './acpi/acpi-tables.ts';
import { DEVICE_TREE } from './device-tree.ts';
import type { Firmware, FirmwareFormat } from './firmware.ts';
import { readBytes } from './read-bytes.ts';

/** In the order in which they are asked. */
const FORMATS: readonly FirmwareFormat[] = [DEVICE_TREE, ACPI_TABLES];

/** The firmware at `path`, or why there is none. */
export function openFirmware(path: string): Firmware | FirmwareDiagnostic {
  const format = FORMATS.find(({ recognises }) => recognises(path));
  if (format !== undefined) return format.open(path);
  const bytes = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? '' : readBytes(path);
  if (typeof bytes === 'string' && bytes !== '')
    return { code: 'DB601', severity: 'error', message: bytes };
  return {
    code: 'DB617',
    severity: 'error',
    message: 'neither a device tree nor ACPI tables',
    hint: /\.ya?ml$/.test(path)
      ? 'topologies and specs are explained (doorbell explain) and checked by `doorbell validate`'
      : 'a .dtb file, /sys/firmware/devicetree/base, or ACPI tables',
  };
}
