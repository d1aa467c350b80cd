/**
 * Several lists side by side, with gaps: the longest common subsequence of each with what is there
 * already. For ITS commands, where the order is part of what is compared.
 */

/** Longer lists are compared place by place: the table of an alignment grows with the square. */
const MOST_ALIGNED = 2000;

/** Rows of one cell per list; a gap is undefined. Every row has at least one cell. */
export function sideBySide(lists: readonly (readonly string[])[]): (string | undefined)[][] {
  let rows: (string | undefined)[][] = [];
  for (const [column, list] of lists.entries()) rows = merged(rows, list, column);
  return rows;
}

type Row = (string | undefined)[];

function merged(rows: readonly Row[], list: readonly string[], column: number): Row[] {
  const gap = (): undefined[] => Array.from({ length: column }, () => undefined);
  const matches = (row: Row, text: string): boolean => row.includes(text);
  if (rows.length > MOST_ALIGNED || list.length > MOST_ALIGNED) {
    return Array.from({ length: Math.max(rows.length, list.length) }, (_, i) => [
      ...(rows[i] ?? gap()),
      list[i],
    ]);
  }
  const common = lengths(rows, list, matches);
  const result: Row[] = [];
  let i = 0;
  let j = 0;
  while (i < rows.length || j < list.length) {
    const row = rows[i];
    const text = list[j];
    if (row !== undefined && text !== undefined && matches(row, text)) {
      result.push([...row, text]);
      i++;
      j++;
    } else if (
      row !== undefined &&
      (text === undefined || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))
    ) {
      result.push([...row, undefined]);
      i++;
    } else {
      result.push([...gap(), text]);
      j++;
    }
  }
  return result;
}

/** lengths[i][j]: of the longest common subsequence of rows from i on and list from j on. */
function lengths(
  rows: readonly Row[],
  list: readonly string[],
  matches: (row: Row, text: string) => boolean,
): Uint16Array[] {
  const table = Array.from({ length: rows.length + 1 }, () => new Uint16Array(list.length + 1));
  for (let i = rows.length - 1; i >= 0; i--) {
    const here = table[i] as Uint16Array;
    const below = table[i + 1] as Uint16Array;
    for (let j = list.length - 1; j >= 0; j--) {
      here[j] = matches(rows[i] as Row, list[j] as string)
        ? (below[j + 1] as number) + 1
        : Math.max(below[j] as number, here[j + 1] as number);
    }
  }
  return table;
}
