// Generated from schemas/ by `npm run generate`. Do not edit.
import type { Library, Spec, Topology } from './spec.ts';

export interface ValidationError {
  /** A JSON pointer into the data. */
  readonly instancePath: string;
  /** A JSON pointer into the schema, behind the schema's file name where that is another file. */
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

export interface Validator<T> {
  (data: unknown): data is T;
  /** Of the last call; null when it passed. */
  errors: readonly ValidationError[] | null;
}

export const validateLibrary: Validator<Library>;
export const validateSpec: Validator<Spec>;
export const validateTopology: Validator<Topology>;
