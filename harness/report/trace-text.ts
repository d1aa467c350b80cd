/** A step and what happened in it, for --verbose. */
import type { StepResult } from '../run/events.ts';
import { printable, type Style } from './style.ts';

/** Of one step; a set-up of 2,048 vectors has tens of thousands of events. */
const MAX_EVENTS = 200;

export function stepText({ step, index, error, checks, failed }: StepResult): string {
  const outcome = error === undefined ? '' : `  -> ${error}`;
  const made = checks === 0 ? '' : `  ${checks - failed}/${checks} checks`;
  return `${String(index + 1).padStart(3)}  ${printable(step.label)}${outcome}${made}`;
}

export function traceLines(result: StepResult, style: Style): string[] {
  const { trace, failed } = result;
  const shown = trace.slice(0, MAX_EVENTS);
  const width = Math.max(0, ...shown.map(({ who }) => who.length));
  const more = trace.length - shown.length;
  const title = stepText(result);
  return [
    failed > 0 ? style.red(title) : title,
    ...shown.map(({ who, text }) =>
      style.dim(`       ${printable(who).padEnd(width)}  ${printable(text)}`),
    ),
    ...(more > 0 ? [style.dim(`       and ${more} more events`)] : []),
  ];
}
