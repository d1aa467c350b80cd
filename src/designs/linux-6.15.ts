/**
 * Linux 6.15 (J. Gunthorpe, N. Chen): iommu_dma_prepare_msi is generic and dispatches on the
 * domain's cookie; the msi_desc holds the IOVA itself instead of a pointer into a domain. Under
 * iommufd the IOVA comes from a table of the file descriptor, and all pages that a device's
 * messages use are installed in a new domain before the device is attached to it.
 */
import { PROT } from '../hardware/smmu/page-table.ts';
import { WINDOW } from '../kernel/domains.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { step, when } from '../kernel/procedure.ts';
import { ERRNO } from '../observation.ts';
import { type Design, NO_HOOKS } from './design.ts';
import { setDescAddress, setDescIova } from './desc-iova.ts';
import { pageBase } from './message.ts';
import { cookieGranule, getMsiPage, hasCookie } from './msi-page.ts';

/** iommufd_sw_msi_install: READ too, and no NOEXEC, unlike dma-iommu.c. */
function install(k: Kernel, domain: number, iova: number, page: number): number {
  const size = k.config.pageSize;
  const known = k.bindings.findIova(domain, iova);
  if (known >= 0) return 0;
  const error = k.domains.map(domain, iova, page, size, PROT.WRITE | PROT.READ | PROT.MMIO);
  if (error === 0) k.bindings.insert(domain, page, iova);
  return error;
}

/** igroup: what its devices' messages need is kept for all of them, by the first one's index. */
const groupOf = (k: Kernel, device: number): number => k.device(device).group[0] ?? device;

/** iommufd_sw_msi. */
function iommufdSwMsi(k: Kernel, device: number, domain: number, row: number, pa: number): number {
  // No SW_MSI window: 0, and the PA is programmed.
  if (k.domains.window.get(domain) !== WINDOW.valid) return 0;
  const page = pageBase(pa, k.config.pageSize);
  const offset = k.iommufd.offsetOf(k.domains.spec(domain).iommufd, page);
  if (offset < 0) return offset;
  const iova = k.domains.windowBase.get(domain) + offset * k.config.pageSize;
  const error = install(k, domain, iova, page);
  if (error < 0) return error;
  k.iommufd.require(groupOf(k, device), offset);
  setDescIova(k, row, iova, k.config.pageSize);
  return 0;
}

const prepareMsi = step('iommu_dma_prepare_msi', (k, t) => {
  const domain = k.domains.paging(k.domains.forDevice(t.device));
  if (domain < 0) return 0;
  const { spec, iommufd } = k.domains.spec(domain);
  if (spec.kind === 'identity') return 0;
  const row = k.descOf(t.device, t.vector);
  if (iommufd >= 0) return iommufdSwMsi(k, t.device, domain, row, t.doorbell);
  if (!hasCookie(k, domain)) return k.on['prepare-needs-cookie'] ? -ERRNO.EOPNOTSUPP : 0;
  const slot = getMsiPage(k, t.device, domain, t.doorbell);
  if (slot < 0) return slot;
  setDescIova(k, row, k.bindings.iova.get(slot), cookieGranule(k, domain));
  return 0;
});

/** iommufd_group_setup_msi. */
const setupMsi = step('iommufd_group_setup_msi', (k, t) => {
  const domain = k.domains.paging(t.domain);
  const { iommufd } = k.domains.spec(domain);
  // Attached below, so that its tables exist: the hwpt is finalised before any device uses it.
  const finalised = k.domains.finalise(domain, k.device(t.device).iommu);
  if (finalised < 0) return finalised;
  for (let offset = 0; offset < k.iommufd.size(iommufd); offset++) {
    if (!k.iommufd.requires(groupOf(k, t.device), offset)) continue;
    const iova = k.domains.windowBase.get(domain) + offset * k.config.pageSize;
    const error = install(k, domain, iova, k.iommufd.page(iommufd, offset));
    if (error < 0) return error;
  }
  return 0;
});

export const linux615: Design = {
  ...NO_HOOKS,
  name: 'linux-6.15',
  prepare: [prepareMsi],
  compose: [step('msi_msg_set_addr', setDescAddress)],
  beforeAttach: [
    when(
      (k, t) => {
        const domain = k.domains.paging(t.domain);
        return k.domains.spec(domain).iommufd >= 0 && k.domains.window.get(domain) === WINDOW.valid;
      },
      [setupMsi],
    ),
  ],
  window: 'kernel',
};
