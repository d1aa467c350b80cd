/** Counts what happened; the exit code comes from these counts and from nothing else. */
import type { Summary, Verdict } from './events.ts';
import { exitCode, type SignalName } from './exit-codes.ts';

export class Counts {
  files = 0;
  passed = 0;
  failed = 0;
  skipped = 0;
  xfailed = 0;
  xpassed = 0;
  aborted = 0;
  errors = 0;
  unobservable = 0;
  /** Exceptions of our own; each is an error as well. */
  bugs = 0;

  add(verdict: Verdict): void {
    this.unobservable += verdict.unobservable.length;
    switch (verdict.status) {
      case 'PASS':
        this.passed++;
        return;
      case 'FAIL':
        this.failed++;
        return;
      case 'SKIP':
        this.skipped++;
        return;
      case 'XFAIL':
        this.xfailed++;
        return;
      case 'XPASS':
        this.xpassed++;
        return;
      case 'ABORT':
        this.aborted++;
    }
  }

  /** Something that --bail stops at. */
  get bad(): boolean {
    return this.failed + this.xpassed + this.aborted + this.errors > 0;
  }

  summary(durationMs: number, signal: SignalName | undefined): Summary {
    const { bugs, ...counts } = { ...this };
    const interrupted = signal !== undefined;
    return { ...counts, durationMs, interrupted, exitCode: exitCode(counts, bugs, signal) };
  }
}
