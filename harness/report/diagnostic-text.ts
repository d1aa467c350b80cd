/** A diagnostic as text: place, line of YAML, caret, hint. Of a spec that cannot be run, or of the run. */
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Place } from '../spec/case.ts';
import { printable, type Style } from './style.ts';

export function diagnosticText(diagnostic: Diagnostic, style: Style): string {
  const { place, message, code, severity, hint, sourceLine, related = [] } = diagnostic;
  const word = severity === 'error' ? style.red('error') : style.yellow('warning');
  const where = place === undefined ? '' : `${placeText(place)}: `;
  // A stack trace of our own keeps its lines; everything else is one line.
  const [first = '', ...rest] = code === 'DB901' ? message.split('\n') : [message];
  return [
    `${where}${word}: ${printable(first)} ${style.dim(`[${code}]`)}`,
    ...rest.map((line) => printable(line)),
    ...excerpt(place, sourceLine, style),
    ...related.map((r) => `  ${placeText(r.place)}: ${printable(r.message)}`),
    ...(hint === undefined ? [] : [style.dim(`  hint: ${printable(hint)}`)]),
  ].join('\n');
}

export const placeText = ({ file, line, col }: Place): string =>
  `${printable(file)}:${line}:${col}`;

const MAX_EXCERPT = 160;

/** The line of YAML with what is meant underlined, and `note` beside the caret. */
export function excerpt(
  place: Place | undefined,
  sourceLine: string | undefined,
  style: Style,
  note = '',
): string[] {
  if (place === undefined || sourceLine === undefined) return [];
  // Tabs and control characters become one column each, so that the caret stays under its text.
  const line = printable(sourceLine.slice(0, MAX_EXCERPT).replace(/\p{Cc}/gu, ' '));
  const gutter = String(place.line).padStart(4);
  if (place.col > MAX_EXCERPT) return [`  ${gutter} | ${line}`];
  const length = Math.max(1, Math.min(place.endCol, line.length + 1) - place.col);
  const caret = style.red('^'.repeat(length));
  const tail = note === '' ? '' : ` ${note}`;
  return [`  ${gutter} | ${line}`, `       | ${' '.repeat(place.col - 1)}${caret}${tail}`];
}
