/** One run: selects, opens the reports, runs, closes them, and says how it ended. */
import { bisectCode, CANNOT_SAY } from '../run/bisect.ts';
import { EXIT } from '../run/exit-codes.ts';
import { runSpecs } from '../run/runner.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { findRoot } from '../spec/read-file.ts';
import type { Target } from '../targets/target.ts';
import { LastFailures } from './last-failures.ts';
import { openReports } from './open-reports.ts';
import { printDiagnostics } from './print.ts';
import type { RunFlags } from './flags.ts';
import { type Selection, selectSpecs } from './select-specs.ts';
import { environment } from './terminal.ts';
import type { Threads } from './threads.ts';

export interface RunRequest {
  readonly paths: readonly string[];
  readonly flags: RunFlags;
  readonly target: Target;
  readonly cwd: string;
  /** What a thread of --jobs runs. */
  readonly worker: URL;
  readonly signal: AbortSignal;
  /** Of the selected files, those that are to run now; left out: all. */
  readonly only?: (file: string) => boolean;
}

export interface Ran {
  readonly code: number;
  /** The files that were selected, whether they ran or not. */
  readonly files: readonly string[];
}

export async function runOnce(request: RunRequest): Promise<Ran> {
  const { paths, flags, target, cwd, signal, only = () => true } = request;
  const selection = await selectSpecs(paths, flags, target.name, cwd);
  const { files } = selection;
  const failures = LastFailures.of(findRoot(cwd), target.name);
  const reports = await openReports(flags, environment(), cwd);
  if ('refused' in reports) return { code: refuse(reports.refused, flags), files };
  const shared = {
    files: files.filter(only),
    diagnostics: [...selection.diagnostics, ...reports.diagnostics],
    reporters: [...reports.reporters, failures],
    bail: flags.bail,
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.shard === undefined ? {} : { shard: flags.shard }),
    signal,
    now: () => performance.now(),
  };
  const run = { ...request, flags: { ...flags, verbose: records(flags) } };
  const threads = await threadsOf(run, shared.files, selection);
  const summary =
    threads === undefined
      ? await runSpecs({
          ...shared,
          load: selection.load,
          select: selection.select,
          target,
          verbose: run.flags.verbose,
        })
      : await (await import('../run/run-in-jobs.ts')).runInJobs({ ...shared, ...threads });
  const late = await reports.close();
  await failures.close();
  printDiagnostics(late, flags.color);
  if (summary.exitCode === EXIT.nothing && summary.skipped === 0) nothing(flags);
  const bad = late.length > 0;
  if (flags.bisect) return { code: bad ? CANNOT_SAY : bisectCode(summary), files };
  return { code: bad ? Math.max(summary.exitCode, EXIT.usage) : summary.exitCode, files };
}

/** What a run of fewer files takes is mostly to load what it needs; this would be more of that. */
const SOME_FILES = 5;

async function threadsOf(
  request: RunRequest,
  files: readonly string[],
  selection: Selection,
): Promise<Threads | undefined> {
  const { flags, target } = request;
  if (target.name !== 'model' || (flags.jobs === undefined && files.length < SOME_FILES))
    return undefined;
  const [{ compileForRun }, { threadsFor }] = [
    await import('./compiler.ts'),
    await import('./threads.ts'),
  ];
  compileForRun();
  return threadsFor(request, files, selection);
}

/** Whether the events of each step are wanted: to be shown, or for a trace or coverage. */
const records = ({ verbose, trace, coverage }: RunFlags): boolean =>
  verbose || trace !== undefined || coverage !== undefined;

function nothing({ color, failed, changed }: RunFlags): void {
  const diagnostic: Diagnostic = {
    code: 'DB604',
    severity: 'error',
    message: 'no case is selected',
    hint: whatNarrows(failed, changed),
  };
  printDiagnostics([diagnostic], color);
}

export function refuse(message: string, { color }: RunFlags): number {
  printDiagnostics([{ code: 'DB603', severity: 'error', message }], color);
  return EXIT.usage;
}

function whatNarrows(failed: boolean, changed: unknown): string {
  if (failed) return '--failed: of what is asked for here, nothing failed when it last ran';
  if (changed !== undefined) return '--changed: of what is asked for here, nothing changed';
  return 'see `doorbell list`; paths, --grep, --tag, --design and --shard all narrow';
}
