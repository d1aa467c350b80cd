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
  'its-move-only-elsewhere': {
    title: 'irqchip/gicv3-its: Avoid moving an LPI to the CPU that it is on',
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
  'its-balance': {
    title: 'irqchip/gic-v3-its: Balance initial LPI affinity across CPUs',
    from: '5.8',
    effect: 'LPIs go to the CPU with the fewest. Without it: to the first CPU of the mask.',
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
