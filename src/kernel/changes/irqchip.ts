/** Changes of drivers/irqchip. */
import type { KernelChange } from './change.ts';

export const IRQCHIP_CHANGES = {
  'v2m-multi-msi-alignment': {
    title: 'irqchip/gic-v2m: Handle Multiple MSI base IRQ Alignment',
    commit: '2ef3886ce626',
    from: '6.18',
    effect:
      'The first SPI of n vectors is a multiple of n. Without it: aligned within the frame only, and the device replaces low bits that are not zero.',
  },
  'v2m-x-gene': {
    title: 'irqchip/gic-v2m: Add workaround for APM X-Gene GICv2m erratum',
    commit: 'ee5f7d6462c5',
    from: '4.4',
    effect:
      "An X-Gene frame is written the SPI less the frame's first. Without it: the SPI, which it takes for another.",
  },
  'v2m-ns2': {
    title: 'irqchip/gic-v2m: Add workaround for Broadcom NS2 GICv2m erratum',
    // 4.6 does not have it, 4.9 has; which of the three between them brought it was not seen.
    from: '4.8',
    recollected: true,
    effect: 'An NS2 frame is written the SPI less 32. Without it: the SPI.',
  },
  'v2m-graviton': {
    title: 'irqchip/gic-v2m: Add support for Amazon Graviton variant of GICv3+GICv2m',
    commit: '90b4c5558615',
    from: '5.3',
    effect:
      "The address of a Graviton frame's message carries the SPI, and a block of several is refused. Without it: the message of a plain frame.",
  },
  'mbi-driver': {
    title: 'irqchip/gic-v3: Add support for Message Based Interrupts as an MSI controller',
    commit: '505287525c24',
    from: '4.18',
    effect: 'The SPIs of mbi-ranges serve MSIs. Without it: EINVAL.',
  },
  'v2m-acpi-fwnode': {
    title: 'irqchip/gic-v2m: Prevent use after free of gicv2m_get_fwnode()',
    commit: '3318dc299b07',
    from: '6.15',
    stable: ['6.14.6', '6.1.138'],
    effect:
      'A device that is plugged in after boot finds its GICv2m through ACPI. Without it: by code that was freed.',
  },
  'its-pre-its': {
    title: 'irqchip/gic-v3: Add workaround for Synquacer pre-ITS',
    commit: '558b01654d92',
    from: '4.15',
    effect:
      'The doorbell of a device is its slot of the pre-ITS. Without it: GITS_TRANSLATER, where the ITS sees no DeviceID.',
  },
  'its-move-only-elsewhere': {
    title:
      'irqchip/gicv3-its: Skip irq affinity setting when target cpu is the same as current setting',
    commit: '8b8d94a72fd4',
    // Committed on 2017-06-22, ten days before 4.12.
    from: '4.13',
    effect: 'MOVI only where the CPU changes. Without it: one for every affinity write.',
  },
  'its-ites-for-all-lpis': {
    title: 'irqchip/gic-v3-its: Ensure nr_ites >= nr_lpis',
    commit: '4f2c7583e33e',
    from: '4.16',
    effect:
      'The ITT has room for every LPI of the device. Without it, and with LPIs in chunks of 32: EventIDs beyond the ITT.',
  },
  'its-lpi-ranges': {
    title: 'irqchip/gic-v3-its: Refactor LPI allocator',
    from: '4.19',
    effect: 'A device gets as many LPIs as it asks for. Without it: chunks of 32.',
  },
  'its-itt-for-whole-table': {
    title: 'irqchip/gic-v3-its: Provide MSI parent for PCI/MSI[-X]',
    commit: 'b5712bf89b4b',
    from: '6.11',
    unnamed: false,
    effect:
      'The ITT and the LPIs of a device are for its whole MSI-X table (hwsize). Without it: for the vectors asked for. Seen on 6.12 and 6.1.',
  },
  'its-shared-device-id': {
    title: 'irqchip/gic-v3-its: Plug allocation race for devices sharing a DevID',
    commit: '9791ec7df0e7',
    from: '5.1',
    effect:
      'An ITS device that a second prepare finds is shared and never freed. Without it: freed with its last EventID, whoever else uses it.',
  },
  'its-proxied-is-shared': {
    title: 'irqchip/gic-v3-its: Flag device allocation as proxied if behind a PCI bridge',
    commit: '34dd263fce31',
    // With 5fe71d271df8, which makes the flag mean shared. Committed on 2020-12-11, two days before
    // 5.10.
    from: '5.11',
    effect:
      'The ITT of a DeviceID that a bridge speaks for is shared from the start and never freed. Without it: freed with the last EventID of the one function that used it.',
  },
  'its-invall-sync': {
    title: 'irqchip/irq-gic-v3-its.c: Force synchronisation when issuing INVALL',
    commit: 'b383a42ca523',
    from: '5.16',
    effect:
      'A CPU that comes online waits until its redistributor has reread the configuration of its LPIs. Without it: INVALL is posted and takes effect some time later.',
  },
  'v4-vinv-vsync': {
    title: 'irqchip/gic-v3-its: Synchronise INV command targetting a VLPI using VSYNC',
    commit: '286146960a11',
    from: '5.5',
    effect:
      "INV of a forwarded interrupt is followed by a VSYNC of its vPE. Without it: by a SYNC of the redistributor that the host's interrupt was at.",
  },
  'v4-no-vsync-of-unmapped-vpe': {
    title: 'irqchip/gic-v3-its: Fix VSYNC referencing an unmapped VPE on GIC v4.1',
    commit: '80e9963fb3b5',
    from: '6.10',
    stable: ['6.6.58'],
    effect:
      'A VMAPP that unmaps a vPE of a GICv4.1 ITS is followed by nothing. Without it: by a VSYNC that names the vPE that is gone, a command error.',
  },
  'v4-vpe-affinity-at-activation': {
    title: 'irqchip/gic-v4: Always configure affinity on VPE activation',
    commit: '7d2c2048a864',
    from: '6.11',
    effect:
      'A vPE has its CPU from the start. Without it: each ITS that maps it lazily puts it on the first CPU, wherever another ITS has it.',
  },
  'v4-no-vmovp-of-dying-vpe': {
    title: "irqchip/gic-v4: Don't allow a VMOVP on a dying VPE",
    commit: '1442ee001198',
    from: '6.12',
    stable: ['6.6.58'],
    effect:
      'Moving a vPE that is mapped nowhere is EINVAL on GICv4.1. Without it: a VMOVP of a vPE that the ITS does not know, a command error (CVE-2024-50192).',
  },
  'v4-lazy-vpe-affinity': {
    title: 'irqchip/gic-v4: Correctly deal with set_affinity on lazily-mapped VPEs',
    commit: 'e6c24e2d05bb',
    from: '6.12',
    effect:
      'Moving a vPE that is to be mapped later is fine. Without it, and with v4-no-vmovp-of-dying-vpe: EINVAL.',
  },
  'imsic-driver': {
    title: 'irqchip: Add RISC-V incoming MSI controller driver',
    from: '6.10',
    effect: 'An IMSIC serves MSIs. Without it: EINVAL.',
  },
  'bridge-no-affinity': {
    title: 'PCI: dwc: Silence set affinity failed warning',
    from: '6.12',
    recollected: true,
    effect:
      'The MSIs of a controller in a host bridge have no affinity to set: user space is refused (EPERM) before the driver is asked. Without it: the driver refuses (EINVAL).',
  },
  'its-multi-msi-aligned': {
    title: 'irqchip/gic-v3-its: Align PCI Multi-MSI allocation on their size',
    commit: '8208d1708b88',
    from: '5.0',
    effect:
      'A block of several vectors gets a power of two of EventIDs, aligned. Without it: the first free ones, and the device replaces low bits that are not zero.',
  },
  'its-multi-msi-released': {
    title: 'irqchip/gic-v3-its: Fix LPI release for Multi-MSI devices',
    commit: 'c9c96e30ecaa',
    from: '5.4',
    effect:
      'The EventIDs of a block are given back as they were taken. Without it, and with its-multi-msi-aligned: only those that were used, and the device cannot be set up again.',
  },
  'its-balance': {
    title: 'irqchip/gic-v3-its: Balance initial LPI affinity across CPUs',
    commit: 'c5d6082d35e0',
    from: '5.8',
    effect: 'LPIs go to the CPU with the fewest. Without it: to the first CPU of the mask.',
  },
  'its-managed-mask-of-core': {
    title: 'irqchip/gic-v3: Always trust the managed affinity provided by the core code',
    commit: '3f893a5962d3',
    // Committed on 2022-04-10 to irq/core, when 5.18-rc2 came.
    from: '5.19',
    effect:
      'A managed LPI is mapped to the CPU that the core names: at activation any that is online, and moved when it is requested. Without it, and with its-balance: to one of its own mask.',
  },
  'its-teardown-with-domain': {
    title: 'genirq/msi: Move prepare() call to per-device allocation',
    commit: '1396e89e09f0',
    from: '6.16',
    unnamed: false,
    effect:
      "The ITT goes with the device's MSI domain. Without it: with its last EventID, so that a set-up that failed before the first leaves it mapped.",
  },
  'its-event-bits': {
    title: 'irqchip/gic-v3-its: Limit number of per-device MSIs to the range the ITS supports',
    commit: 'ce9e40a9a5e5',
    from: '7.0',
    stable: ['6.12.78'],
    effect:
      'The ITT of a device is no larger than the EventIDs of the ITS. Without it: a MAPD that the ITS refuses.',
  },
} as const satisfies Record<string, KernelChange>;
