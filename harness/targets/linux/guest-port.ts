/** What the target needs of whoever boots guests. */
import type { Channel } from './agent.ts';
import type { CasePlan } from './plan.ts';

/** A running guest. Every method throws GuestDied once it is gone. */
export interface RunningGuest extends Channel {
  /** uname -r. */
  readonly release: string;
  /** Every line to and from the guest, and what QEMU and the console said, for the log of a case. */
  readonly transcript: readonly string[];
  alive(): boolean;
  /** Ends the guest and whatever it left; never throws. */
  close(): Promise<void>;
}

export interface GuestMaker {
  /** Release of the kernel that would be booted, without booting where it can be told. */
  readonly release: string;
  /** Guests of the same key are interchangeable. */
  key(plan: CasePlan): string;
  boot(plan: CasePlan): Promise<RunningGuest>;
  /** Where the keepers of containers are, as many as unmanaged domains. */
  keepers(plan: CasePlan): readonly string[];
}

export class GuestDied extends Error {
  override readonly name = 'GuestDied';
}
