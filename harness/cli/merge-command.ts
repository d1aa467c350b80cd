/** `doorbell merge`: the reports of several runs as one, through any reporter. */
import { readFileSync, statSync } from 'node:fs';
import { readReport } from '../report/stored-report.ts';
import { reason } from '../report/report-sink.ts';
import { EXIT } from '../run/exit-codes.ts';
import { mergeReports, type NamedReport } from '../report/merge.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { openReports } from './open-reports.ts';
import { printDiagnostics } from './print.ts';
import type { MergeFlags } from './flags.ts';
import { environment } from './terminal.ts';

export async function mergeCommand(paths: readonly string[], flags: MergeFlags): Promise<number> {
  // Read before the reports are opened: one of them may take the place of a file that is merged.
  const read = paths.map(open);
  const problems = read.flatMap((each) => ('code' in each ? [each] : []));
  const merged = read.flatMap((each) => ('code' in each ? [] : [each]));
  const reports = await openReports(flags, environment(), process.cwd());
  if ('refused' in reports) {
    printDiagnostics([{ code: 'DB603', severity: 'error', message: reports.refused }], flags.color);
    return EXIT.usage;
  }
  const summary = mergeReports(merged, [...problems, ...reports.diagnostics], reports.reporters);
  const late = await reports.close();
  printDiagnostics(late, flags.color);
  return late.length > 0 ? Math.max(summary.exitCode, EXIT.usage) : summary.exitCode;
}

function open(path: string): NamedReport | Diagnostic {
  let text: string;
  try {
    if (!statSync(path).isFile()) return unreadable(path, 'it is no file');
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return unreadable(path, reason(error));
  }
  const report = readReport(text);
  return 'problem' in report ? unreadable(path, report.problem) : { name: path, report };
}

const unreadable = (path: string, why: string): Diagnostic => ({
  code: 'DB621',
  severity: 'error',
  message: `cannot merge ${path}: ${why}`,
  hint: 'give files that --reporter json or ndjson has written',
});
