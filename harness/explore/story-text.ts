/**
 * A counterexample as a table: a column for each thread and device, time downwards, each step by
 * its kernel name. An operation that nobody interrupted is one row with what it changed; text of a
 * column may run into those on its right, as in the diagrams of kernel mails, so that three actors
 * fit into 80 columns.
 */
import type { StoryStep } from '../../src/explore/model/step-text.ts';
import type { Style } from '../report/style.ts';

const COLUMN = 22;
/** Events that an uninterrupted operation is remembered for. */
const TELLING: ReadonlySet<string> = new Set(['map', 'unmap', 'ref', 'fault', 'lost', 'interrupt']);

export interface Row {
  /** Number of the step, or of the first and last of an operation in one row. */
  readonly step: string;
  readonly actor: string;
  readonly text: string;
  /** Of the event that the row is about: fault, map, ...; `step` for what a thread does. */
  readonly kind: string;
  /** What the row is in the table. */
  readonly role: 'operation' | 'step' | 'effect';
  /** The step of the story that it belongs to. */
  readonly of: StoryStep;
}

export function storyText(story: readonly StoryStep[], style: Style, width: number): string[] {
  const actors = [...new Set(story.map(({ actor }) => actor))];
  const at = (actor: string): number => 7 + actors.indexOf(actor) * COLUMN;
  const heads = actors
    .map((actor) => actor.padEnd(COLUMN))
    .join('')
    .trimEnd();
  return [
    style.dim(`${'step'.padStart(5)}  ${heads}`),
    ...storyRows(story).map((row) => {
      const { step, actor, text, kind } = row;
      const shown = `${step.padStart(5)}  `.padEnd(at(actor)) + ' '.repeat(indentOf(row)) + text;
      const cut = shown.length > width ? `${shown.slice(0, width - 1)}…` : shown;
      return kind === 'fault' || kind === 'lost' ? style.red(cut) : cut;
    }),
  ];
}

/** The rows of the table, in order. */
export const storyRows = (story: readonly StoryStep[]): Row[] =>
  chunks(story).flatMap((chunk) => (chunk.whole ? wholeRows(chunk) : stepRows(chunk)));

function indentOf({ role, of }: Row): number {
  if (role === 'operation') return 0;
  const step = of.operation === undefined ? 0 : 2;
  return role === 'step' ? step : step + 2;
}

interface Chunk {
  readonly first: number;
  readonly steps: readonly StoryStep[];
  /** The operation from its begin to its end, with nothing in between. */
  readonly whole: boolean;
}

/** Runs of steps of one actor in one operation. */
function chunks(story: readonly StoryStep[]): Chunk[] {
  const found: Chunk[] = [];
  let first = 0;
  for (let n = 1; n <= story.length; n++) {
    const [before, now] = [story[n - 1], story[n]];
    const goes =
      before?.actor === now?.actor && before?.operation !== undefined && now?.begins === false;
    if (now !== undefined && goes) continue;
    const steps = story.slice(first, n);
    const whole = steps[0]?.begins === true && before?.ends === true && steps.length > 1;
    // The last step is what the story is about.
    found.push({ first, steps, whole: whole && n < story.length });
    first = n;
  }
  return found;
}

function wholeRows({ first, steps }: Chunk): Row[] {
  const of = steps[0] as StoryStep;
  const { actor, operation = '' } = of;
  const telling = steps.flatMap(({ lines }) => lines.filter(({ kind }) => TELLING.has(kind)));
  const step = `${first + 1}-${first + steps.length}`;
  return [
    { step, actor, text: operation, kind: 'step', role: 'operation', of },
    ...telling.map((line): Row => ({ ...line, step: '', actor, role: 'effect', of })),
  ];
}

function stepRows({ first, steps }: Chunk): Row[] {
  return steps.flatMap((of, n): Row[] => {
    const { actor, operation, begins, lines } = of;
    const [head = { text: 'nothing happens', kind: '' }, ...rest] = lines;
    const named = operation !== undefined && (begins || n === 0);
    const text = begins ? (operation ?? '') : `${operation}, goes on`;
    const title: Row[] = named
      ? [{ step: '', actor, text, kind: 'step', role: 'operation', of }]
      : [];
    return [
      ...title,
      { ...head, step: String(first + n + 1), actor, role: 'step', of },
      ...rest.map((line): Row => ({ ...line, step: '', actor, role: 'effect', of })),
    ];
  });
}

/** What differs between the two states, and what there is in the second. */
export function stateText(
  before: Readonly<Record<string, string | number>>,
  after: Readonly<Record<string, string | number>>,
  style: Style,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    const head = `${name}:`.padEnd(16);
    if (old === now) return [`    ${head} ${now}`];
    return [
      ...(old === undefined ? [] : [style.dim(`  - ${head} ${old}`)]),
      ...(now === undefined ? [] : [style.bold(`  + ${head} ${now}`)]),
    ];
  });
}
