/** What the target needs of whoever boots guests. */
import type { Channel } from './agent.ts';
import type { Place } from './support.ts';
import type { CasePlan } from './plan.ts';

/** A running guest. Every request throws once it is gone. */
export interface RunningGuest extends Channel {
  /** Every line to and from the guest and of QEMU's trace, for the log of a case. */
  readonly transcript: readonly string[];
  /** What was run, or how the board is reached. */
  readonly command: string;
  /** Lines of the console since the last call. */
  console(): readonly string[];
  /** Ends the guest and whatever it left; never throws. */
  close(): Promise<void>;
}

export interface GuestMaker {
  /** uname -r of the kernel that is booted, known without booting it. */
  readonly release: string;
  /** Whether a case can run, where that is not for QEMU to say. */
  readonly place?: Place;
  /** Guests of the same key are interchangeable. */
  key(plan: CasePlan): string;
  boot(plan: CasePlan): Promise<RunningGuest>;
  /** Ends what was made before it was asked for. */
  close?(): Promise<void>;
  /** Where the keepers of containers are, as many as unmanaged domains. */
  keepers(plan: CasePlan): readonly string[];
}
