/** Codes of what can be wrong with a firmware file: rows of docs/errors.md. */
import type { CodeText } from '../spec/codes.ts';
import { ACPI_CODES } from './acpi/codes.ts';

export const FIRMWARE_CODES = {
  DB610: {
    title: 'not a device tree',
    meaning: 'The file does not begin with the magic of a flattened device tree.',
    mend: 'Give a .dtb; source is compiled with `dtc -O dtb`.',
  },
  DB611: {
    title: 'version of the tree',
    meaning: 'The flattened device tree has a version that Linux does not take.',
    mend: 'Rewrite it with `dtc -I dtb -O dtb -V 17`.',
  },
  DB612: {
    title: 'tree cut off',
    meaning: 'A length or offset in the tree leads outside of it.',
    mend: 'The file is damaged or was copied in part.',
  },
  DB613: {
    title: 'broken structure',
    meaning: 'The tokens of the tree do not make nodes and properties.',
    mend: 'The message has the byte at which it stops making sense.',
  },
  DB614: {
    title: 'an overlay',
    meaning: 'The file changes another tree and says nothing alone.',
    mend: 'Apply it with `fdtoverlay -i board.dtb -o merged.dtb overlay.dtbo`.',
  },
  DB615: {
    title: 'too large a tree',
    meaning: 'More nodes, depth or reservations than Linux or this reader takes.',
    mend: 'The message has the limit.',
  },
  DB616: {
    title: 'a property that Linux does not see',
    meaning: 'A property stands behind the children of its node.',
    mend: 'Write the tree anew with dtc.',
  },
  DB617: {
    title: 'not firmware',
    meaning: 'The path holds neither a device tree nor ACPI tables.',
    mend: 'Give a .dtb, a folder such as /sys/firmware/devicetree/base or /sys/firmware/acpi/tables, or a table.',
  },
  DB618: {
    title: 'no such device',
    meaning: 'No host bridge or device of the firmware has this path or requester ID.',
    mend: 'The hint has the nearest names; without --device and --rid all are listed.',
  },
  DB619: {
    title: 'left out at an import',
    meaning: 'Nodes of the firmware that the imported topology has no part for.',
    mend: '`origin: left-out` of the topology says why of each; no device can be wired to them.',
  },
  ...ACPI_CODES,
} as const satisfies Record<string, CodeText>;

export type FirmwareCode = keyof typeof FIRMWARE_CODES;
