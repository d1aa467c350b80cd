/**
 * Cases, steps and failures as the keys of the JSON formats, docs/json-format.md. The one place
 * that knows them; `stored-report.ts` reads them back.
 */
import type { Failure, ReportedCase, StepResult, Verdict } from '../run/events.ts';

/** JSON has no 64-bit integers; what would lose digits is a 0x string. */
export function jsonText(value: unknown): string {
  try {
    // Most has none, and a function that is asked of each key takes several times as long.
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(value, (_, v: unknown) =>
      typeof v === 'bigint' ? `0x${v.toString(16)}` : v,
    );
  }
}

/** What is known of a case before it runs. */
export const namedJson = (spec: ReportedCase): object => ({
  id: spec.id,
  file: spec.place.file,
  line: spec.place.line,
  title: spec.title,
  description: spec.description,
  source: spec.source,
  tags: spec.tags,
  design: spec.designLabel,
  point: spec.point,
});

export function stepJson({ step, index, error, checks, failed, trace }: StepResult): object {
  return {
    index,
    label: step.label,
    line: step.place.line,
    operation: step.operation,
    error: error ?? null,
    checks,
    failed,
    ...(trace.length === 0 ? {} : { trace }),
  };
}

export const verdictJson = (verdict: Verdict): object => ({
  target: verdict.target,
  status: verdict.status,
  place: verdict.place,
  reason: verdict.reason ?? null,
  durationMs: Math.round(verdict.durationMs * 1000) / 1000,
  checks: verdict.checks,
  diagnostics: verdict.failures.map(failureJson),
  unobservable: verdict.unobservable,
  repeat: verdict.repeat,
});

function failureJson({ diagnostic, step, table, path, story, trace }: Failure): object {
  return {
    ...diagnostic,
    step: step ?? null,
    table: table ?? null,
    path: path ?? null,
    ...(story === undefined ? {} : { story }),
    trace: trace ?? [],
  };
}
