/** What `git bisect run` is to be told: 0 good, 1 bad, 125 cannot say. */
import type { Summary } from './events.ts';

export const CANNOT_SAY = 125;

/**
 * A check that failed is bad whatever else happened; a target that died or nothing that ran says
 * nothing.
 */
export function bisectCode(summary: Summary): number {
  const { failed, xpassed, passed, xfailed, aborted, errors, interrupted } = summary;
  // From 128 on git bisect stops, which is what a person who pressed Ctrl-C wants.
  if (interrupted) return summary.exitCode;
  if (failed + xpassed > 0) return 1;
  if (aborted + errors > 0 || passed + xfailed === 0) return CANNOT_SAY;
  return 0;
}
