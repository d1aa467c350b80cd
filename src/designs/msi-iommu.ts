/**
 * The later series, v9 to v11 (drivers/iommu/msi-iommu.c): the irqchip registers its doorbells; a
 * vector maps all of them when it is allocated and drops them when it is freed; compose only swaps
 * the address. Counted, so nothing leaks; every CPU's page is mapped for every vector, so a window
 * must have room for all of them.
 */
import { PROT } from '../hardware/smmu/page-table.ts';
import { WINDOW } from '../kernel/domains.ts';
import { driverOf } from '../kernel/controllers/drivers.ts';
import { IRQ } from '../kernel/irqs.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { step, when } from '../kernel/procedure.ts';
import { ERRNO } from '../observation.ts';
import { type Design, NO_HOOKS } from './design.ts';
import { messageAddress, pageBase, setMessagePage } from './message.ts';

/**
 * iommu_msi_domain: the domain whose doorbells are to be mapped, or -1. DMA domains are left alone.
 */
function msiDomain(k: Kernel, device: number): number {
  const domain = k.domains.forDevice(device);
  return domain >= 0 && k.domains.spec(domain).spec.kind === 'unmanaged' ? domain : -1;
}

/** iommu_msi_get_doorbell_iova. 0, or minus: ENODEV (no cookie), ENOMEM, iommu_map's error. */
function getDoorbell(k: Kernel, domain: number, vector: number, page: number): number {
  if (k.domains.window.get(domain) !== WINDOW.valid) return -ERRNO.ENODEV;
  const size = k.domains.granule(domain);
  let slot = k.bindings.find(domain, page);
  if (slot < 0) {
    const iova = allocate(k, domain, size);
    if (iova < 0) return -ERRNO.ENOMEM;
    const error = k.domains.map(domain, iova, page, size, PROT.WRITE);
    if (error < 0) return error;
    slot = k.bindings.insert(domain, page, iova);
  }
  k.bindings.count(slot, 1, vector);
  return 0;
}

function putDoorbell(k: Kernel, domain: number, vector: number, page: number): void {
  const slot = k.bindings.find(domain, page);
  if (slot < 0 || k.bindings.count(slot, -1, vector) > 0) return;
  k.domains.unmap(domain, k.bindings.iova.get(slot), k.domains.granule(domain));
  k.bindings.remove(slot);
}

function allocate(k: Kernel, domain: number, size: number): number {
  const base = k.domains.windowBase.get(domain);
  for (let iova = base + k.domains.windowSize.get(domain) - size; iova >= base; iova -= size) {
    if (k.bindings.findIova(domain, iova) < 0) return iova;
  }
  return -1;
}

/** Pages of all doorbells of a vector's controller, each once. */
function pagesOf(k: Kernel, domain: number, vector: number): number[] {
  const device = k.topology.deviceOfVector[vector] as number;
  const size = k.domains.granule(domain);
  const pages = driverOf(k, device)
    .doorbells(k, vector)
    .map((doorbell) => pageBase(doorbell, size));
  return [...new Set(pages)];
}

const mapDoorbells = step('iommu_msi_get_doorbell_iova', (k, t) => {
  const domain = msiDomain(k, t.device);
  if (domain < 0) return 0;
  const pages = pagesOf(k, domain, t.vector);
  for (const [n, page] of pages.entries()) {
    const error = getDoorbell(k, domain, t.vector, page);
    if (error === 0) continue;
    for (const taken of pages.slice(0, n)) putDoorbell(k, domain, t.vector, taken);
    return error;
  }
  k.irqs.binding.set(t.vector, domain + 1);
  return 0;
});

const swapAddress = step('iommu_msi_msg_pa_to_va', (k, t) => {
  const domain = msiDomain(k, t.device);
  if (domain < 0) return 0;
  const size = k.domains.granule(domain);
  const slot = k.bindings.find(domain, pageBase(messageAddress(t), size));
  if (slot < 0) return -ERRNO.EINVAL;
  setMessagePage(t, k.bindings.iova.get(slot), size);
  return 0;
});

const dropDoorbells = step('iommu_msi_put_doorbell_iova', (k, t) => {
  const domain = k.irqs.binding.get(t.vector) - 1;
  for (const page of pagesOf(k, domain, t.vector)) putDoorbell(k, domain, t.vector, page);
  k.irqs.binding.set(t.vector, 0);
});

export const msiIommu: Design = {
  ...NO_HOOKS,
  name: 'msi-iommu',
  mapsAllCpus: true,
  prepare: [mapDoorbells],
  compose: [swapAddress],
  free: [when((k, t) => k.irqs.binding.get(t.vector) > 0, [dropDoorbells])],
  held: (k, domain, slot) => {
    let held = 0;
    for (let vector = 0; vector < k.topology.vectors; vector++) {
      const inUse = k.irqs.is(vector, IRQ.allocated) && k.irqs.binding.get(vector) === domain + 1;
      if (inUse && pagesOf(k, domain, vector).includes(k.bindings.pa.get(slot))) held++;
    }
    return held;
  },
  window: 'user',
};
