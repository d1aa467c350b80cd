/** A diagnostic as text: place, code, message, the line with a caret, the hint. */
import type { Place } from './case.ts';
import type { Diagnostic } from './diagnostic.ts';

const WIDTH = 96;
const red = (text: string, colour: boolean): string =>
  colour ? `\u001b[31m${text}\u001b[39m` : text;
const dim = (text: string, colour: boolean): string =>
  colour ? `\u001b[2m${text}\u001b[22m` : text;

/** Control characters would drive the terminal; a tab would move the caret. */
export const visible = (text: string): string =>
  text
    .replace(/\t/g, ' ')
    .replace(
      /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
      (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
    );

export function renderDiagnostic(
  diagnostic: Diagnostic,
  { color }: { readonly color: boolean },
): string {
  const { place, code, message, hint, sourceLine } = diagnostic;
  const where = place ? `${place.file}:${place.line}:${place.col}  ` : '';
  const lines = [`${where}${red(code, color)}  ${visible(message)}`];
  if (place && sourceLine !== undefined) lines.push(...frame(sourceLine, place, color));
  if (hint) lines.push(`  ${dim('hint:', color)} ${visible(hint)}`);
  for (const { place: at, message: what } of diagnostic.related ?? []) {
    lines.push(`  ${at.file}:${at.line}:${at.col}  ${visible(what)}`);
  }
  return lines.join('\n');
}

/** A line of YAML as it is shown: cut around what is meant, of printable characters. */
export interface Excerpt {
  readonly line: string;
  /** Columns before the carets, and how many carets. */
  readonly before: number;
  readonly length: number;
}

export function excerptOf(sourceLine: string, place: Place): Excerpt {
  // A long line is shown from a little before what is meant.
  const from = place.col > WIDTH - 20 ? place.col - 40 : 0;
  const shown = sourceLine.slice(from, from + WIDTH);
  const column = place.col - 1 - from;
  return {
    line: visible(shown),
    before: visible(shown.slice(0, column)).length,
    length: Math.max(1, Math.min(place.endCol - place.col, shown.length - column)),
  };
}

function frame(sourceLine: string, place: Place, color: boolean): string[] {
  const { line, before, length } = excerptOf(sourceLine, place);
  return [
    `${dim(`${String(place.line).padStart(5)} | `, color)}${line}`,
    `${dim('      | ', color)}${' '.repeat(before)}${red('^'.repeat(length), color)}`,
  ];
}
