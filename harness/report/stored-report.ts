/**
 * Reads a JSON or ndjson report back into what the events of its run said: the other way of
 * `case-json.ts`.
 */
import type {
  Failure,
  ReportedCase,
  Shard,
  Status,
  StepResult,
  Summary,
  Verdict,
} from '../run/events.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { JSON_VERSION } from './json.ts';
import * as is from './shape.ts';

export interface StoredReport {
  readonly shard?: Shard;
  readonly seed?: number;
  readonly cases: readonly StoredCase[];
  readonly diagnostics: readonly Diagnostic[];
  /** Missing if the report ends before its run did. */
  readonly summary?: Summary;
}

export interface StoredCase {
  readonly steps: readonly StepResult[];
  readonly verdict: Verdict;
}

type Read = StoredReport | { readonly problem: string };

export function readReport(text: string): Read {
  try {
    const data = parse(text);
    if (data === undefined) return { problem: 'it is no JSON or ndjson report of Doorbell' };
    if (data['version'] !== JSON_VERSION)
      return {
        problem: `its format has version ${String(data['version'])}, this Doorbell reads ${JSON_VERSION}`,
      };
    const problem = REPORT(data, '');
    return problem === undefined ? restored(data as unknown as ReportData) : { problem };
  } catch (error) {
    return { problem: error instanceof SyntaxError ? `${error.message}` : String(error) };
  }
}

type Data = Readonly<Record<string, unknown>>;

/** One object with all that the report says, in the keys of the JSON report. */
function parse(text: string): Data | undefined {
  const end = text.indexOf('\n');
  const first = parsed(end < 0 ? text : text.slice(0, end));
  if (first !== undefined && first['event'] === 'run-start') return gathered(text, first);
  const data: unknown = JSON.parse(text);
  return is.isObject(data) && 'version' in data ? data : undefined;
}

function parsed(line: string): Data | undefined {
  try {
    const data: unknown = JSON.parse(line);
    return is.isObject(data) ? data : undefined;
  } catch {
    // Half a line, or one of many of a JSON report.
    return undefined;
  }
}

/** A line that cannot be read ends it: the run died while it wrote. */
function gathered(text: string, start: Data): Data {
  const cases: Data[] = [];
  const diagnostics: Data[] = [];
  let steps: Data[] = [];
  let summary: unknown;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const event = parsed(line);
    if (event === undefined) break;
    if (event['event'] === 'case-start') steps = [];
    if (event['event'] === 'step') steps.push(event);
    if (event['event'] === 'case-end') cases.push({ ...event, steps });
    if (event['event'] === 'diagnostic') diagnostics.push(event);
    if (event['event'] === 'run-end') summary = event['summary'];
  }
  return { ...start, cases, diagnostics, ...(summary === undefined ? {} : { summary }) };
}

const PLACE = is.object({
  file: is.string,
  line: is.number,
  col: is.number,
  endCol: is.number,
});
const DIAGNOSTIC = {
  code: is.string,
  severity: is.oneOf('error', 'warning'),
  message: is.string,
  place: is.optional(PLACE),
  sourceLine: is.optional(is.string),
  hint: is.optional(is.string),
  related: is.optional(is.list(is.object({ place: PLACE, message: is.string }))),
};
const EVENT = is.object({ kind: is.string, who: is.string, text: is.string, operation: is.number });
const ROW = is.object({ expected: is.string, observed: is.string, differs: is.boolean });
const FAILURE = is.object({
  ...DIAGNOSTIC,
  step: is.nullable(is.number),
  table: is.nullable(is.object({ title: is.string, rows: is.list(ROW) })),
  path: is.nullable(is.object({ vector: is.string, lines: is.list(is.string) })),
  story: is.optional(is.list(is.string)),
  trace: is.list(EVENT),
});
const STEP = is.object({
  index: is.number,
  label: is.string,
  line: is.number,
  operation: is.object({}),
  error: is.nullable(is.string),
  checks: is.number,
  failed: is.number,
  trace: is.optional(is.list(EVENT)),
});
const STATUS = is.oneOf('PASS', 'FAIL', 'SKIP', 'XFAIL', 'XPASS', 'ABORT');
const CASE = is.object({
  id: is.string,
  file: is.string,
  line: is.number,
  title: is.string,
  description: is.optional(is.string),
  source: is.optional(is.string),
  tags: is.list(is.string),
  design: is.string,
  point: is.record(is.string),
  target: is.string,
  status: STATUS,
  place: PLACE,
  reason: is.nullable(is.string),
  durationMs: is.number,
  checks: is.number,
  steps: is.list(STEP),
  diagnostics: is.list(FAILURE),
  unobservable: is.list(is.object({ place: PLACE, reason: is.string })),
  repeat: is.string,
});
const REPORT = is.object({
  shard: is.optional(is.object({ index: is.number, of: is.number })),
  seed: is.optional(is.number),
  cases: is.list(CASE),
  diagnostics: is.list(is.object(DIAGNOSTIC)),
  summary: is.optional(
    is.object({
      files: is.number,
      durationMs: is.number,
      interrupted: is.boolean,
      exitCode: is.number,
    }),
  ),
});

/** What REPORT has made sure of. */
interface ReportData {
  readonly shard?: Shard;
  readonly seed?: number;
  readonly cases: readonly CaseData[];
  readonly diagnostics: readonly (Diagnostic & { readonly event?: string })[];
  readonly summary?: Summary;
}
interface CaseData extends Omit<ReportedCase, 'place' | 'designLabel' | 'steps'> {
  readonly file: string;
  readonly line: number;
  readonly design: string;
  readonly steps: readonly StepData[];
  readonly target: string;
  readonly status: Status;
  readonly place: Verdict['place'];
  readonly reason: string | null;
  readonly durationMs: number;
  readonly checks: number;
  readonly diagnostics: readonly FailureData[];
  readonly unobservable: Verdict['unobservable'];
  readonly repeat: string;
}
interface StepData {
  readonly index: number;
  readonly label: string;
  readonly line: number;
  readonly operation: object;
  readonly error: string | null;
  readonly checks: number;
  readonly failed: number;
  readonly trace?: StepResult['trace'];
}
interface FailureData extends Diagnostic {
  readonly step: number | null;
  readonly table: Failure['table'] | null;
  readonly path: Failure['path'] | null;
  readonly story?: readonly string[];
  readonly trace: NonNullable<Failure['trace']>;
}

function restored({ shard, seed, cases, diagnostics, summary }: ReportData): StoredReport {
  return {
    ...(shard === undefined ? {} : { shard }),
    ...(seed === undefined ? {} : { seed }),
    cases: cases.map(caseOf),
    diagnostics: diagnostics.map(({ event: _, ...diagnostic }) => diagnostic),
    ...(summary === undefined ? {} : { summary }),
  };
}

function caseOf(data: CaseData): StoredCase {
  const place = { file: data.file, line: data.line, col: 1, endCol: 1 };
  const steps = data.steps.map(({ line, ...step }) => ({
    index: step.index,
    step: { label: step.label, place: { ...place, line }, operation: step.operation },
    error: step.error ?? undefined,
    checks: step.checks,
    failed: step.failed,
    trace: step.trace ?? [],
  }));
  const { id, title, description, source, tags, point, target, status, checks } = data;
  const spec: ReportedCase = {
    id,
    title,
    ...(description === undefined ? {} : { description }),
    ...(source === undefined ? {} : { source }),
    tags,
    point,
    place,
    designLabel: data.design,
    steps: steps.map(({ step }) => step),
  };
  const verdict: Verdict = {
    case: spec,
    target,
    status,
    place: data.place,
    ...(data.reason === null ? {} : { reason: data.reason }),
    failures: data.diagnostics.map(failureOf),
    unobservable: data.unobservable,
    checks,
    durationMs: data.durationMs,
    repeat: data.repeat,
  };
  return { steps, verdict };
}

function failureOf({ step, table, path, story, trace, ...diagnostic }: FailureData): Failure {
  return {
    diagnostic,
    ...(step === null ? {} : { step }),
    ...(table === null || table === undefined ? {} : { table }),
    ...(path === null || path === undefined ? {} : { path }),
    ...(story === undefined ? {} : { story }),
    trace,
  };
}
