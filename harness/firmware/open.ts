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
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const bytes = isFolder ? new Uint8Array() : readBytes(path);
  if (typeof bytes === 'string') return { code: 'DB601', severity: 'error', message: bytes };
  return {
    code: 'DB617',
    severity: 'error',
    message: 'neither a device tree nor ACPI tables',
    hint: isFolder ? FOLDER_HINT : hintFor(path, bytes),
  };
}

const FOLDER_HINT =
  'a folder is /sys/firmware/devicetree/base, /sys/firmware/acpi/tables, or a copy of one';

/** What people give instead. */
function hintFor(path: string, bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('latin1');
  if (bytes.length === 0) return 'the file is empty';
  if (/\.ya?ml$/.test(path))
    return 'topologies and specs are explained (doorbell explain) and checked by `doorbell validate`';
  if (/^\s*(\/\*[^]*?\*\/\s*|\/\/.*\s*)*\/dts-v1\//.test(head))
    return 'this is the source of a device tree: dtc -I dts -O dtb -o board.dtb FILE';
  const packed = PACKED.find(([magic]) => head.startsWith(magic));
  if (packed !== undefined) return `it is compressed: ${packed[1]} FILE > board.dtb`;
  return 'a .dtb file, /sys/firmware/devicetree/base, or ACPI tables';
}

const PACKED = [
  ['\u001f\u008b', 'gzip -dc'],
  ['\u00fd7zXZ', 'xz -dc'],
  ['(\u00b5/\u00fd', 'zstd -dc'],
] as const;
