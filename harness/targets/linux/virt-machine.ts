/**
 * QEMU's command line for a case: hw/arm/virt with the spec's controller, SMMU and devices. Properties
 * were tried on QEMU 7.2.
 */
import type { PciDevice } from '../../../src/topology/topology.ts';
import { bdfOf } from './bdf.ts';
import type { CasePlan } from './plan.ts';

const LAST_SLOT = 31;
/** ROCKER_MSIX_VEC_COUNT: 4 and two for each port. */
const ROCKER_BASE_VECTORS = 4;

/** The machine and its devices; the kernel, channels and traces are the guest's affair. */
export function machineArguments(plan: CasePlan): string[] {
  const { cpus, iommus, msiControllers } = plan.topology;
  const its = Object.values(msiControllers).some(({ kind }) => kind === 'gicv3-its');
  const smmu = Object.keys(iommus).length > 0 ? ',iommu=smmuv3' : '';
  const gic = its ? 'gic-version=3,its=on' : 'gic-version=2';
  const ports = rockerPorts(plan);
  return [
    '-machine',
    `virt,${gic}${smmu}`,
    '-smp',
    String(cpus),
    ...(ports > 0 ? ['-global', `rocker.len-ports=${ports}`] : []),
    ...pciDevices(plan).flatMap(([name, { requesterId }], i) => {
      const kind = plan.recipes[name] ?? 'rocker';
      const device = `${kind},bus=pcie.0,addr=${(requesterId >> 3).toString(16)}.0`;
      return kind === 'rocker' ? rocker(device, i, ports) : ['-device', device];
    }),
    ...keeperSlots(plan).flatMap((slot) => [
      '-device',
      `edu,bus=pcie.0,addr=${slot.toString(16)}.0`,
    ]),
  ];
}

/** A port without a network is an error at start, and the vectors come with the ports. */
function rocker(device: string, index: number, ports: number): string[] {
  const all = Array.from({ length: ports }, (_, port) => ({ port, id: `n${index}p${port}` }));
  return [
    ...all.flatMap(({ id, port }) => ['-netdev', `hubport,hubid=${index * ports + port},id=${id}`]),
    '-device',
    [`${device},name=r${index}`, ...all.map(({ port, id }) => `ports[${port}]=${id}`)].join(','),
  ];
}

export const keeperAddresses = (plan: CasePlan): string[] =>
  keeperSlots(plan).map((slot) => bdfOf(slot << 3));

function pciDevices({ topology }: CasePlan): [string, PciDevice][] {
  return Object.entries(topology.devices).flatMap(([name, device]) =>
    device.bus === 'pci' ? [[name, device] as [string, PciDevice]] : [],
  );
}

function rockerPorts(plan: CasePlan): number {
  const most = pciDevices(plan)
    .filter(([name]) => plan.recipes[name] === 'rocker')
    .map(([, { msix }]) => msix?.vectors ?? 0);
  return Math.max(0, ...most.map((vectors) => Math.ceil((vectors - ROCKER_BASE_VECTORS) / 2)));
}

/** From the last slot down, one for each unmanaged domain. */
function keeperSlots(plan: CasePlan): number[] {
  const taken = new Set(pciDevices(plan).map(([, { requesterId }]) => requesterId >> 3));
  const needed = Object.values(plan.topology.domains).filter(({ kind }) => kind === 'unmanaged');
  const slots: number[] = [];
  for (let slot = LAST_SLOT; slot > 0 && slots.length < needed.length; slot--) {
    if (!taken.has(slot)) slots.push(slot);
  }
  return slots;
}
