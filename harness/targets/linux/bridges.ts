/**
 * What cannot be done with devices behind a PCIe-to-PCI bridge. It speaks for them as device 0.0 of
 * their bus: they share a DeviceID and with it an ITT, a StreamID, and the group of the bridge.
 */
import type { Operation } from '../../../src/operation.ts';
import { vectorCapacity } from '../../../src/topology/resolve.ts';
import type { Device, PciDevice, Topology } from '../../../src/topology/topology.ts';
import type { DeviceState } from './plan-device.ts';
import type { Recipe } from './qemu-needs.ts';
import { qemuVectors } from './qemu/machine.ts';

/** Why an operation on a device behind a bridge cannot be done, or undefined. */
export function checkBehindBridge(
  name: string,
  device: DeviceState,
  operation: Operation,
  topology: Topology,
): string | undefined {
  const { spec, owner } = device;
  if (!isBehind(spec)) return undefined;
  const alone = `${name} is in the group of its bridge, and 6.1 gives another default domain to groups of one device alone`;
  switch (operation.op) {
    case 'unplug':
      return `${name} is behind a bridge; cards are taken out of slots of root ports, or bus 0`;
    case 'reset':
      return `${name} is behind a bridge; past the kernel its bus would be reset, with all that is on it`;
    case 'attach':
      return topology.domains[operation.domain]?.kind === 'unmanaged' ? undefined : alone;
    case 'setup':
      return spec.iommu === undefined || owner === 'vfio' ? undefined : alone;
    default:
      return undefined;
  }
}

/**
 * arm_smmu_insert_master, "stream 768 already in tree" on booted 6.1 and 6.12: who comes second has
 * no group.
 */
export function checkStreams(topology: Topology): string | undefined {
  const first = new Map<number, string>();
  for (const [name, spec] of Object.entries(topology.devices)) {
    if (!isBehind(spec) || spec.iommu === undefined) continue;
    const other = first.get(spec.behind);
    if (other !== undefined)
      return `${name} and ${other} have one StreamID behind their bridge; SMMUv3's driver has one device for each (since 5.13), and VFIO takes no other`;
    first.set(spec.behind, name);
  }
  return undefined;
}

/**
 * The ITT has room for all vectors of the bus (its_pci_msi_vec_count), so that what QEMU has
 * instead must not be seen in it.
 */
export function checkRoom(
  { devices, msiControllers }: Topology,
  recipes: Readonly<Record<string, Recipe>>,
): string | undefined {
  if (!Object.values(msiControllers).some(({ kind }) => kind === 'gicv3-its')) return undefined;
  const real = qemuVectors(devices, recipes);
  const behind = Object.entries(devices).flatMap(([name, spec]) =>
    isBehind(spec) ? [{ name, spec }] : [],
  );
  for (const { name, spec } of behind) {
    const bus = behind.filter((other) => other.spec.behind === spec.behind);
    const wanted = bus.reduce((sum, each) => sum + vectorCapacity(each.spec), 0);
    const there = bus.reduce((sum, each) => sum + (real[each.name] ?? 0), 0);
    if (log2(wanted) !== log2(there))
      return `${name} is behind a bridge with ${wanted} vectors, and QEMU's devices there have ${there}, which is another size of the ITT`;
  }
  return undefined;
}

const log2 = (events: number): number => Math.ceil(Math.log2(events));

const isBehind = (spec: Device): spec is PciDevice & { readonly behind: number } =>
  spec.bus === 'pci' && spec.behind !== undefined;
