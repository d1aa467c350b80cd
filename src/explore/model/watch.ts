/**
 * What somebody else looks for in an exploration of the model, beside its own properties and
 * situations: a spec's own properties, what one design lets happen and another does not.
 */
import type { ExploreMachine } from './machine.ts';

/** What properties and situations can tell, for the reductions of a search. */
export interface Sight {
  /** Whether they tell devices and their vectors apart, and CPUs. */
  readonly tellsDevices: boolean;
  readonly tellsCpus: boolean;
  /** Parts of the machine (RowOf) that they look at; undefined: also at what happens in a step. */
  readonly parts: ReadonlySet<string> | undefined;
}

export interface Watch {
  /** Left out: nothing is known of them, and the search is the full one. */
  readonly sight?: Sight;
  /** Names; broken ones are told by their index + 1. */
  readonly properties: readonly string[];
  /** Names of what must be seen at least once. */
  readonly situations: readonly string[];
  /**
   * After a step, with its events in the log: the property that it breaks + 1, or 0. Called for
   * every step.
   */
  step(machine: ExploreMachine, label: number): number;
  /** After a step: bit n for situation n. */
  seen(machine: ExploreMachine, atRest: boolean): number;
  /**
   * The property + 1 that does not hold in a state, or 0. `atRest`: every thread has done what it
   * was to do, or is idle if it may do things any number of times, and nothing is in flight.
   */
  state(machine: ExploreMachine, atRest: boolean): number;
}
