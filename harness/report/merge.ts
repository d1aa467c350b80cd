/**
 * Several reports as one run: their cases as events in the order of their files, as one run of all
 * of them would have told them, and one summary. What is missing is said: a shard that was not
 * merged is no pass.
 */
import type { StoredCase, StoredReport } from './stored-report.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Reporter, RunEvent, Summary } from '../run/events.ts';
import { SIGNAL_EXIT, type SignalName } from '../run/exit-codes.ts';
import { Counts } from '../run/summary.ts';

export interface NamedReport {
  readonly name: string;
  readonly report: StoredReport;
}

export function mergeReports(
  reports: readonly NamedReport[],
  problems: readonly Diagnostic[],
  reporters: readonly Reporter[],
): Summary {
  const emit = (event: RunEvent): void => reporters.forEach((reporter) => reporter.on(event));
  const counts = new Counts();
  const { cases, twice } = distinct(reports);
  const files = byFile(cases);
  emit({ type: 'run-start', files: files.size, paths: [...files.keys()] });
  const found = reports.flatMap(({ report }) => report.diagnostics);
  for (const diagnostic of unique([...problems, ...shardProblems(reports), ...twice, ...found])) {
    if (diagnostic.severity === 'error') counts.errors++;
    if (diagnostic.code === 'DB901') counts.bugs++;
    emit({ type: 'diagnostic', diagnostic });
  }
  for (const [file, stored] of files) {
    const list = stored.map(({ verdict }) => verdict.case);
    emit({ type: 'file-start', file, cases: list.length, list });
    for (const { verdict, steps } of stored) {
      emit({ type: 'case-start', case: verdict.case });
      for (const result of steps) emit({ type: 'step', case: verdict.case, result });
      counts.add(verdict);
      emit({ type: 'case-end', verdict });
    }
    emit({ type: 'file-end', file });
  }
  const ends = reports.flatMap(({ report }) => report.summary ?? []);
  counts.files = ends.reduce((sum, end) => sum + end.files, 0);
  // They ran beside one another.
  const durationMs = Math.max(0, ...ends.map((end) => end.durationMs));
  const summary = counts.summary(durationMs, signalOf(ends));
  emit({ type: 'run-end', summary });
  return summary;
}

/** In the order of their names, as `doorbell run` takes them. */
function byFile(cases: readonly StoredCase[]): Map<string, StoredCase[]> {
  const files = new Map<string, StoredCase[]>();
  for (const stored of cases) {
    const { file } = stored.verdict.case.place;
    const before = files.get(file);
    if (before === undefined) files.set(file, [stored]);
    else before.push(stored);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A case counts once for each target; a report that is given twice would count everything twice.
 */
function distinct(reports: readonly NamedReport[]): {
  readonly cases: readonly StoredCase[];
  readonly twice: readonly Diagnostic[];
} {
  const seen = new Map<string, string>();
  const cases: StoredCase[] = [];
  const twice: Diagnostic[] = [];
  for (const { name, report } of reports) {
    let again = 0;
    for (const stored of report.cases) {
      const key = `${stored.verdict.target} ${stored.verdict.case.id}`;
      const before = seen.get(key);
      if (before === undefined) cases.push(stored);
      else if (again++ === 0)
        twice.push(problem(`${stored.verdict.case.id} is in ${before} and in ${name}`));
      seen.set(key, before ?? name);
    }
  }
  return { cases, twice };
}

function shardProblems(reports: readonly NamedReport[]): Diagnostic[] {
  const dead = reports
    .filter(({ report }) => report.summary === undefined)
    .map(({ name }) => problem(`${name} ends before its run did`));
  const shards = reports.flatMap(({ name, report: { shard } }) =>
    shard === undefined ? [] : [{ name, ...shard }],
  );
  const [first] = shards;
  if (first === undefined) return dead;
  const other = shards.find((shard) => shard.of !== first.of);
  if (other !== undefined)
    return [...dead, problem(`${first.name} is one of ${first.of}, ${other.name} of ${other.of}`)];
  const missing = Array.from({ length: first.of }, (_, i) => i + 1)
    .filter((index) => !shards.some((shard) => shard.index === index))
    .map((index) => problem(`shard ${index}/${first.of} is missing`));
  return [...dead, ...missing];
}

const problem = (message: string): Diagnostic => ({
  code: 'DB622',
  severity: 'error',
  message,
  hint: 'give each report of the run once, as its run has written it',
});

/** A path that is missing is missing for every shard. */
function unique(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [JSON.stringify(each), each])).values()];
}

function signalOf(ends: readonly Summary[]): SignalName | undefined {
  const end = ends.find(({ interrupted }) => interrupted);
  if (end === undefined) return undefined;
  return end.exitCode === SIGNAL_EXIT.SIGTERM ? 'SIGTERM' : 'SIGINT';
}
