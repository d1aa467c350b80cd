/** Changes of drivers/iommu and of the doorbell's mapping. */
import type { KernelChange } from './change.ts';

export const IOMMU_CHANGES = {
  'iommu-dma-map-msi': {
    title: 'iommu/dma: Add support for mapping MSIs',
    commit: '44bb7e243bd4',
    from: '4.9',
    effect: 'The doorbell page is mapped (design linux-4.9). Without it: design unmapped.',
  },
  'msi-only-cookie': {
    title: 'vfio/type1: Allow transparent MSI IOVA allocation',
    commit: '5d704992189f',
    from: '4.11',
    effect:
      "An unmanaged domain's MSI window is a cookie from which doorbells get an IOVA. Without it: only domains of the DMA API map doorbells.",
  },
  'vfio-unsafe-interrupts': {
    title: 'iommu/arm-smmu: Do not advertise IOMMU_CAP_INTR_REMAP anymore',
    commit: '5018c8d5ef0c',
    from: '4.11',
    effect:
      'VFIO looks at the MSI controller: one without isolation is EPERM unless unsafe interrupts are allowed. Without it: the SMMU is taken to isolate them.',
  },
  'iommu-dma-sac-first': {
    title: 'iommu/dma: Implement PCI allocation optimisation',
    commit: '122fac030e91',
    // Committed on 2017-01-30, three weeks before 4.10: what iommu-updates-v4.11 pulled.
    from: '4.11',
    effect:
      'IOVAs of PCI devices come from below 4 GiB while there are any. Without it: from the top of the DMA mask, where a device with 32-bit MSI addresses cannot write.',
  },
  'direct-map-of-pa-0': {
    title: 'iommu: Fix mapping check for 0x0 to avoid re-mapping it',
    commit: '0a4d00e2e99a',
    from: '7.0',
    stable: ['6.19.10'],
    effect:
      'A direct mapping at physical address 0 is seen to be there. Without it: address 0 is read as "not mapped", and the next device of the domain fails with EEXIST.',
  },
  'hw-msi-precedence': {
    title: 'vfio/type1: Give hardware MSI regions precedence',
    commit: '94a6fa899d2c',
    from: '4.14',
    effect:
      'A hardware MSI region of the IOMMU keeps VFIO from giving the domain a cookie. Without it: the doorbell gets an IOVA that the hardware does not translate.',
  },
  'iort-hw-msi-reserve': {
    title: 'ACPI/IORT: Add msi address regions reservation helper (HiSilicon 161010801)',
    commit: '8b4282e6b8e2',
    from: '4.16',
    effect:
      "The IORT's hardware MSI regions are known to the kernel. Without it: they are treated as translated.",
  },
  'prepare-msi': {
    title: "irqchip/gic-v3-its: Don't map the MSI page in its_irq_compose_msi_msg()",
    commit: '35ae7df21be0',
    from: '5.2',
    effect:
      'The doorbell is mapped when the interrupt is allocated (design linux-5.2). Without it: in compose, under a raw spinlock.',
  },
  'vfio-iova-list': {
    title: 'vfio/type1: check dma map request is within a valid iova range',
    commit: '9b77e5c79840',
    from: '5.4',
    effect:
      'A mapping of user space over the MSI window is EINVAL. Without it: it succeeds and the doorbell finds its IOVA taken.',
  },
  'smmu-disable-bypass': {
    title: 'iommu/arm-smmu: Break insecure users by disabling bypass by default',
    commit: '954a03be033c',
    from: '5.2',
    effect:
      'A stream that no SMR matches faults unless the topology says otherwise. Without it: it bypasses.',
  },
  'smmu-v3-duplicate-sids': {
    title: 'iommu/arm-smmu-v3: Cope with duplicated Stream IDs',
    commit: '563b5cbe334e',
    from: '4.15',
    effect:
      'A StreamID that a device names twice is installed once. Without it: the second write hits a live STE, a BUG_ON.',
  },
  'smmu-v3-sid-tree': {
    title: 'iommu/arm-smmu-v3: Maintain a SID->device structure',
    commit: 'cdf315f907d4',
    from: '5.13',
    effect:
      'A StreamID belongs to one device: attaching a second one with it is EINVAL. Without it: the second takes the STE over.',
  },
  'smmu-v3-own-duplicates': {
    title: 'iommu/arm-smmu-v3: Fix iommu_device_probe bug due to duplicated stream ids',
    commit: 'b00d24997a11',
    from: '6.15',
    effect:
      'The tree of StreamIDs passes over those that a device names twice. Without it, and with the tree: EINVAL.',
  },
  'smmu-v3-nested': {
    title: 'iommu/arm-smmu-v3: Support IOMMU_DOMAIN_NESTED',
    from: '6.13',
    effect:
      "A guest's stage 1 tables can be nested in a domain of the host. Without it: attaching such a domain is EOPNOTSUPP.",
  },
  'iommufd-sw-msi': {
    title: 'iommufd: Implement sw_msi support natively',
    commit: '40f5175d0eb7',
    from: '6.15',
    effect:
      'iommufd has a table of doorbells for each file descriptor (design linux-6.15). Without it: design linux-5.2.',
  },
  'msi-desc-iova': {
    title: 'genirq/msi: Store the IOMMU IOVA directly in msi_desc instead of iommu_cookie',
    commit: '1f7df3a69174',
    from: '6.15',
    unnamed: false,
    effect:
      'An msi_desc holds the IOVA. Without it: a pointer to the page, which dies with its domain.',
  },
  'prepare-needs-cookie': {
    title: 'iommu: Make iommu_dma_prepare_msi() into a generic operation',
    commit: '288683c92b1a',
    from: '6.15',
    effect:
      'A translating domain without a cookie is EOPNOTSUPP. Without it: success, and the physical address is programmed.',
  },
  'vfio-late-count': {
    title: 'vfio/pci: Use xarray for interrupt context storage',
    commit: 'b156e48fffa9',
    from: '6.5',
    effect:
      'A second VFIO_DEVICE_SET_IRQS with more vectors than the first is EINVAL after the others were set up again, and then frees them all (seen on booted 6.12). Without it: EINVAL before anything is done (seen on booted 6.1).',
  },
} as const satisfies Record<string, KernelChange>;
