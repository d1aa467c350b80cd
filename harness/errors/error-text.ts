/** One error in words, for a terminal; `exampleText` is also what docs/errors.md shows. */
import type { Style } from '../report/style.ts';
import type { ErrorEntry } from './errors.ts';
import { EXAMPLE_SPEC, type Example } from './example.ts';

const MAX_COLUMNS = 100;

export function errorText(entry: ErrorEntry, style: Style, columns: number): string {
  const { code, title, meaning, mend, example } = entry;
  const width = Math.min(columns, MAX_COLUMNS);
  const { intro, blocks } = exampleText(example);
  return [
    `${style.red(code)}  ${style.bold(title)}`,
    '',
    ...wrapped(meaning, width),
    '',
    ...wrapped(`Example: ${intro}`, width),
    ...blocks.flatMap((block) => ['', ...block.split('\n').map((line) => `    ${line}`)]),
    '',
    ...wrapped(`What to do: ${mend}`, width),
  ].join('\n');
}

/** What the example is, and its texts: of specs, of other files, the commands. */
export function exampleText({ note, change, without = [], files = {}, command }: Example): {
  readonly intro: string;
  readonly blocks: readonly string[];
} {
  const parts: string[] = [];
  if (note !== undefined) parts.push(`${note}.`);
  if (change !== undefined)
    parts.push(
      `In the spec that \`doorbell init ${EXAMPLE_SPEC}\` writes, these keys in place of its own` +
        `${without.length > 0 ? `, and without ${without.join(', ')}` : ''}:`,
    );
  else if (parts.length === 0) parts.push('these commands:');
  const texts = Object.entries(files).flatMap(([name, content]) =>
    typeof content === 'string' && name !== 'notes.txt' ? [`# ${name}\n${content.trimEnd()}`] : [],
  );
  const commands = (command ?? `doorbell run ${EXAMPLE_SPEC}`)
    .split(/; (?=\w)/)
    .map((line) => `$ ${line}`)
    .join('\n');
  return {
    intro: parts.join(' '),
    blocks: [...(change === undefined ? [] : [change.trimEnd()]), ...texts, commands],
  };
}

/** At word ends, indented by two. */
function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > columns && line.trim() !== '') {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
