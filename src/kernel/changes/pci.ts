/** Changes of drivers/pci/msi. */
import type { KernelChange } from './change.ts';

export const PCI_CHANGES = {
  'msix-resume-mask': {
    title: 'PCI/MSI: Fix incorrect MSI-X masking on resume',
    commit: 'e045fa29e893',
    from: '5.5',
    stable: ['5.4.6'],
    effect:
      'A restore writes the mask bit as it was. Without it: a device with other bits set in Vector Control stays masked.',
  },
  'msix-restore-decode': {
    title: 'PCI/MSI: Enable memory decoding before restoring MSI-X messages',
    commit: '9bf79a22431c',
    from: '7.3',
    stable: ['6.12.109', '6.1.188'],
    effect:
      'Memory decoding is on while the MSI-X table is restored. Without it: with decoding off the writes are dropped and the table keeps zeroes.',
  },
  'msix-mask-late': {
    title: 'PCI/MSI: Mask MSI-X vectors only on success',
    commit: '83dbf898a2d4',
    from: '5.16',
    stable: ['5.15.11'],
    effect:
      'MSI-X that cannot be enabled leaves no masks. Without it: the table stays masked, which holds back MSI on some devices.',
  },
  'msi-addr-mask': {
    title: 'PCI/MSI: Conservatively generalize no_64bit_msi into msi_addr_mask',
    from: '7.0',
    effect:
      'The address is checked against as many bits as the device has. Without it: against 32 where it has fewer than 64.',
  },
} as const satisfies Record<string, KernelChange>;
