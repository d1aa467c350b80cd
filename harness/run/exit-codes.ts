/** What a run says to the shell. DESIGN: docs/design.md, README. */
import type { Summary } from './events.ts';

export const EXIT = {
  passed: 0,
  checkFailed: 1,
  usage: 2,
  target: 3,
  bug: 4,
  nothing: 5,
} as const;

/** Exit code of a process that a signal ended. */
export const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;

/** The worst of what happened; a signal goes first, then a bug, the target, usage, a failed check. */
export function exitCode(summary: Omit<Summary, 'exitCode'>, bugs: number, signal?: keyof typeof SIGNAL_EXIT): number {
  if (signal !== undefined) return SIGNAL_EXIT[signal];
  if (bugs > 0) return EXIT.bug;
  if (summary.aborted > 0) return EXIT.target;
  if (summary.errors > 0) return EXIT.usage;
  if (summary.failed + summary.xpassed > 0) return EXIT.checkFailed;
  return summary.passed + summary.xfailed > 0 ? EXIT.passed : EXIT.nothing;
}
