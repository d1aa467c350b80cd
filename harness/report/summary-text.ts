/** The last line of a run, and the short list of what went wrong above it. */
import type { ReportedCase, Status, Summary, Verdict } from '../run/events.ts';
import { count, duration, printable, type Style } from './style.ts';
import { caseName } from '../spec/case-name.ts';

export function summaryText(summary: Summary, style: Style): string {
  const parts = [
    paint(summary.passed, 'passed', style.green),
    paint(summary.failed, 'failed', style.red),
    paint(summary.skipped, 'skipped', style.yellow),
    paint(summary.xfailed, 'failed as expected', style.yellow),
    paint(summary.xpassed, 'passed unexpectedly', style.red),
    paint(summary.aborted, 'aborted', style.red),
    summary.errors === 0 ? '' : style.red(count(summary.errors, 'error')),
    summary.unobservable === 0 ? '' : style.yellow(`${summary.unobservable} unobservable`),
  ].filter((part) => part !== '');
  const what = parts.length === 0 ? 'nothing ran' : parts.join(', ');
  const how = summary.interrupted ? style.red('interrupted: ') : '';
  const files = `${count(summary.files, 'file')}, ${duration(summary.durationMs)}`;
  return `${how}${what} ${style.dim(`(${files})`)}`;
}

function paint(n: number, word: string, colour: (text: string) => string): string {
  return n === 0 ? '' : colour(`${n} ${word}`);
}

/** Whether the status needs somebody to look. */
export function isBad(status: Status): boolean {
  switch (status) {
    case 'FAIL':
    case 'XPASS':
    case 'ABORT':
      return true;
    case 'PASS':
    case 'SKIP':
    case 'XFAIL':
      return false;
  }
}

/** The status in its colour, padded so that rows stand in columns. */
export function statusText(status: Status, style: Style): string {
  const text = status.padEnd(5);
  if (isBad(status)) return style.red(text);
  return status === 'PASS' ? style.green(text) : style.yellow(text);
}

/** `[rfc-v3] granule=4K`: the case within its file. */
export const pointText = (spec: Pick<ReportedCase, 'designLabel' | 'point'>): string =>
  printable(caseName(spec));

/** With the reason of a case that was skipped or failed as expected. */
export function caseText({ case: spec, reason }: Verdict): string {
  const first = reason?.split('\n')[0];
  return pointText(spec) + (first === undefined ? '' : `  (${printable(first)})`);
}
