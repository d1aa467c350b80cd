/**
 * A diagnostic: what is wrong, where, and what to do. The one error type of the project; the
 * terminal, JSON, Jest and annotations are views of it. Codes are rows of docs/errors.md.
 */
import type { Place } from './case.ts';

export interface Diagnostic {
  /** `DB101`; see `codes.ts`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Without it the diagnostic is about the run itself: a flag, an empty selection. */
  readonly place?: Place;
  /** The line of YAML at `place`, as it stands in the file. */
  readonly sourceLine?: string;
  readonly hint?: string;
  readonly related?: readonly { readonly place: Place; readonly message: string }[];
}
