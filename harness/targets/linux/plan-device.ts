/** Where a device of a case is, as its plan follows it. */
import type { Device } from '../../../src/topology/topology.ts';

export type Owner = 'nobody' | 'vfio' | 'driver';

export interface DeviceState {
  readonly spec: Device;
  domain: string | undefined;
  owner: Owner;
  vectors: number;
  readonly torn: Set<number>;
  /** Ever bound to a driver, which gives its stream an entry. */
  probed: boolean;
  plugged: boolean;
  /** Past the kernel, and not restored. */
  isReset: boolean;
}

export const freshDevice = (spec: Device): DeviceState => ({
  spec,
  domain: undefined,
  owner: 'nobody',
  vectors: 0,
  torn: new Set(),
  probed: false,
  plugged: true,
  isReset: false,
});

/** Of a device that VFIO has: a driver would be left without its own. */
export function checkTable(name: string, { spec, owner }: DeviceState): string | undefined {
  if (spec.bus === 'pci' && spec.msix === undefined)
    return `${name} has no MSI-X table, in which its messages could be read past the kernel`;
  return owner === 'vfio'
    ? undefined
    : `${name} is not VFIO's at that step; a reset or a write past its driver would break that`;
}
