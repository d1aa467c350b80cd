/**
 * A comparison as plain text, 80 columns wide whatever the number of columns: wide tables are
 * turned.
 */
import { count, printable, type Style } from '../report/style.ts';
import type { ComparedRow, ComparedStep, Comparison } from './compare-case.ts';

const WIDTH = 80;
/** Less than this for a cell says too little: then each column gets a line. */
const NARROWEST = 16;
const MOST_ROWS = 60;

/** What is left of a comparison without differences: the targets that it lacks, and why. */
export function missingText(comparison: Comparison, style: Style): string | undefined {
  const isWhole = comparison.columns.every(({ missing }) => missing === undefined);
  return isWhole ? undefined : headText(comparison, style).join('\n');
}

export function comparisonText(comparison: Comparison, style: Style): string {
  const { columns, notices, steps } = comparison;
  const lines = headText(comparison, style);
  for (const text of notices) lines.push(`  ${printable(text)}`);
  const labels = columns.map(({ label }) => label);
  for (const [index, step] of steps.entries()) {
    lines.push('', ...stepText(step, index, labels, style));
  }
  return [...lines, '', `  ${endText(comparison, style)}`].join('\n');
}

function headText({ id, title, columns }: Comparison, style: Style): string[] {
  const lines = [
    ...headOf(printable(id)).map((line) => style.bold(line)),
    ...paragraph(printable(title)).map((line) => `  ${line}`),
  ];
  for (const { label, missing, died } of columns) {
    if (missing === undefined) continue;
    lines.push(`  ${label}: ${died ? style.red('target died') : 'skipped'}: ${printable(missing)}`);
  }
  return lines;
}

function endText({ columns, differences, first }: Comparison, style: Style): string {
  if (first !== undefined)
    return `${style.red(count(differences, 'difference'))}, first at: ${printable(first)}`;
  if (columns.some(({ died }) => died)) return style.yellow('not compared to the end');
  const present = columns.filter(({ missing }) => missing === undefined);
  return present.length > 1 ? style.green('no difference') : style.dim('nothing was compared');
}

function stepText(step: ComparedStep, index: number, labels: string[], style: Style): string[] {
  const head = `  step ${index + 1}  ${printable(step.label)}`;
  const same = step.rows.length === 0 ? [style.dim('    nothing to see changed')] : [];
  const rows = step.rows.slice(0, MOST_ROWS);
  const more = step.rows.length - rows.length;
  return [
    `${head}  ${style.dim(`line ${step.line}`)}`,
    ...same,
    ...table(rows, labels, style),
    ...(more > 0 ? [`    and ${count(more, 'more row')}, all in --json`] : []),
  ];
}

function table(rows: readonly ComparedRow[], labels: string[], style: Style): string[] {
  if (rows.length === 0) return [];
  const what = Math.max(...rows.map((row) => row.what.length));
  const widths = labels.map((label, i) =>
    Math.max(label.length, ...rows.map(({ cells }) => shown(cells[i]?.text ?? '').length)),
  );
  const total = 4 + what + widths.reduce((sum, width) => sum + width + 2, 0);
  const mark = (row: ComparedRow): string => (row.differs ? style.red('≠') : ' ');
  const room = Math.floor((WIDTH - 4 - what) / labels.length) - 2;
  if (total <= WIDTH || (labels.length > 1 && room >= Math.max(...widths))) {
    const header = labels.map((label, i) => label.padEnd(widths[i] ?? 0)).join('  ');
    return [
      `    ${''.padEnd(what)}  ${style.dim(header.trimEnd())}`,
      ...rows.map((row) => {
        const cells = row.cells.map(({ text }, i) => shown(text).padEnd(widths[i] ?? 0));
        return `  ${mark(row)} ${row.what.padEnd(what)}  ${cells.join('  ').trimEnd()}`;
      }),
    ];
  }
  return turned(rows, labels, style, mark);
}

/** Too wide: columns that agree share a line, so that designs which do the same are seen to. */
function turned(
  rows: readonly ComparedRow[],
  labels: string[],
  style: Style,
  mark: (row: ComparedRow) => string,
): string[] {
  return rows.flatMap((row) => {
    const groups = new Map<string, string[]>();
    row.cells.forEach(({ text }, i) => {
      const key = shown(text);
      groups.set(key, [...(groups.get(key) ?? []), labels[i] ?? '']);
    });
    if (groups.size === 1) return [`  ${mark(row)} ${row.what}: ${[...groups.keys()][0]}`];
    return [
      `  ${mark(row)} ${row.what}`,
      ...[...groups].flatMap(([text, names]) => {
        const who = names.join(', ');
        const line = `      ${text.padEnd(Math.max(text.length, NARROWEST))}  ${style.dim(who)}`;
        return 8 + Math.max(text.length, NARROWEST) + who.length <= WIDTH
          ? [line]
          : [`      ${text}`, ...wrapped(names).map((names) => `          ${style.dim(names)}`)];
      }),
    ];
  });
}

/** The values of the matrix have a line of their own where they do not fit beside the file. */
function headOf(id: string): string[] {
  const at = id.indexOf(' ');
  return id.length <= WIDTH || at < 0 ? [id] : [id.slice(0, at), ` ${id.slice(at)}`];
}

/** Words in lines, two columns in. */
function paragraph(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 3 <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function wrapped(names: readonly string[]): string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length + 12 <= WIDTH)
      lines[lines.length - 1] = `${last}, ${name}`;
    else lines.push(name);
  }
  return lines;
}

const shown = (text: string): string => (text === '' ? '-' : printable(text, 120));
