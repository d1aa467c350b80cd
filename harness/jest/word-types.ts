/** The words of the spec language as values of a program: a number may be a bigint, too. */
import type { ErrnoName } from '../../src/observation.ts';
import type * as spec from '../spec/generated/spec.ts';

export type Words<T> = T extends number
  ? T | bigint
  : T extends string | boolean | undefined
    ? T
    : { readonly [K in keyof T]: Words<T[K]> };

/** A step as under `steps:`, such as `{ fire: 'nic/0' }`. */
export type StepWords = Omit<Words<spec.Step>, 'use' | 'with' | 'expect'> & {
  readonly expect?: BlockWords;
};
/** What stands under `expect:`. */
export type BlockWords = Omit<Words<spec.Block>, 'design' | 'when' | 'error'> & {
  readonly error?: ErrorWords;
};
export type MappingWords = Words<spec.Mapping>;
export type MappingsWords =
  Words<spec.Mappings> extends infer M ? (M extends object ? M[keyof M] : never) : never;
export type MessageWords = Words<spec.Messages>[string];
export type AffinityWords = Words<spec.AffinityExpectation>[string];
export type DeliveryWords = Words<spec.Delivery>;
export type FaultWords = Words<spec.Fault>;
export type FaultsWords = Words<spec.Faults>;
export type CommandWords = Words<spec.Command>;
export type CommandsWords = Words<spec.Commands>;
export type InvalidationWords = Words<spec.Invalidation>;
export type InvalidationsWords = Words<spec.Invalidations>;
export type WindowWords = Words<spec.Windows>[string];
export type ErrorWords = ErrnoName | 'none';
/** A number, or as in specs a range, a capture, `any`. */
export type ExpectedWords = Words<spec.Expected>;
