/**
 * The runner: file by file, load, run, tell. Holds one file's cases at a time, so that memory does not grow
 * with the number of files.
 */
import type { Case } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Target } from '../targets/target.ts';
import type { Reporter, RunEvent, Summary, Verdict } from './events.ts';
import { exitCode, type SIGNAL_EXIT } from './exit-codes.ts';
import { runCase } from './run-case.ts';

export interface LoadedFile {
  readonly cases: readonly Case[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface RunOptions {
  readonly files: readonly string[];
  readonly load: (file: string) => LoadedFile;
  readonly select: (spec: Case) => boolean;
  readonly target: Target;
  readonly reporters: readonly Reporter[];
  readonly bail: boolean;
  readonly verbose: boolean;
  readonly seed: number;
  /** Aborted with the name of the signal: the case that runs is finished, then the summary. */
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** How long the loop may go without giving signals and timers their turn, in ms. */
const TURN_MS = 50;

type Counts = { -readonly [K in keyof Summary]: Summary[K] };

export async function runSpecs(options: RunOptions): Promise<Summary> {
  const start = options.now();
  const counts: Counts = {
    files: 0,
    passed: 0,
    failed: 0,
    skipped: 0,
    xfailed: 0,
    xpassed: 0,
    aborted: 0,
    errors: 0,
    unobservable: 0,
    durationMs: 0,
    interrupted: false,
    exitCode: 0,
  };
  let bugs = 0;
  let lastTurn = start;
  const emit = (event: RunEvent): void => {
    for (const reporter of options.reporters) reporter.on(event);
  };
  const stopped = (): boolean =>
    options.signal.aborted || (options.bail && counts.failed + counts.xpassed + counts.aborted + counts.errors + bugs > 0);

  emit({ type: 'run-start', files: options.files.length, seed: options.seed });
  for (const file of options.files) {
    if (stopped()) break;
    const { cases, diagnostics } = options.load(file);
    counts.files++;
    for (const diagnostic of diagnostics) {
      if (diagnostic.severity === 'error') counts.errors++;
      emit({ type: 'diagnostic', diagnostic });
    }
    const selected = cases.filter(options.select);
    if (selected.length === 0) continue;
    emit({ type: 'file-start', file, cases: selected.length });
    for (const spec of selected) {
      if (stopped()) break;
      emit({ type: 'case-start', case: spec });
      try {
        const verdict = await runCase(spec, options.target, {
          verbose: options.verbose,
          now: options.now,
          onStep: (result) => emit({ type: 'step', case: spec, result }),
        });
        count(counts, verdict);
        emit({ type: 'case-end', verdict });
      } catch (error) {
        bugs++;
        counts.errors++;
        emit({ type: 'diagnostic', diagnostic: bug(error, spec) });
      }
      if (options.now() - lastTurn > TURN_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        lastTurn = options.now();
      }
    }
    emit({ type: 'file-end', file });
  }
  counts.durationMs = options.now() - start;
  counts.interrupted = options.signal.aborted;
  const reason: unknown = options.signal.reason;
  const signal = options.signal.aborted ? (reason as keyof typeof SIGNAL_EXIT) : undefined;
  counts.exitCode = exitCode(counts, bugs, signal);
  emit({ type: 'run-end', summary: counts });
  return counts;
}

function count(counts: Counts, verdict: Verdict): void {
  counts.unobservable += verdict.unobservable.length;
  switch (verdict.status) {
    case 'PASS':
      counts.passed++;
      return;
    case 'FAIL':
      counts.failed++;
      return;
    case 'SKIP':
      counts.skipped++;
      return;
    case 'XFAIL':
      counts.xfailed++;
      return;
    case 'XPASS':
      counts.xpassed++;
      return;
    case 'ABORT':
      counts.aborted++;
  }
}

/** An exception that is no verdict: ours, with its stack. */
function bug(error: unknown, spec: Case): Diagnostic {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'DB901',
    severity: 'error',
    message: `a bug of Doorbell in ${spec.id}: ${text}`,
    place: spec.place,
    hint: 'please report it with this spec',
  };
}
