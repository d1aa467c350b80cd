/** What a run says to the shell. */
import type { Summary } from './events.ts';

export const EXIT = {
  passed: 0,
  checkFailed: 1,
  usage: 2,
  target: 3,
  bug: 4,
  nothing: 5,
} as const;

/** Exit code of a process that a signal ended: 128 and its number. */
export const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;
export type SignalName = keyof typeof SIGNAL_EXIT;

export const isSignalName = (name: unknown): name is SignalName =>
  typeof name === 'string' && Object.hasOwn(SIGNAL_EXIT, name);

type Counted = Pick<Summary, 'passed' | 'failed' | 'xfailed' | 'xpassed' | 'aborted' | 'errors'>;

/**
 * The worst of what happened: a signal, a bug of ours, a dead target, specs or reports that could
 * not be used, a failed check. Those that ran are not the whole answer when something could not be
 * run.
 */
export function exitCode(counts: Counted, bugs: number, signal?: SignalName): number {
  if (signal !== undefined) return SIGNAL_EXIT[signal];
  if (bugs > 0) return EXIT.bug;
  if (counts.aborted > 0) return EXIT.target;
  if (counts.errors > 0) return EXIT.usage;
  if (counts.failed + counts.xpassed > 0) return EXIT.checkFailed;
  return counts.passed + counts.xfailed > 0 ? EXIT.passed : EXIT.nothing;
}
