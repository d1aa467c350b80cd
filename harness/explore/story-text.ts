/**
 * A counterexample as a table: a column for each thread and device, time downwards, each step by its kernel
 * name. An operation that nobody interrupted is one row with what it changed; text of a column may run
 * into those on its right, as in the diagrams of kernel mails, so that three actors fit into 80 columns.
 */
import type { StoryStep } from '../../src/explore/model/step-text.ts';
import type { Style } from '../report/style.ts';

const COLUMN = 22;
/** Events that an uninterrupted operation is remembered for. */
const TELLING: ReadonlySet<string> = new Set(['map', 'unmap', 'ref', 'fault', 'lost', 'interrupt']);

interface Row {
  readonly step: string;
  readonly actor: string;
  readonly text: string;
  readonly kind: string;
}

export function storyText(story: readonly StoryStep[], style: Style, width: number): string[] {
  const actors = [...new Set(story.map(({ actor }) => actor))];
  const at = (actor: string): number => 7 + actors.indexOf(actor) * COLUMN;
  const heads = actors
    .map((actor) => actor.padEnd(COLUMN))
    .join('')
    .trimEnd();
  const rows = chunks(story).flatMap((chunk) => (chunk.whole ? wholeRows(chunk) : stepRows(chunk)));
  return [
    style.dim(`${'step'.padStart(5)}  ${heads}`),
    ...rows.map(({ step, actor, text, kind }) => {
      const shown = `${step.padStart(5)}  `.padEnd(at(actor)) + text;
      const cut = shown.length > width ? `${shown.slice(0, width - 1)}…` : shown;
      return kind === 'fault' || kind === 'lost' ? style.red(cut) : cut;
    }),
  ];
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
  const { actor, operation = '' } = steps[0] as StoryStep;
  const telling = steps.flatMap(({ lines }) => lines.filter(({ kind }) => TELLING.has(kind)));
  const range = `${first + 1}-${first + steps.length}`;
  return [
    { step: range, actor, text: operation, kind: 'step' },
    ...telling.map(({ kind, text }) => ({ step: '', actor, text: `    ${text}`, kind })),
  ];
}

function stepRows({ first, steps }: Chunk): Row[] {
  return steps.flatMap(({ actor, operation, begins, lines }, n): Row[] => {
    const [head, ...rest] = lines;
    const name = operation !== undefined && (begins || n === 0);
    const number = String(first + n + 1);
    const title: Row[] = name
      ? [{ step: '', actor, text: begins ? operation : `${operation}, goes on`, kind: 'step' }]
      : [];
    const indent = operation === undefined ? '' : '  ';
    return [
      ...title,
      {
        step: number,
        actor,
        text: `${indent}${head?.text ?? 'nothing happens'}`,
        kind: head?.kind ?? '',
      },
      ...rest.map(({ kind, text }) => ({ step: '', actor, text: `${indent}  ${text}`, kind })),
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
