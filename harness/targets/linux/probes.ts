/**
 * What the kernel is watched at: events of its own and probes on functions. A function that a
 * version does not have is reported (`Guest.refusedProbes`), and what it would have shown is then
 * unobservable. Arguments by register (%x0 ...) are those of arm64's calling convention.
 */
import type { Answer } from './guest.ts';

export interface Probe {
  /** The name in the trace. */
  readonly name: string;
  readonly definition: string;
}

const probe = (name: string, definition: string, kind = 'p'): Probe => ({
  name,
  definition: `${kind}:${name} ${definition}`,
});

/** Signatures are the same from 5.2 to 6.12 except where a comment says otherwise. */
export const PROBES: readonly Probe[] = [
  // (struct msi_desc *, struct msi_msg *): the Linux interrupt is the first member of the
  // descriptor.
  probe(
    'wmsi',
    '__pci_write_msi_msg irq=+0(%x0):u32 lo=+0(%x1):x32 hi=+4(%x1):x32 data=+8(%x1):x32',
  ),
  // (domain, iova, paddr, size, prot[, gfp]); the event iommu:map does not tell the protection.
  probe('imap', 'iommu_map iova=%x1:x64 pa=%x2:x64 size=%x3:x64 prot=%x4:x32'),
  // (struct arm_smmu_queue *, u64 *record): the driver's log is limited, this is not. EventQueue
  // (watch.ts) reads the two.
  probe('evask', 'queue_remove_raw w0=+0(%x1):x64 w2=+16(%x1):x64'),
  probe('evgot', 'queue_remove_raw ret=$retval:s32', 'r'),
];

/** Those that show the SMMU's event queue: one without the other says nothing. */
export const QUEUE_PROBES = ['evask', 'evgot'] as const;

export const EVENTS = ['iommu/map', 'iommu/unmap'] as const;

/**
 * All at once: they are answered in order. Names of those that the kernel does not take, with its
 * errors.
 */
export async function setProbes(
  request: (line: string) => Promise<Answer>,
): Promise<ReadonlyMap<string, number>> {
  const refused = new Map<string, number>();
  const set = async (name: string, line: string): Promise<void> => {
    const { errno } = await request(line);
    if (errno !== 0) refused.set(name, errno);
  };
  await Promise.all([
    ...PROBES.map(({ name, definition }) => set(name, `probe ${definition}`)),
    ...EVENTS.map((name) => set(name, `event ${name} 1`)),
  ]);
  return refused;
}
