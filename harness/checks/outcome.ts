/** What a check says: it held, it failed and why, or the target cannot tell. */
import type { Expectation, Place } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Failure } from '../run/events.ts';

export type Outcome =
  | { readonly kind: 'held' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'unobservable'; readonly place: Place; readonly reason: string };

export const HELD: Outcome = { kind: 'held' };

export const unobservable = (place: Place, reason: string): Outcome => ({
  kind: 'unobservable',
  place,
  reason,
});

type Row = NonNullable<Failure['table']>['rows'][number];

export const row = (expected: string, observed: string, note?: string): Row => ({
  expected,
  observed,
  differs: expected !== observed,
  ...(note === undefined ? {} : { note }),
});

/** A failed check. `why` of the expectation becomes the hint. */
export function failed(
  code: string,
  expectation: Pick<Expectation, 'place' | 'why'>,
  message: string,
  table?: Failure['table'],
  vector?: string,
): Outcome {
  const diagnostic: Diagnostic = {
    code,
    severity: 'error',
    message,
    place: expectation.place,
    ...(expectation.why === undefined ? {} : { hint: `expected because ${expectation.why}` }),
  };
  return {
    kind: 'failed',
    failure: {
      diagnostic,
      ...(table === undefined ? {} : { table }),
      ...(vector === undefined ? {} : { path: { vector, lines: [] } }),
    },
  };
}
