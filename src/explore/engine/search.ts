/** What all ways to search have in common, and what is seen of one while it runs. */
import type { Limits, Report } from './verdict.ts';

export interface SearchOptions {
  /** Off unless asked for; ignored by a system that declares no symmetry. */
  readonly symmetry?: boolean;
  /** Off unless asked for; ignored by a system that declares no footprints. */
  readonly partialOrder?: boolean;
  readonly limits?: Limits;
}

export interface Progress {
  readonly states: number;
  readonly transitions: number;
  /** Steps from the initial states to those that are being expanded. */
  readonly depth: number;
  /** States met and not yet expanded. */
  readonly queue: number;
  readonly bytes: number;
}

export interface Search {
  /**
   * Goes on for about that many states and returns whether there is more to do, so that whoever
   * runs it can tell of its progress, save it or stop it in between. Where it pauses changes
   * nothing in the result.
   */
  run(states: number): boolean;
  progress(): Progress;
  /** Before run() has returned false: incomplete, cancelled. */
  report(): Report;
}
