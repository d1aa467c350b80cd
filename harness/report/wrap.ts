/** Prose and cells in lines that a terminal, and a mail, have room for. */

/** What a mail's quotation, a patch's comment and an old terminal have in common. */
export const COLUMNS = 80;

/**
 * `text` behind `first`, broken at spaces; what follows stands below its beginning. A word is never
 * broken: a path is there to be copied.
 *
 * @param rest What later lines begin with.
 */
export function hanging(
  first: string,
  text: string,
  rest = ' '.repeat(first.length),
  columns = COLUMNS,
): string[] {
  return filled(first, text.split(' '), ' ', rest, columns);
}

/** Cells in one line as long as they fit, three spaces apart; the next line begins with `rest`. */
export function filled(
  first: string,
  cells: readonly string[],
  gap: string,
  rest: string,
  columns = COLUMNS,
): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const cell of cells) {
    const before = empty ? '' : gap;
    const tooLong = line.length + before.length + cell.length > columns;
    // In front of the first cell a break helps only where the next line has more room.
    if (tooLong && (!empty || line.length > rest.length)) {
      lines.push(line.trimEnd());
      line = rest + cell;
    } else line += before + cell;
    empty = false;
  }
  return [...lines, line.trimEnd()];
}
