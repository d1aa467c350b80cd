/**
 * UEFI for the guest, where a machine has root ports: with ACPI a port and what is behind it have
 * groups of their own.
 */
import { existsSync } from 'node:fs';

/** Debian and Ubuntu, Fedora, QEMU's own. */
const PLACES = [
  '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd',
  '/usr/share/edk2/aarch64/QEMU_EFI.fd',
  '/usr/share/qemu/edk2-aarch64-code.fd',
] as const;

export const FIRMWARE_PACKAGE = 'qemu-efi-aarch64';

/** Debian's place when there is none, for a command line that is only shown. */
export const firmwarePath = (): string => PLACES.find((path) => existsSync(path)) ?? PLACES[0];

export const hasFirmware = (): boolean => existsSync(firmwarePath());
