/**
 * A target carries out operations on a machine: the model in this process, or a Linux kernel in
 * QEMU. The runner knows nothing else of it.
 */
import type { Observation } from '../../src/observation.ts';
import type { Operation } from '../../src/operation.ts';
import type { Topology } from '../../src/topology/topology.ts';
import type { DesignChoice } from '../../src/designs/design.ts';
import type { KernelChoice } from '../../src/kernel/changes/changes.ts';

/** A topology or design that this target cannot carry: the case is skipped with this reason. */
export interface Unsupported {
  readonly unsupported: string;
}

export interface OpenRequest {
  readonly topology: Topology;
  readonly design: DesignChoice;
  /** How many `map` steps the case can hold at once: sizes the tables. */
  readonly userMappings: number;
  /** The id of the case: names its logs. */
  readonly id: string;
  /** All that will be asked for, so that a target can say no before it boots. */
  readonly operations: readonly Operation[];
  /** The kernel's version and switched changes; left out: no kernel in particular. */
  readonly kernel?: KernelChoice;
  /**
   * Told of what the reader of the case's report should know though it is no part of the verdict.
   */
  readonly notice?: (text: string) => void;
}

export interface Target {
  readonly name: string;
  /**
   * The release of the kernel that it runs, where it runs one: what the model is to be compared as.
   */
  readonly release?: string;
  /** Cases that may be open at once; one unless given. */
  readonly atOnce?: number;
  open(request: OpenRequest): Machine | Unsupported | Promise<Machine | Unsupported>;
  /** Ends what outlives a machine: guests, their logs. Called once, after the last case. */
  close?(): Promise<void>;
}

export interface Machine {
  perform(operation: Operation): Observation | Promise<Observation>;
  /** The machine as it is, without an operation: for checks before the first step. */
  observe(): Observation;
  close(): void | Promise<void>;
}
