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
import type { RunFlags } from './program.ts';
import { selectSpecs } from './select-specs.ts';
import { environment } from './terminal.ts';

export interface RunRequest {
  readonly paths: readonly string[];
  readonly flags: RunFlags;
  readonly target: Target;
  readonly cwd: string;
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
  const { files, diagnostics, load, select } = await selectSpecs(paths, flags, target.name, cwd);
  const failures = LastFailures.of(findRoot(cwd), target.name);
  const reports = await openReports(flags, environment(), cwd);
  if ('refused' in reports) return { code: refuse(reports.refused, flags), files };
  const summary = await runSpecs({
    files: files.filter(only),
    diagnostics: [...diagnostics, ...reports.diagnostics],
    load,
    select,
    target,
    reporters: [...reports.reporters, failures],
    bail: flags.bail,
    verbose: flags.verbose,
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.shard === undefined ? {} : { shard: flags.shard }),
    signal,
    now: () => performance.now(),
  });
  const late = await reports.close();
  await failures.close();
  printDiagnostics(late, flags.color);
  if (summary.exitCode === EXIT.nothing && summary.skipped === 0) nothing(flags);
  const bad = late.length > 0;
  if (flags.bisect) return { code: bad ? CANNOT_SAY : bisectCode(summary), files };
  return { code: bad ? Math.max(summary.exitCode, EXIT.usage) : summary.exitCode, files };
}

function nothing({ color }: RunFlags): void {
  const diagnostic: Diagnostic = {
    code: 'DB604',
    severity: 'error',
    message: 'no case is selected',
    hint: 'see `doorbell list`; paths, --grep, --tag, --design, --changed, --failed and --shard all narrow',
  };
  printDiagnostics([diagnostic], color);
}

export function refuse(message: string, { color }: RunFlags): number {
  printDiagnostics([{ code: 'DB603', severity: 'error', message }], color);
  return EXIT.usage;
}
