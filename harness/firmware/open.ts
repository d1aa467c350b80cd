/** A path as firmware: what kind it is, told by its content. */
import { statSync } from 'node:fs';
import type { Era, Explanation, FirmwareDiagnostic } from '../../src/firmware/explanation.ts';
import type { Finding } from '../../src/firmware/finding.ts';
import { ACPI_TABLES } from './acpi/acpi-tables.ts';
import { DEVICE_TREE } from './device-tree.ts';
import { readBytes } from './read-bytes.ts';

export interface Firmware {
  /** What reading it said. With an error among them nothing else can be asked. */
  readonly diagnostics: readonly FirmwareDiagnostic[];
  /** @param rids Without them: ranges that cover each bridge's buses. */
  explain(options: { readonly era: Era; readonly rids?: readonly number[] }): Explanation;
  check(era: Era): readonly Finding[];
  /** The RID of a device that has a node below a host bridge. */
  requesterOf?(path: string): { readonly bridge: string; readonly rid: number } | undefined;
}

export interface FirmwareFormat {
  /** Whether the content is of this kind. Must not throw. */
  readonly recognises: (path: string) => boolean;
  readonly open: (path: string) => Firmware;
}

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
