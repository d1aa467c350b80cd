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
} as const satisfies Record<string, KernelChange>;
