/**
 * What depends on the kernel's version. How a kernel maps doorbells is in the table of changes
 * (src/kernel/changes); what only concerns user space is here. A kernel that nobody tried takes the
 * row of its version.
 *
 * 6.1 and 6.12 of Debian have the 6.15 way of storing the IOVA (1f7df3a69174, backported to
 * stable), but still prepare in the irqchip with a list of pages by domain: in what can be seen
 * they are linux-5.2.
 */
import type { DesignName } from '../../../src/designs/design.ts';
import { behaviourOf, designOf } from '../../../src/kernel/changes/changes.ts';

export interface KernelTraits {
  /** How this kernel maps a doorbell. */
  readonly design: DesignName;
  /** Doorbells have an IOVA of the kernel's choice in VFIO domains (5d704992189f, 4.11). */
  readonly swMsi: boolean;
  /** A refused second VFIO_DEVICE_SET_IRQS frees what was set up (b156e48fffa9, 6.5). */
  readonly vfioLateCount: boolean;
}

/** `6.12.111+deb12-arm64` -> its traits; undefined when the text begins with no version. */
export function traitsOf(release: string): KernelTraits | undefined {
  const match = /^(\d+)\.(\d+)(\.\d+)?/.exec(release);
  if (match === null) return undefined;
  const [version, major, minor] = match;
  const behaviour = behaviourOf({ version, switches: {} });
  return {
    design: designOf(behaviour),
    vfioLateCount: behaviour['vfio-late-count'],
    swMsi: Number(major) > 4 || (major === '4' && Number(minor) >= 11),
  };
}
