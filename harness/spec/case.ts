/**
 * A case: one spec for one design and one point of its matrix, ready to run. Plain data (JSON with
 * bigint written as strings by `serialize.ts`), so that Jest's transformer, a worker or another
 * target can carry it. Every part knows the place in the YAML that it comes from.
 */
import type { DesignChoice } from '../../src/designs/design.ts';
import type { KernelChoice } from '../../src/kernel/changes/changes.ts';
import type { ErrnoName } from '../../src/observation.ts';
import type { Freedom } from '../../src/explore/model/freedoms.ts';
import type { ScheduledStep } from '../../src/explore/model/schedule.ts';
import type { Operation, VectorName } from '../../src/operation.ts';
import type { Topology } from '../../src/topology/topology.ts';

/** A place in a file. Lines and columns count from 1; `file` is relative to the project root. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  /** Column after the last character on the same line, for the caret. */
  readonly endCol: number;
}

export interface Case {
  /** `rfc-v3/percpu-affinity.spec.yaml [rfc-v3] pages=4K`: unique and stable. */
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly source?: string;
  readonly tags: readonly string[];
  /** The spec file, relative to the project root, and the line of this case's title. */
  readonly place: Place;
  readonly design: DesignChoice;
  /** `rfc-v3`, or `rfc-v3(initial-count=2)` where a parameter differs from its default. */
  readonly designLabel: string;
  /** The kernel's version and switched changes, where the spec names any. */
  readonly kernel?: KernelChoice;
  /** The matrix point, values as written. */
  readonly point: Readonly<Record<string, string>>;
  readonly skip?: { readonly reason: string; readonly place: Place };
  readonly xfail?: { readonly reason: string; readonly place: Place };
  readonly topology: Topology;
  readonly steps: readonly Step[];
  /**
   * What is interleaved after the steps, and what else is left open; from `interleave:` and
   * `explore:`.
   */
  readonly explore?: ExploreSpec;
  /**
   * Checked after the last step; `interrupts`, `faults` and `commands` then speak of the whole
   * case.
   */
  readonly expect: readonly Expectation[];
}

export interface ExploreSpec extends Partial<Freedom> {
  readonly threads: readonly {
    readonly name: string;
    readonly place: Place;
    readonly operations: readonly Operation[];
    /** Any of the operations, any number of times; else all of them in order, once. */
    readonly free: boolean;
    /** How many of them; left out: any number. */
    readonly atMost?: number;
  }[];
  /** Left out: every vector that some step sets up. */
  readonly fires?: readonly VectorName[];
  /** From `always:`, `eventually:` and `sometimes:`. */
  readonly properties?: readonly OwnProperty[];
  /** From `schedule:`: the one order that a run follows. */
  readonly schedule?: readonly PlacedStep[];
}

/** A property that a spec states of its interleavings: one block of expectations. */
export interface OwnProperty {
  /**
   * `always`: in every state. `eventually`: wherever every thread has done what it was to do and
   * nothing is in flight. `sometimes`: after some step, with what happened in it; a pass needs it
   * to have been seen.
   */
  readonly kind: 'always' | 'eventually' | 'sometimes';
  /** As a verdict names it. */
  readonly name: string;
  readonly place: Place;
  readonly expectations: readonly Expectation[];
}

export interface PlacedStep {
  readonly place: Place;
  readonly step: ScheduledStep;
}

export interface Step {
  readonly operation: Operation;
  /** The step as a reader would say it: `affinity nic/0 -> cpu 2`. */
  readonly label: string;
  readonly place: Place;
  readonly expect: readonly Expectation[];
}

/**
 * A number in an expectation. A capture takes the value that it first meets (less its offset) and
 * must equal it from then on, within the case.
 */
export type ValueExpr =
  | { readonly kind: 'value'; readonly value: bigint; readonly text: string }
  | { readonly kind: 'range'; readonly min: bigint; readonly max: bigint; readonly text: string }
  | {
      readonly kind: 'capture';
      readonly name: string;
      readonly offset: bigint;
      readonly text: string;
    }
  | { readonly kind: 'any'; readonly text: 'any' };

/** `exact`: these and no others. `includes`: these among others, for commands in this order. */
export type ListMode = 'exact' | 'includes';

interface ExpectationBase {
  readonly place: Place;
  /** Why the author expects it, shown when it fails. */
  readonly why?: string;
}

export interface ExpectMappings extends ExpectationBase {
  readonly kind: 'mappings';
  /** `*`: every domain. */
  readonly domain: string;
  readonly mode: ListMode;
  readonly entries: readonly MappingPattern[];
  /** How many mappings there must be; instead of or beside the entries of `includes`. */
  readonly count?: ValueExpr;
}
export interface MappingPattern {
  readonly place: Place;
  readonly iova?: ValueExpr;
  readonly pa?: ValueExpr;
  readonly size?: ValueExpr;
  readonly refs?: ValueExpr;
  readonly prot?: string;
  readonly pte?: string;
}
export interface ExpectMessage extends ExpectationBase {
  readonly kind: 'message';
  readonly device: string;
  readonly index: number;
  /** `none`: address and data are zero. */
  readonly none: boolean;
  readonly address?: ValueExpr;
  readonly data?: ValueExpr;
}
export interface ExpectAffinity extends ExpectationBase {
  readonly kind: 'affinity';
  readonly device: string;
  readonly index: number;
  /** `none`: there is no interrupt. */
  readonly none: boolean;
  /** In ascending order. */
  readonly cpus?: readonly number[];
  /** `none`: it is not started. */
  readonly effective?: ValueExpr | 'none';
}
export interface ExpectInterrupts extends ExpectationBase {
  readonly kind: 'interrupts';
  /** `*`: every vector (only with an empty list). */
  readonly vector: string;
  /**
   * Empty: none at all. Otherwise exactly these; `cpu` left out means any CPU, `vcpu` left out the
   * host.
   */
  readonly deliveries: readonly {
    readonly place: Place;
    readonly cpu?: ValueExpr;
    readonly vcpu?: string;
    readonly count: ValueExpr;
  }[];
}
export interface ExpectFaults extends ExpectationBase {
  readonly kind: 'faults';
  readonly mode: ListMode;
  readonly entries: readonly FaultPattern[];
}
export interface FaultPattern {
  readonly place: Place;
  readonly device?: string;
  readonly streamId?: ValueExpr;
  readonly address?: ValueExpr;
  readonly name?: string;
  readonly count: ValueExpr;
}
export interface ExpectCommands extends ExpectationBase {
  /** `invalidations`: those of SMMUs. */
  readonly kind: 'commands' | 'invalidations';
  readonly mode: ListMode;
  readonly entries: readonly CommandPattern[];
}
export interface CommandPattern {
  readonly place: Place;
  readonly name: string;
  /** Name of the ITS or the SMMU. */
  readonly unit?: string;
  /**
   * Field by its name in the observation (`deviceId`, `eventId`, `icid`, `valid`, `error`,
   * `streamId`, `address`, ...).
   */
  readonly fields: Readonly<Record<string, ValueExpr | boolean>>;
}
export interface ExpectError extends ExpectationBase {
  readonly kind: 'error';
  /** `none` is what a step without this expectation means. */
  readonly error: ErrnoName | 'none';
}
export interface ExpectLeaks extends ExpectationBase {
  readonly kind: 'leaks';
  /** `*`: every domain. */
  readonly domain: string;
  readonly count: ValueExpr;
}
export interface ExpectWindow extends ExpectationBase {
  readonly kind: 'window';
  readonly domain: string;
  /** True: there must be no window. */
  readonly none: boolean;
  readonly pages?: ValueExpr;
  readonly free?: ValueExpr;
}

export type Expectation =
  | ExpectMappings
  | ExpectMessage
  | ExpectAffinity
  | ExpectInterrupts
  | ExpectFaults
  | ExpectCommands
  | ExpectError
  | ExpectLeaks
  | ExpectWindow;
