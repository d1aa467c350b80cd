/**
 * The same steps in several columns: designs, kernels or targets, all alike here. After each step
 * what can be seen of every column is laid side by side; expectations of the spec play no part.
 */
import { isBug, requestOf } from '../run/run-case.ts';
import type { Case } from '../spec/case.ts';
import type { Machine, Target } from '../targets/target.ts';
import { snapshot, type Snapshot } from './rows.ts';
import { sideBySide } from './sequence.ts';

export interface Column {
  readonly label: string;
  readonly spec: Case;
  readonly target: Target;
}

export interface ComparedCell {
  /** Empty: looked for, and not there. */
  readonly text: string;
  readonly seen: boolean;
}

export interface ComparedRow {
  readonly what: string;
  readonly cells: readonly ComparedCell[];
  readonly differs: boolean;
}

export interface ComparedStep {
  readonly label: string;
  readonly line: number;
  /**
   * Those that changed with this step in some column: a difference is told once, where it arises.
   */
  readonly rows: readonly ComparedRow[];
}

export interface ColumnState {
  readonly label: string;
  /** Why the column is not there, or ended early. */
  readonly missing?: string;
  readonly died: boolean;
}

export interface Comparison {
  readonly id: string;
  readonly title: string;
  readonly file: string;
  readonly columns: readonly ColumnState[];
  /** What targets had to say that is no difference, such as a reboot. */
  readonly notices: readonly string[];
  readonly steps: readonly ComparedStep[];
  readonly differences: number;
  /** Label of the first step with a difference. */
  readonly first?: string;
}

interface Running {
  readonly column: Column;
  machine: Machine | undefined;
  missing: string | undefined;
  died: boolean;
  before: Snapshot | undefined;
  now: Snapshot | undefined;
}

/** At least one column. A target that fails ends its own column only. */
export async function compareCase(id: string, columns: readonly Column[]): Promise<Comparison> {
  const { spec } = columns[0] as Column;
  const running: Running[] = [];
  const notices: string[] = [];
  try {
    for (const column of columns)
      running.push(await opened(column, (text) => notices.push(`${column.label}: ${text}`)));
    const steps: ComparedStep[] = [];
    for (const [index, step] of spec.steps.entries()) {
      if (running.every(({ machine }) => machine === undefined)) break;
      for (const one of running) await perform(one, index);
      steps.push({ label: step.label, line: step.place.line, rows: rowsOf(running) });
      for (const one of running) one.before = one.now;
    }
    const differing = steps.filter(({ rows }) => rows.some(({ differs }) => differs));
    return {
      id,
      title: spec.title,
      file: spec.place.file,
      columns: running.map(({ column, missing, died }) => ({
        label: column.label,
        died,
        ...(missing === undefined ? {} : { missing }),
      })),
      notices,
      steps,
      differences: differing.flatMap(({ rows }) => rows.filter(({ differs }) => differs)).length,
      ...(differing[0] === undefined ? {} : { first: differing[0].label }),
    };
  } finally {
    for (const { machine } of running) await machine?.close();
  }
}

async function opened(column: Column, notice: (text: string) => void): Promise<Running> {
  const { spec, target } = column;
  const running: Running = {
    column,
    machine: undefined,
    missing: spec.skip?.reason,
    died: false,
    before: undefined,
    now: undefined,
  };
  if (spec.skip) return running;
  try {
    const machine = await target.open({ ...requestOf(spec), notice });
    if ('unsupported' in machine) running.missing = machine.unsupported;
    else {
      running.machine = machine;
      running.before = snapshot(spec, machine.observe());
    }
  } catch (error) {
    died(running, error);
  }
  return running;
}

async function perform(running: Running, index: number): Promise<void> {
  const { machine, column } = running;
  const step = column.spec.steps[index];
  if (machine === undefined || step === undefined) return;
  try {
    running.now = snapshot(column.spec, await machine.perform(step.operation));
  } catch (error) {
    await machine.close();
    running.machine = undefined;
    running.now = undefined;
    died(running, error);
  }
}

function died(running: Running, error: unknown): void {
  if (isBug(error)) throw error;
  running.died = true;
  running.missing = error instanceof Error ? error.message : String(error);
}

const NOTHING: ComparedCell = { text: '', seen: true };
const UNSEEN: ComparedCell = { text: '?', seen: false };

function rowsOf(running: readonly Running[]): ComparedRow[] {
  const keys = new Set(running.flatMap(({ now }) => [...(now?.cells.keys() ?? [])]));
  for (const { before } of running) {
    for (const key of before?.cells.keys() ?? []) if (!isEvent(key)) keys.add(key);
  }
  const rows: ComparedRow[] = [];
  for (const what of [...keys].sort(byKind)) {
    const cells = running.map(({ now }) => cellOf(now, what));
    const differs = differ(cells);
    const changed = running.some(
      ({ before, now }) => now && textOf(before, what) !== textOf(now, what),
    );
    if (changed || isEvent(what)) rows.push({ what, cells, differs });
  }
  return [
    ...rows,
    ...sequenceRows('command', running, ({ commands }) => commands),
    ...sequenceRows('invalidation', running, ({ invalidations }) => invalidations),
  ];
}

function sequenceRows(
  what: string,
  running: readonly Running[],
  listOf: (now: Snapshot) => readonly string[],
): ComparedRow[] {
  const lists = running.map(({ now }) => (now === undefined ? [] : listOf(now)));
  return sideBySide(lists).map((texts) => {
    const cells = texts.map((text, i) => {
      const now = running[i]?.now;
      return now === undefined || now.blind.has(what) ? UNSEEN : { text: text ?? '', seen: true };
    });
    return { what, cells, differs: differ(cells) };
  });
}

/** A column that cannot see it agrees with all. */
function differ(cells: readonly ComparedCell[]): boolean {
  return new Set(cells.filter(({ seen }) => seen).map(({ text }) => text)).size > 1;
}

function cellOf(now: Snapshot | undefined, key: string): ComparedCell {
  if (now === undefined) return UNSEEN;
  const cell = now.cells.get(key);
  if (cell !== undefined) return cell.seen ? cell : UNSEEN;
  return [...now.blind.keys()].some((kind) => key.startsWith(kind)) ? UNSEEN : NOTHING;
}

const textOf = (at: Snapshot | undefined, key: string): string => at?.cells.get(key)?.text ?? '';

/** What happened in this step, as opposed to how things are after it. */
const isEvent = (key: string): boolean => /^(interrupt|lost|fault|translation) /.test(key);

const KINDS = [
  'error',
  'map',
  'leaks',
  'window',
  'message',
  'affinity',
  'target',
  'translation',
  'interrupt',
  'lost',
  'fault',
];
const kindOf = (key: string): number => KINDS.indexOf(key.split(' ', 1)[0] ?? '');
const byKind = (a: string, b: string): number => kindOf(a) - kindOf(b) || (a < b ? -1 : 1);
