/** A diagnostic as text, and the line of YAML that it or a failure is about. */
import type { Place } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { excerptOf, renderDiagnostic } from '../spec/render.ts';
import { printable, type Style } from './style.ts';

/** A stack of our own keeps its lines; everything else is one. */
export function diagnosticText(diagnostic: Diagnostic, style: Style): string {
  const [message = '', ...stack] =
    diagnostic.code === 'DB901' ? diagnostic.message.split('\n') : [diagnostic.message];
  const text = renderDiagnostic(
    { ...diagnostic, message: short(message) },
    { color: style.colour },
  );
  return [text, ...stack.map((line) => style.dim(printable(line)))].join('\n');
}

const MAX_MESSAGE = 1_000;
const short = (text: string): string =>
  text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;

export const placeText = ({ file, line, col }: Place): string =>
  `${printable(file)}:${line}:${col}`;

/** The line of YAML with what is meant underlined, and `note` beside the caret. */
export function excerpt(
  place: Place | undefined,
  sourceLine: string | undefined,
  style: Style,
  note: string,
  columns: number,
): string[] {
  if (place === undefined || sourceLine === undefined) return [];
  const { line, before, length } = excerptOf(sourceLine, place);
  const caret = `      | ${' '.repeat(before)}${style.red('^'.repeat(length))}`;
  const fits = 9 + before + length + note.length <= columns;
  return [
    `${String(place.line).padStart(5)} | ${line}`,
    ...(fits ? [`${caret} ${style.red(note)}`] : [caret, `  ${style.red(note)}`]),
  ];
}
