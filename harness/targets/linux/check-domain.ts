/** Which domains of a spec user space of a kernel can have. */
import { type Domain, SW_MSI_WINDOW } from '../../../src/topology/topology.ts';
import type { KernelTraits } from './kernels.ts';

/** Why not, or undefined. */
export function checkDomain(
  name: string,
  domain: Domain,
  traits: KernelTraits,
): string | undefined {
  if (domain.kind === 'blocked')
    return `${name} is a blocked domain; user space cannot attach to one`;
  if (domain.kind !== 'unmanaged') return undefined;
  if (domain.iommufd !== undefined)
    return `${name} is of iommufd; the target drives VFIO containers`;
  if (domain.refuseUnsafe === true && domain.vfio !== true)
    return `${name} refuses unsafe interrupts; its keeper would be refused first (say vfio: true of it)`;
  if (!traits.swMsi)
    return `${name} needs a doorbell window; this kernel knows none (it came in 4.11)`;
  const { msiWindow } = domain;
  if (msiWindow === undefined) return `${name} has no doorbell window; VFIO always gives it one`;
  const same = msiWindow.base === SW_MSI_WINDOW.base && msiWindow.size === SW_MSI_WINDOW.size;
  return same
    ? undefined
    : `${name} has a doorbell window of its own; the kernel's is at 0x8000000, 1M`;
}
