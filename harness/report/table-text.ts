/** Expected beside observed; one below the other where the terminal is too narrow for both. */
import type { Failure } from '../run/events.ts';
import { printable, type Style } from './style.ts';

type Table = NonNullable<Failure['table']>;

/** A longer table says nothing more; the JSON report has all rows. */
const MAX_ROWS = 40;

export function tableText(table: Table, style: Style, columns: number): string[] {
  const rows = table.rows.slice(0, MAX_ROWS).map((row) => ({
    expected: printable(row.expected),
    observed: printable(row.observed),
    differs: row.differs,
    note: row.note === undefined ? '' : printable(row.note),
  }));
  const left = Math.max('expected'.length, ...rows.map((row) => row.expected.length));
  const right = Math.max('observed'.length, ...rows.map((row) => row.observed.length));
  const mark = (differs: boolean): string => (differs ? style.red('≠') : ' ');
  const body =
    left + right + 12 <= columns
      ? [
          `      ${style.dim(`${'expected'.padEnd(left)}   observed`)}`,
          ...rows.flatMap(({ expected, observed, differs, note }) => {
            const line = `    ${mark(differs)} ${expected.padEnd(left)}   ${observed}`;
            if (note === '') return [line];
            const beside = 6 + left + 3 + right + 3 + note.length <= columns;
            return beside
              ? [`${line.padEnd(line.length + right - observed.length)}   ${style.dim(note)}`]
              : [line, `      ${' '.repeat(left)}     ${style.dim(note)}`];
          }),
        ]
      : rows.flatMap(({ expected, observed, differs, note }) => [
          `    ${mark(differs)} expected  ${expected}`,
          `      observed  ${observed}`,
          ...(note === '' ? [] : [`                ${style.dim(note)}`]),
        ]);
  const more = table.rows.length - rows.length;
  return [
    `    ${printable(table.title)}`,
    ...body,
    ...(more > 0 ? [`      ${style.dim(`and ${more} more rows`)}`] : []),
  ];
}
