/**
 * A design: how a doorbell gets its mapping. The MSI core's procedures are the same for all; a
 * design is what it hangs into their hooks. To compare two, read their files side by side.
 */
import type { Kernel } from '../kernel/kernel.ts';
import type { Node } from '../kernel/procedure.ts';
import type { Topology } from '../topology/topology.ts';

export const DESIGN_NAMES = [
  'unmapped',
  'rfc-v3',
  'compose',
  'msi-iommu',
  'linux-4.9',
  'linux-5.2',
  'linux-6.15',
  'tracked',
  'tracked-early',
  'tracked-abba',
] as const;
export type DesignName = (typeof DESIGN_NAMES)[number];

/** A design and its parameters, all filled in. */
export interface DesignChoice {
  readonly name: DesignName;
  /** rfc-v3: count after the first get: 1, or 2 as in the stored code. */
  readonly initialCount: 1 | 2;
}

export interface Design {
  readonly name: DesignName;
  /** In the controller's irq_domain alloc; the doorbell's PA is in t.doorbell. May fail. */
  readonly prepare: readonly Node[];
  /** After the controller composed: t.message* hold its PA. */
  readonly compose: readonly Node[];
  /** In irq_write_msi_msg, before the device is written; a message of zeroes at teardown. */
  readonly beforeWrite: readonly Node[];
  /** After the device holds t.message*. */
  readonly afterWrite: readonly Node[];
  /** In irq_domain free, for each vector, before the controller forgets it. */
  readonly free: readonly Node[];
  /** Before t.device is attached to t.domain. May fail. */
  readonly beforeAttach: readonly Node[];
  /**
   * References that somebody still answers for, so that what is above is a leak. Left out by
   * designs that do not count: their pages live as long as the domain.
   */
  readonly held?: (k: Kernel, domain: number, slot: number) => number;
  /**
   * Who sets the doorbell window: user space registers it (the RFCs; a user mapping over it is
   * EEXIST, vfio_iommu_type1.c), or the kernel has a fixed one (since 4.11; EINVAL, seen on 6.1 and
   * 6.12).
   */
  readonly window: 'user' | 'kernel';
  /**
   * The hooks are in the MSI core: they serve controllers whose driver never asks for a mapping.
   */
  readonly everyController?: true;
  /**
   * Maps the doorbells of all CPUs together, one after another: then CPUs are not alike (explorer).
   */
  readonly mapsAllCpus?: true;
  /** Why a topology cannot carry this design, or undefined. */
  unsupported?(topology: Topology): string | undefined;
}

/** Hooks that most designs leave empty. */
export const NO_HOOKS = {
  prepare: [],
  compose: [],
  beforeWrite: [],
  afterWrite: [],
  free: [],
  beforeAttach: [],
} as const;
