/** `doorbell run`: selects, opens the reports, runs, and says how it ended. */
import type { Diagnostic } from '../spec/diagnostic.ts';
import { bisectCode, CANNOT_SAY } from '../run/bisect.ts';
import { runSpecs } from '../run/runner.ts';
import { EXIT } from '../run/exit-codes.ts';
import type { Target } from '../targets/target.ts';
import { fileLoader } from './load-files.ts';
import { printDiagnostics } from './print.ts';
import type { RunFlags } from './program.ts';
import { openReports } from './open-reports.ts';
import { openTargets } from './open-targets.ts';
import { caseFilter } from './select-cases.ts';
import { selectFiles } from './select-files.ts';
import { stopOnSignals } from './signals.ts';
import { environment } from './terminal.ts';

export async function runCommand(paths: readonly string[], flags: RunFlags): Promise<number> {
  const cwd = process.cwd();
  const opened = await openTargets([flags.target], flags);
  if ('refused' in opened) {
    printDiagnostics([opened.refused], flags.color);
    return EXIT.usage;
  }
  const target = opened.targets[0] as Target;
  const { files, diagnostics } = await selectFiles(paths, cwd);
  const reports = await openReports(flags, environment(), cwd);
  if ('refused' in reports) return refuse(reports.refused, flags);
  const signals = stopOnSignals();
  try {
    const summary = await runSpecs({
      files,
      diagnostics: [...diagnostics, ...reports.diagnostics],
      load: fileLoader(cwd),
      select: caseFilter(flags),
      target,
      reporters: reports.reporters,
      bail: flags.bail,
      verbose: flags.verbose,
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      signal: signals.signal,
      now: () => performance.now(),
    });
    const late = await reports.close();
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
    hint: 'see `doorbell list`; the filters are --grep, --tag and --design',
  };
  printDiagnostics([diagnostic], flags.color);
}

function refuse(message: string, flags: RunFlags): number {
  printDiagnostics([{ code: 'DB603', severity: 'error', message }], flags.color);
  return EXIT.usage;
}
