/**
 * What a worker and the thread that runs the team say to each other, beside the memory that they
 * share.
 */
import type { Decision } from '../../src/explore/engine/team.ts';
import type { MemberImage } from './checkpoint.ts';
import type { Exploration } from './exploration.ts';

/** Words of the shared control array. */
export const CONTROL = {
  /** Workers that have come to the barrier, and how often it has opened. */
  arrived: 0,
  opened: 1,
  /** Set by the runner: the workers are to pause. */
  wanted: 2,
  /** What the first worker saw of it this turn: so all see the same. */
  pause: 3,
  /** Distance of the states that are being expanded; kept by the first worker. */
  depth: 4,
} as const;
export const CONTROL_WORDS = 8;

export interface MemberData {
  readonly exploration: Omit<Exploration, 'signal' | 'onProgress'>;
  readonly rank: number;
  readonly control: SharedArrayBuffer;
  /** Two sets of reports, used in turn. */
  readonly reports: SharedArrayBuffer;
  /** From each to each. */
  readonly mailboxes: readonly (readonly SharedArrayBuffer[])[];
  readonly resume: { readonly depth: number; readonly image: MemberImage } | undefined;
}

export type ToMember =
  | { readonly say: 'go' }
  | { readonly say: 'save' }
  | { readonly say: 'load'; readonly state: number };

export type FromMember =
  /**
   * The system is to be made anew, with these words (LiveWordFound); an error's class does not
   * cross threads.
   */
  | { readonly say: 'outgrown'; readonly live: readonly number[] }
  /** What was asked for could not be done (ExplorationError). */
  | { readonly say: 'refused'; readonly message: string }
  | { readonly say: 'halted'; readonly decision: Decision; readonly depth: number }
  | { readonly say: 'saved'; readonly image: MemberImage }
  | { readonly say: 'loaded'; readonly words: Int32Array; readonly parent: number };
