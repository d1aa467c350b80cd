/**
 * What is explored: a machine, what its threads may do, and which freedom the hardware has. Plain
 * data.
 */
import type { DesignChoice } from '../../designs/design.ts';
import type { KernelChoice } from '../../kernel/changes/changes.ts';
import type { KernelOperation } from '../../operation-kinds.ts';
import type { Operation, VectorName } from '../../operation.ts';
import type { Topology } from '../../topology/topology.ts';
import type { Freedom } from './freedoms.ts';
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

export interface ExplorePlan extends Freedom {
  readonly topology: Topology;
  readonly design: DesignChoice;
  readonly kernel?: KernelChoice;
  readonly userMappings: number;
  /** Done in one go before anything is interleaved; `mayFail`: the kernel may refuse it. */
  readonly before: readonly { readonly operation: Operation; readonly mayFail: boolean }[];
  readonly threads: readonly ThreadPlan[];
  /** Vectors whose devices raise them at any moment from set-up until their teardown begins. */
  readonly fires: readonly VectorName[];
  /** Those that are watched; left out: all. */
  readonly properties?: readonly PropertyName[];
}

/** Bounds of a plan, because labels are packed into words. A spec of more is not explored. */
export const MAX_THREADS = 8;
export const MAX_CHOICES = 65_536;
export const MAX_FIRES = 65_536;
export const MAX_DEVICES = 65_536;
export const MAX_QUEUES = 1024;
