/** Changes of kernel/irq and of the firmware's view of MSI parents. */
import type { KernelChange } from './change.ts';

export const GENIRQ_CHANGES = {
  'activate-early': {
    title: 'genirq/msi: Make sure PCI MSIs are activated early',
    commit: 'f3b0946d629c',
    from: '4.8',
    effect:
      "A PCI device's message is written before MSI is enabled. Without it: by request_irq, after.",
  },
  'activate-once': {
    title: 'irqdomain: Avoid activating interrupts more than once',
    commit: '08d85f3ea99f',
    from: '4.10',
    stable: ['4.9.9'],
    effect:
      'request_irq does not activate an interrupt again. Without it: it is mapped, composed and written twice.',
  },
  'affinity-on-activate': {
    title: 'genirq/affinity: Handle affinity setting on inactive interrupts correctly',
    commit: 'baedb87d1b53',
    from: '5.8',
    effect:
      'The affinity of an inactive interrupt is stored. Without it: the chip is asked, and the ITS gets a MOVI for an event that is not mapped.',
  },
  'managed-shutdown': {
    title: 'genirq/cpuhotplug: Handle managed IRQs on CPU hotplug',
    commit: 'c5cb83bb337c',
    from: '4.13',
    effect:
      'A managed interrupt without an online CPU is shut down and started again later. Without it: it is moved to any CPU.',
  },
  'proc-affinity-eperm': {
    title: 'genirq/proc: Change the return value for set affinity permission error',
    commit: 'eb29369fa543',
    from: '6.12',
    effect: "The affinity of a managed interrupt is not user space's: EPERM. Without it: EIO.",
  },
  'wired-device-domain': {
    title: 'irqchip/mbigen: Prepare for real per device MSI',
    from: '6.11',
    effect:
      "A bridge from wires to MSIs has an MSI domain of its own, with a descriptor for each pin that is mapped. Without it: the domain is the platform device's, and its descriptors are made beforehand.",
  },
  'wired-descriptors-freed': {
    title: 'irqchip/irq-msi-lib: Free wired MSI descriptors',
    commit: '1c16bc2b1122',
    // Pulled on 2026-11-01 with irq-urgent-2026-11-01, after v7.4-rc1.
    from: '7.4',
    stable: ['6.12.117'],
    effect:
      'The descriptor of a pin is freed with its interrupt. Without it, and with wired-device-domain: it is kept, and when there are as many as pins the next mapping fails (ENXIO from platform_get_irq).',
  },
  'platform-msi-domain-kept': {
    title:
      'undone by: platform-msi: Add msi_remove_device_irq_domain() in platform_device_msi_free_irqs_all()',
    commit: '9a958e1fd40d',
    from: '6.9',
    until: '6.16',
    unnamed: false,
    effect:
      "A platform device's MSI domain outlives its interrupts, and a second set-up is ENODEV. Without it: the domain goes with them.",
  },
} as const satisfies Record<string, KernelChange>;
