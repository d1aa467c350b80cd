/**
 * What a run says while it goes. Reporters see these and nothing else; they never ask back. Order:
 * run-start, for each file (file-start, for each case (case-start, step*, case-end)), file-end,
 * diagnostics wherever a file could not be read, run-end last, also after Ctrl-C.
 */
import type { TraceEvent } from '../../src/observation.ts';
import type { Topology } from '../../src/topology/topology.ts';
import type { Case, Place } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';

/**
 * kvm-unit-tests' words. XPASS is a failure: what was expected to fail passed. ABORT: the target
 * died.
 */
export type Status = 'PASS' | 'FAIL' | 'SKIP' | 'XFAIL' | 'XPASS' | 'ABORT';

/** One check that did not hold. */
export interface Failure {
  readonly diagnostic: Diagnostic;
  /** Index of the step after which it was checked; undefined: at the end. */
  readonly step?: number;
  /** Rows side by side; `differs` marks the first difference. */
  readonly table?: {
    readonly title: string;
    readonly rows: readonly {
      readonly expected: string;
      readonly observed: string;
      readonly differs: boolean;
      readonly note?: string;
    }[];
  };
  /** The way of the MSI concerned, stage by stage. */
  readonly path?: { readonly vector: string; readonly lines: readonly string[] };
  /** A counterexample of the explorer, as lines of a table. */
  readonly story?: readonly string[];
  /** The last things that happened. */
  readonly trace?: readonly TraceEvent[];
}

/**
 * What a report says of a case: a `Case` of this run, or one read back from a report of another.
 */
export interface ReportedCase extends Pick<
  Case,
  'id' | 'title' | 'tags' | 'place' | 'designLabel' | 'point'
> {
  readonly description?: string;
  readonly source?: string;
  /** A report does not carry it. */
  readonly topology?: Topology;
  readonly steps: readonly ReportedStep[];
}

export interface ReportedStep {
  readonly label: string;
  readonly place: Place;
  /** What was asked of the machine; an `Operation`, or what JSON keeps of one. */
  readonly operation: object;
}

export interface StepResult {
  readonly step: ReportedStep;
  readonly index: number;
  readonly error: string | undefined;
  /** Checks that held and that failed after this step. */
  readonly checks: number;
  readonly failed: number;
  /** Filled only when the run records traces (--verbose). */
  readonly trace: readonly TraceEvent[];
}

export interface Verdict {
  readonly case: ReportedCase;
  readonly target: string;
  readonly status: Status;
  /**
   * Where to look: at the first failure, at the `xfail` of a case that passed, else at the title.
   */
  readonly place: Place;
  /** Why it was skipped, xfailed or aborted. */
  readonly reason?: string;
  readonly failures: readonly Failure[];
  /** Expectations that the target could not observe: counted, never a pass. */
  readonly unobservable: readonly { readonly place: Place; readonly reason: string }[];
  /** Checks that were made. */
  readonly checks: number;
  readonly durationMs: number;
  /** The command that repeats this case. */
  readonly repeat: string;
}

export interface Summary {
  readonly files: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly xfailed: number;
  readonly xpassed: number;
  readonly aborted: number;
  /** Diagnostics of severity error: files that could not be run. */
  readonly errors: number;
  readonly unobservable: number;
  readonly durationMs: number;
  readonly interrupted: boolean;
  readonly exitCode: number;
}

/** One of several runs that share the files between them. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

export type RunEvent =
  | {
      readonly type: 'run-start';
      readonly files: number;
      /** The spec files in the order in which they run. */
      readonly paths: readonly string[];
      /** Only when the order was shuffled. */
      readonly seed?: number;
      /** Only when a part of the files was run: `--shard 2/3`. */
      readonly shard?: Shard;
    }
  | {
      readonly type: 'file-start';
      readonly file: string;
      readonly cases: number;
      readonly list: readonly ReportedCase[];
    }
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic }
  | { readonly type: 'case-start'; readonly case: ReportedCase }
  | { readonly type: 'step'; readonly case: ReportedCase; readonly result: StepResult }
  | { readonly type: 'case-end'; readonly verdict: Verdict }
  | { readonly type: 'file-end'; readonly file: string }
  | { readonly type: 'run-end'; readonly summary: Summary };

/** A reporter: told of each event in order, closed at the end (flush files). */
export interface Reporter {
  on(event: RunEvent): void;
  close(): Promise<void>;
}
