/**
 * A failed case in words: where, what was expected beside what was observed, the way of the MSI, the last
 * events, and the command that repeats it. Pure; the terminal, CI logs and Jest show the same text.
 */
import type { Failure, Verdict } from '../run/events.ts';
import { printable, type Style } from './style.ts';

export function verdictText(verdict: Verdict, style: Style): string {
  const { place, title, designLabel } = verdict.case;
  const head = `✖ ${place.file}:${place.line}   ${printable(title)}   [${designLabel}]`;
  const blocks = verdict.failures.map((failure) => failureText(failure, verdict, style));
  if (verdict.status === 'XPASS') blocks.push(`  it is marked xfail (${printable(verdict.reason ?? '')}) and passed`);
  if (verdict.status === 'ABORT') blocks.push(`  aborted: ${printable(verdict.reason ?? '')}`);
  return [style.red(head), '', ...blocks, `  ${style.dim('repeat')}   ${verdict.repeat}`, ''].join('\n');
}

export function failureText(failure: Failure, verdict: Verdict, style: Style): string {
  const { diagnostic } = failure;
  const step = failure.step === undefined ? 'at the end' : `step ${failure.step + 1}  ${verdict.case.steps[failure.step]?.label ?? ''}`;
  const lines = [`  ${style.bold(step)}   ${style.dim(diagnostic.code)}`];
  const place = diagnostic.place;
  if (place && diagnostic.sourceLine !== undefined) {
    const gutter = String(place.line).padStart(4);
    lines.push(`  ${gutter} | ${printable(diagnostic.sourceLine)}`);
    const caret = `${' '.repeat(Math.max(0, place.col - 1))}^`;
    lines.push(`       | ${caret} ${style.red(printable(diagnostic.message))}`);
  } else {
    if (place) lines.push(`  ${place.file}:${place.line}:${place.col}`);
    lines.push(`  ${style.red(printable(diagnostic.message))}`);
  }
  if (diagnostic.hint) lines.push(`  ${style.dim(printable(diagnostic.hint))}`);
  lines.push('');
  if (failure.table) lines.push(...tableText(failure.table, style), '');
  if (failure.path) {
    lines.push(`    the way of ${failure.path.vector} at that moment`);
    lines.push(...failure.path.lines.map((line) => `      ${line}`), '');
  }
  if (failure.trace && failure.trace.length > 0) {
    lines.push('    last events');
    lines.push(...failure.trace.map((event) => `      ${event.who.padEnd(10)} ${event.text}`), '');
  }
  return lines.join('\n');
}

function tableText(table: NonNullable<Failure['table']>, style: Style): string[] {
  const width = Math.max(8, ...table.rows.map((row) => row.expected.length));
  const mark = (differs: boolean): string => (differs ? style.red('≠') : ' ');
  return [
    `    ${table.title}`,
    `      ${style.dim(`${'expected'.padEnd(width)}   observed`)}`,
    ...table.rows.map((row) => {
      const note = row.note === undefined ? '' : style.dim(`   ${row.note}`);
      return `    ${mark(row.differs)} ${row.expected.padEnd(width)}   ${row.observed}${note}`;
    }),
  ];
}

/** One line that counts. */
export function summaryText(summary: import('../run/events.ts').Summary): string {
  const parts = [`${summary.passed} passed`, `${summary.failed} failed`];
  if (summary.skipped > 0) parts.push(`${summary.skipped} skipped`);
  if (summary.xfailed > 0) parts.push(`${summary.xfailed} failed as expected`);
  if (summary.xpassed > 0) parts.push(`${summary.xpassed} passed unexpectedly`);
  if (summary.aborted > 0) parts.push(`${summary.aborted} aborted`);
  if (summary.errors > 0) parts.push(`${summary.errors} error${summary.errors === 1 ? '' : 's'}`);
  if (summary.unobservable > 0) parts.push(`${summary.unobservable} unobservable`);
  return parts.join(', ');
}
