/** The machine of a spec: for each device, what its MSI passes on the way to a CPU. */
import type { Device, Domain, MsiController, Topology } from '../../../src/topology/topology.ts';
import { element, escaped, span } from './markup.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;

export function machineMarkup({
  cpus,
  iommus,
  msiControllers,
  devices,
  domains,
}: Topology): string {
  const ways = Object.entries(devices).map(([name, device]) => {
    const { iommu, msiParent } = device;
    const controller = msiControllers[msiParent.controller];
    const stages = [box(name, deviceText(device))];
    if (iommu !== undefined) {
      const kind = iommus[iommu.iommu]?.kind ?? '';
      stages.push(box(iommu.iommu, `${kind}, StreamID ${iommu.streamIds.map(hex).join(', ')}`));
    }
    if (controller !== undefined)
      stages.push(box(msiParent.controller, controllerText(controller, msiParent.deviceId)));
    stages.push(box('CPUs', cpus === 1 ? '0' : `0 to ${cpus - 1}`));
    return element('div', 'class="way"', stages.join('<i>→</i>'));
  });
  const spaces = Object.entries(domains).map(([name, domain]) => `${name}: ${domainText(domain)}`);
  const notes =
    spaces.length === 0
      ? ''
      : element('p', 'class="note"', escaped(`domains: ${spaces.join('; ')}`));
  return ways.join('') + notes;
}

const box = (name: string, text: string): string =>
  element('span', 'class="box"', `${element('b', '', escaped(name))} ${span('note', text)}`);

function deviceText(device: Device): string {
  if (device.bus === 'platform') return `platform, ${device.msis} MSIs`;
  const { requesterId, msi, msix } = device;
  const kinds = [
    msi === undefined ? '' : `MSI ${msi.vectors}`,
    msix === undefined ? '' : `MSI-X ${msix.vectors}`,
  ].filter((kind) => kind !== '');
  return `PCI ${hex(requesterId)}, ${kinds.join(' and ') || 'no MSI'}`;
}

function controllerText(controller: MsiController, deviceId: number): string {
  switch (controller.kind) {
    case 'gicv2m':
      return `gicv2m ${controller.frames.map(({ base }) => hex(base)).join(', ')}`;
    case 'gicv3-its':
      return `gicv3-its ${hex(controller.base)}, DeviceID ${hex(deviceId)}`;
    case 'gicv3-mbi':
    case 'in-bridge':
    case 'percpu-doorbell':
    case 'riscv-imsic':
      return `${controller.kind} ${hex(controller.base)}`;
  }
}

function domainText(domain: Domain): string {
  if (domain.kind !== 'unmanaged' || domain.msiWindow === undefined) return domain.kind;
  const { base, size } = domain.msiWindow;
  return `unmanaged, doorbell window ${hex(base)} + ${hex(size)}`;
}
