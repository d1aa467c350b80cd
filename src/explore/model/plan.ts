/**
 * What is explored: a machine, what its threads may do, and which freedom the hardware has. Plain
 * data.
 */
import type { DesignChoice } from '../../designs/design.ts';
import type { KernelChoice } from '../../kernel/changes/changes.ts';
import type { KernelOperation } from '../../operation-kinds.ts';
import type { Operation, VectorName } from '../../operation.ts';
import type { Topology } from '../../topology/topology.ts';
import type { PropertyName } from './properties.ts';

/** A thread of the kernel: does these in order, or whichever of them at any time. */
export interface ThreadPlan {
  readonly name: string;
  readonly operations: readonly KernelOperation[];
  /** False: one after another, once. True: any of them whenever the thread is idle. */
  readonly free: boolean;
  /** How many it begins, if it is free; left out: any number. */
  readonly atMost?: number;
  /** Operations, by their text, that need never succeed: the spec expects an error of them. */
  readonly mayFail?: readonly string[];
}

/**
 * Whether SMMUs keep what they have read: translations and STEs that stay until they are
 * invalidated, or are dropped at any moment once they are out of date. `none`: each write is
 * translated by the tables as they are.
 */
export type Caches = 'none' | 'kept';

/**
 * When commands to an ITS or SMMU take effect. `at-once`: in the step that posts them and their
 * SYNC. `queued`: the hardware reads the oldest at any moment, and who posted a SYNC waits until it
 * has read all before it.
 */
export type Commands = 'at-once' | 'queued';

/**
 * When a device's write of a message reaches the SMMU. `atomic`: with the raising of the vector.
 * `posted`: any time later, but before the completion of a read that pushes it (PCIe ordering); one
 * write for each device is under way at most.
 */
export type Writes = 'atomic' | 'posted';

export interface ExplorePlan {
  readonly topology: Topology;
  readonly design: DesignChoice;
  readonly kernel?: KernelChoice;
  readonly userMappings: number;
  /** Done in one go before anything is interleaved; `mayFail`: the kernel may refuse it. */
  readonly before: readonly { readonly operation: Operation; readonly mayFail: boolean }[];
  readonly threads: readonly ThreadPlan[];
  /** Vectors whose devices raise them at any moment from set-up until their teardown begins. */
  readonly fires: readonly VectorName[];
  readonly writes: Writes;
  readonly caches: Caches;
  readonly commands: Commands;
  /** Those that are watched; left out: all. */
  readonly properties?: readonly PropertyName[];
}

/** Bounds of a plan, because labels are packed into words. A spec of more is not explored. */
export const MAX_THREADS = 8;
export const MAX_CHOICES = 65_536;
export const MAX_FIRES = 65_536;
export const MAX_DEVICES = 65_536;
export const MAX_QUEUES = 1024;
