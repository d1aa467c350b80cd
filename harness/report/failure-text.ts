/**
 * A failed case in words: where, what was expected beside what was observed, the way of the MSI, the last
 * events, and the command that repeats it. Pure; the terminal, CI logs and Jest show the same text.
 */
import type { Failure, Verdict } from '../run/events.ts';
import { excerpt, placeText } from './diagnostic-text.ts';
import { printable, type Style } from './style.ts';
import { tableText } from './table-text.ts';

const COLUMNS = 120;

export function verdictText(verdict: Verdict, style: Style, columns = COLUMNS): string {
  const { case: spec, failures } = verdict;
  const place = failures[0]?.diagnostic.place ?? spec.place;
  const head = `✖ ${placeText(place)}   ${printable(spec.title)}   [${spec.designLabel}]`;
  const blocks = failures.map((failure) => failureText(failure, verdict, style, columns));
  return [
    style.red(head),
    '',
    ...reasonText(verdict),
    ...blocks,
    `  ${style.dim('repeat')}   ${printable(verdict.repeat, 2_000)}`,
    '',
  ].join('\n');
}

function reasonText({ status, reason = '' }: Verdict): string[] {
  switch (status) {
    case 'XPASS':
      return [`  passed although xfail says it must fail: ${printable(reason)}  DB417`, ''];
    case 'ABORT':
      return [`  aborted: ${printable(reason)}`, ''];
    case 'FAIL':
    case 'PASS':
    case 'SKIP':
    case 'XFAIL':
      return [];
  }
}

export function failureText(
  failure: Failure,
  verdict: Verdict,
  style: Style,
  columns = COLUMNS,
): string {
  const { diagnostic, table, path, trace = [] } = failure;
  const message = style.red(printable(diagnostic.message));
  const shown = excerpt(diagnostic.place, diagnostic.sourceLine, style, message);
  const lines = [
    `  ${style.bold(printable(momentText(failure, verdict)))}   ${style.dim(diagnostic.code)}`,
  ];
  lines.push(...(shown.length > 0 ? shown : [`  ${whereText(failure)}${message}`]));
  if (diagnostic.hint !== undefined) lines.push(`  ${style.dim(printable(diagnostic.hint))}`);
  lines.push('');
  if (table !== undefined) lines.push(...tableText(table, style, columns), '');
  if (path !== undefined && path.lines.length > 0) {
    lines.push(`    the way of ${path.vector} at that moment`);
    lines.push(...path.lines.map((line) => `      ${printable(line)}`), '');
  }
  if (trace.length > 0) {
    const width = Math.max(...trace.map((event) => event.who.length));
    lines.push('    the last events');
    lines.push(
      ...trace.map(({ who, text }) => `      ${printable(who).padEnd(width)}   ${printable(text)}`),
      '',
    );
  }
  return lines.join('\n');
}

function momentText({ step }: Failure, { case: spec }: Verdict): string {
  return step === undefined ? 'at the end' : `step ${step + 1}  ${spec.steps[step]?.label ?? ''}`;
}

const whereText = ({ diagnostic: { place } }: Failure): string =>
  place === undefined ? '' : `${placeText(place)}: `;
