/**
 * What a driver must do so that hardware forgets, each of which can be left out. No release of
 * Linux lacks them: they are here to be switched off, so that a spec sees what they are for.
 */
import type { KernelChange } from './change.ts';

export const INVALIDATIONS = {
  'tlbi-on-unmap': {
    title: 'arm_smmu_tlb_inv_range after a PTE was cleared',
    from: '4.5',
    effect:
      'iommu_unmap invalidates the TLB by address. Without it: a page that was used goes on being translated as before.',
  },
  'tlbi-on-free': {
    title: 'io_pgtable_tlb_flush_all of free_io_pgtable_ops',
    from: '4.5',
    effect:
      "The TLB forgets an ASID before it is given to another domain. Without it: the next domain's devices use translations of the one that was freed.",
  },
  'cfgi-on-ste': {
    title: 'arm_smmu_sync_ste_for_sid after an STE was written',
    from: '4.5',
    effect:
      'A new STE counts at once. Without it: a stream that was in use keeps the one before (SMMUv3).',
  },
  'smmu-sync': {
    title: 'CMD_SYNC, or TLBSYNC, after invalidations',
    from: '4.5',
    effect:
      'The driver waits until its invalidations are done. Without it: they are posted and take effect some time later.',
  },
  'its-inv': {
    title: 'INV after the configuration of an LPI was written',
    from: '4.5',
    effect:
      'The redistributor rereads the configuration. Without it: an LPI that is unmasked stays disabled, or one that is masked enabled.',
  },
  'its-sync': {
    title: "SYNC after an ITS command (INVALL's was forgotten once: `its-invall-sync`)",
    from: '4.5',
    effect:
      'The driver waits until MAPTI, MOVI, DISCARD, INV and INVALL are done. Without it: they are posted and take effect some time later.',
  },
} as const satisfies Record<string, KernelChange>;
