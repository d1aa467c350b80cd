/** `doorbell run`: selects, opens the reports, runs, and says how it ended. */
import type { Diagnostic } from '../spec/diagnostic.ts';
import { bisectCode, CANNOT_SAY } from '../run/bisect.ts';
import { runSpecs } from '../run/runner.ts';
import { EXIT } from '../run/exit-codes.ts';
import type { Target } from '../targets/target.ts';
import { findRoot } from '../spec/read-file.ts';
import { LastFailures } from './last-failures.ts';
import { printDiagnostics } from './print.ts';
import type { RunFlags } from './program.ts';
import { openReports } from './open-reports.ts';
import { openTargets } from './open-targets.ts';
import { selectSpecs } from './select-specs.ts';
import { laterOnSignals } from './signals.ts';
import { environment } from './terminal.ts';

export async function runCommand(paths: readonly string[], flags: RunFlags): Promise<number> {
  const cwd = process.cwd();
  if (flags.list) {
    const { listCommand } = await import('./list-command.ts');
    return listCommand(paths, { ...flags, json: true });
  }
  const signals = laterOnSignals();
  const opened = await openTargets([flags.target], flags, signals.listen);
  if ('refused' in opened) {
    printDiagnostics([opened.refused], flags.color);
    return flags.bisect ? CANNOT_SAY : opened.exitCode;
  }
  const target = opened.targets[0] as Target;
  const { files, diagnostics, load, select } = await selectSpecs(paths, flags, target.name, cwd);
  const failures = LastFailures.of(findRoot(cwd), target.name);
  const reports = await openReports(flags, environment(), cwd);
  if ('refused' in reports) return refuse(reports.refused, flags);
  const signal = signals.listen();
  try {
    const summary = await runSpecs({
      files,
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
    if (flags.bisect) return late.length > 0 ? CANNOT_SAY : bisectCode(summary);
    return late.length > 0 ? Math.max(summary.exitCode, EXIT.usage) : summary.exitCode;
  } finally {
    await target.close?.();
    signals.dispose();
  }
}

function nothing(flags: RunFlags): void {
  const diagnostic: Diagnostic = {
    code: 'DB604',
    severity: 'error',
    message: 'no case is selected',
    hint: 'see `doorbell list`; paths, --grep, --tag, --design, --changed, --failed and --shard all narrow',
  };
  printDiagnostics([diagnostic], flags.color);
}

function refuse(message: string, flags: RunFlags): number {
  printDiagnostics([{ code: 'DB603', severity: 'error', message }], flags.color);
  return EXIT.usage;
}
