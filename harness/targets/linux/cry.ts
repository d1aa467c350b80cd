/** What a kernel's console says when it must not be trusted any more. */
import type { GuestFailure } from './guest.ts';

const CRIES: readonly (readonly [GuestFailure, RegExp])[] = [
  ['panic', /Kernel panic - not syncing/],
  ['hung', /soft lockup|rcu: INFO: .*stall|hung_task|blocked for more than \d+ seconds/],
  ['oops', /Internal error: |Unable to handle kernel |kernel BUG at |BUG: |Oops/],
];

/**
 * The first kind that is there: an oops that became a panic is a panic, `BUG: soft lockup` a hung
 * CPU.
 */
export function cryOf(
  console: string,
): { readonly failure: GuestFailure; readonly line: string } | undefined {
  for (const [failure, pattern] of CRIES) {
    const line = console.split('\n').find((each) => pattern.test(each));
    if (line !== undefined) return { failure, line: line.trim() };
  }
  return undefined;
}
