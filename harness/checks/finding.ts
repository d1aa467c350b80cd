/** What a check says. The runner makes a Failure of a Finding, adding what lies around it. */
import type { Command, Delivery, Fault, Observation, Observed } from '../../src/observation.ts';
import type { VectorName } from '../../src/operation.ts';
import type { RunCode } from '../run/codes.ts';
import type { Failure } from '../run/events.ts';
import type { Case, Place } from '../spec/case.ts';
import type { Captures } from './captures.ts';

export type Table = NonNullable<Failure['table']>;
export type Row = Table['rows'][number];

export interface Finding {
  readonly code: RunCode;
  readonly message: string;
  readonly place: Place;
  /** The author's `why`, or what to look at. */
  readonly hint?: string;
  readonly table?: Table;
  /** Whose way to explain. */
  readonly vector?: VectorName;
}

export type Outcome =
  | { readonly kind: 'held' }
  | { readonly kind: 'failed'; readonly finding: Finding }
  | { readonly kind: 'unobservable'; readonly reason: string };

export const HELD: Outcome = { kind: 'held' };

/** `why` of the expectation becomes the hint unless the finding has one of its own. */
export function failed(finding: Finding, why?: string): Outcome {
  const hint = finding.hint ?? (why === undefined ? undefined : `expected because ${why}`);
  return { kind: 'failed', finding: hint === undefined ? finding : { ...finding, hint } };
}

export const unseen = (reason: string): Outcome => ({ kind: 'unobservable', reason });

/** What an expectation is checked against: one step, or the whole case at its end. */
export interface Scene {
  readonly case: Case;
  /** Index of the step, or undefined at the end. */
  readonly step: number | undefined;
  /** How messages open where it is neither after a step nor at the end of a case. */
  readonly when?: string;
  readonly observation: Observation;
  readonly captures: Captures;
  /** Every domain there is, the default domains included. */
  readonly domains: readonly string[];
  /** Of the step; at the end, of the whole case. */
  readonly interrupts: Observed<readonly Delivery[]>;
  readonly faults: () => Observed<readonly Fault[]>;
  readonly commands: () => Observed<readonly Command[]>;
  readonly invalidations: () => Observed<readonly Command[]>;
}

/** `after this step` or `at the end`, to open a message with. */
export const moment = (scene: Scene): string =>
  scene.when ?? (scene.step === undefined ? 'at the end' : 'after this step');
