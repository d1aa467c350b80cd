/**
 * The JSON report, docs/json-format.md. Cases are written as they end, one a line, so that a run of any
 * length takes the same memory; the summary comes last because it is known last.
 */
import type { Failure, Reporter, RunEvent, StepResult, Verdict } from '../run/events.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Output } from './output.ts';

/** Rises when a reader of the old format could misunderstand the new one. */
export const JSON_VERSION = 1;

export function jsonReporter(output: Output): Reporter {
  let first = true;
  let steps: object[] = [];
  const diagnostics: Diagnostic[] = [];
  return {
    on(event: RunEvent): void {
      switch (event.type) {
        case 'run-start': {
          const seed = event.seed === undefined ? '' : `"seed":${event.seed},`;
          output.write(`{"version":${JSON_VERSION},${seed}"cases":[`);
          return;
        }
        case 'case-start':
          steps = [];
          return;
        case 'step':
          steps.push(stepJson(event.result));
          return;
        case 'case-end':
          output.write(`${first ? '' : ','}\n${text(caseJson(event.verdict, steps))}`);
          first = false;
          return;
        case 'diagnostic':
          diagnostics.push(event.diagnostic);
          return;
        case 'run-end':
          output.write(
            `\n],"diagnostics":${text(diagnostics)},"summary":${text(event.summary)}}\n`,
          );
          return;
        case 'file-start':
        case 'file-end':
          return;
      }
    },
    close: () => Promise.resolve(),
  };
}

/** JSON has no 64-bit integers; what would lose digits is a 0x string. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v));

function stepJson({ step, index, error, checks, failed, trace }: StepResult): object {
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

function caseJson(verdict: Verdict, steps: readonly object[]): object {
  const { case: spec, target, status, reason, failures, unobservable, checks } = verdict;
  return {
    id: spec.id,
    file: spec.place.file,
    line: spec.place.line,
    title: spec.title,
    tags: spec.tags,
    design: spec.designLabel,
    point: spec.point,
    target,
    status,
    reason: reason ?? null,
    durationMs: Math.round(verdict.durationMs * 1000) / 1000,
    checks,
    steps,
    diagnostics: failures.map(failureJson),
    unobservable,
    repeat: verdict.repeat,
  };
}

function failureJson({ diagnostic, step, table, path, trace }: Failure): object {
  return {
    ...diagnostic,
    step: step ?? null,
    table: table ?? null,
    path: path ?? null,
    trace: trace ?? [],
  };
}
