/**
 * What depends on the kernel's version, in one table: a kernel that nobody tried takes the row of its
 * version. The release alone decides; that the kernel behaves so is what running the specs shows.
 */
import type { DesignName } from '../../../src/designs/design.ts';

export interface KernelTraits {
  /** The first version that the row holds for. */
  readonly since: readonly [number, number];
  /**
   * How this kernel maps a doorbell. 6.1 and 6.12 have the 6.15 way of storing the IOVA (1f7df3a69174,
   * backported to stable) but still prepare in the irqchip with a list of pages by domain: in
   * what can be seen they are linux-5.2.
   */
  readonly design: DesignName;
  /** Doorbells have an IOVA of the kernel's choice in VFIO domains (5d704992189f, 4.11). */
  readonly swMsi: boolean;
  /** smp_affinity of a managed interrupt: EIO, since 6.7 EPERM. Seen on 6.1 and 6.12. */
  readonly managedAffinity: 'EIO' | 'EPERM';
}

/** Newest first. */
const TRAITS: readonly KernelTraits[] = [
  { since: [6, 15], design: 'linux-6.15', swMsi: true, managedAffinity: 'EPERM' },
  { since: [6, 7], design: 'linux-5.2', swMsi: true, managedAffinity: 'EPERM' },
  { since: [5, 2], design: 'linux-5.2', swMsi: true, managedAffinity: 'EIO' },
  { since: [4, 11], design: 'linux-4.9', swMsi: true, managedAffinity: 'EIO' },
  { since: [4, 9], design: 'linux-4.9', swMsi: false, managedAffinity: 'EIO' },
  { since: [0, 0], design: 'unmapped', swMsi: false, managedAffinity: 'EIO' },
];

/** `6.12.111+deb12-arm64` -> its row; undefined when the text begins with no version. */
export function traitsOf(release: string): KernelTraits | undefined {
  const match = /^(\d+)\.(\d+)/.exec(release);
  if (match === null) return undefined;
  const major = Number(match[1]);
  const minor = Number(match[2]);
  return TRAITS.find(({ since: [from, at] }) => major > from || (major === from && minor >= at));
}
