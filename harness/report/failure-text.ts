/**
 * A failed case in words: where, what was expected beside what was observed, the way of the MSI,
 * the last events, and the command that repeats it. Pure; the terminal, CI logs and Jest show the
 * same text.
 */
import type { Failure, Verdict } from '../run/events.ts';
import { excerpt, placeText } from './diagnostic-text.ts';
import { printable, type Style } from './style.ts';
import { tableText } from './table-text.ts';

const COLUMNS = 120;

export function verdictText(verdict: Verdict, style: Style, columns = COLUMNS): string {
  const { case: spec, failures, place } = verdict;
  const head = `✖ ${placeText(place)}   ${printable(spec.title)}   [${spec.designLabel}]`;
  // Failures of one moment share the way of the MSI and the last events: shown with the last of
  // them.
  const blocks = failures.map((failure, i) => {
    const again = failures.slice(i + 1).filter(({ step }) => step === failure.step);
    const short = again.some(({ path }) => path?.vector === failure.path?.vector);
    return failureText(failure, verdict, style, columns, short ? 'short' : 'whole');
  });
  return [
    style.red(head),
    '',
    ...reasonText(verdict),
    ...blocks,
    `  ${style.dim('repeat')}   ${printable(verdict.repeat, 2_000)}`,
    '',
  ].join('\n');
}

/** A target may say more below its reason: the end of a console, where the logs are. */
function abortText(reason: string): string[] {
  const [first = '', ...more] = reason.split('\n');
  return [
    `  aborted: ${printable(first)}  DB501`,
    ...more.map((line) => `    ${printable(line.trim())}`),
  ];
}

function reasonText({ status, reason = '' }: Verdict): string[] {
  switch (status) {
    case 'XPASS':
      return [`  passed although xfail says it must fail: ${printable(reason)}  DB417`, ''];
    case 'ABORT':
      return [...abortText(reason), ''];
    case 'FAIL':
    case 'PASS':
    case 'SKIP':
    case 'XFAIL':
      return [];
  }
}

/** What a failure is told of. `moment`: when it was, where that is neither a step nor the end. */
type Told = Pick<Verdict, 'case'> & { readonly moment?: string };

export function failureText(
  failure: Failure,
  verdict: Told,
  style: Style,
  columns = COLUMNS,
  form: 'short' | 'whole' = 'whole',
): string {
  const { diagnostic, table } = failure;
  const message = printable(diagnostic.message);
  const shown = excerpt(diagnostic.place, diagnostic.sourceLine, style, message, columns);
  const lines = [
    `  ${style.bold(printable(momentText(failure, verdict)))}   ${style.dim(diagnostic.code)}`,
  ];
  lines.push(...(shown.length > 0 ? shown : [`  ${whereText(failure)}${style.red(message)}`]));
  if (diagnostic.hint !== undefined) lines.push(`  ${style.dim(printable(diagnostic.hint))}`);
  lines.push('');
  if (table !== undefined) lines.push(...tableText(table, style, columns), '');
  if (failure.story !== undefined)
    lines.push(...failure.story.map((line) => `  ${printable(line, 200)}`), '');
  if (form === 'whole') lines.push(...pathText(failure), ...traceText(failure));
  return lines.join('\n');
}

function pathText({ path }: Failure): string[] {
  if (path === undefined || path.lines.length === 0) return [];
  const lines = path.lines.map((line) => `      ${printable(line)}`);
  return [`    the way of ${path.vector} at that moment`, ...lines, ''];
}

function traceText({ trace = [] }: Failure): string[] {
  if (trace.length === 0) return [];
  const width = Math.max(...trace.map(({ who }) => who.length));
  const digits = String(trace.at(-1)?.operation ?? 0).length;
  const lines = trace.map(({ operation, who, text }) => {
    const step = `step ${String(operation).padStart(digits)}`;
    return `      ${step}  ${printable(who).padEnd(width)}  ${printable(text)}`;
  });
  return ['    the last events', ...lines, ''];
}

function momentText({ step }: Failure, { case: spec, moment }: Told): string {
  return step === undefined
    ? (moment ?? 'at the end')
    : `step ${step + 1}  ${spec.steps[step]?.label ?? ''}`;
}

const whereText = ({ diagnostic: { place } }: Failure): string =>
  place === undefined ? '' : `${placeText(place)}: `;
