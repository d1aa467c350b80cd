/**
 * A counterexample as `schedule:`: an operation that nobody interrupted is one entry, others are
 * step by step.
 */
import { WAITS } from '../../src/explore/model/schedule.ts';
import { stepName, type StoryStep } from '../../src/explore/model/step-text.ts';
import type { Data, DataMap } from '../spec/data.ts';

/** `operation`: the data of an operation of a thread, by its text. */
export function scheduleData(
  story: readonly StoryStep[],
  operation: (thread: string, text: string) => DataMap,
): DataMap[] {
  return runs(story).map((steps): DataMap => {
    const [first] = steps as [StoryStep];
    if (first.kind === 'fire') return { raise: first.vector ?? '' };
    if (first.kind === 'arrive') return { arrive: first.actor };
    if (first.kind === 'read') return { reads: first.actor };
    if (first.kind === 'forget') return { drops: { [first.actor]: droppedText(first) } };
    const { actor } = first;
    const begin = first.begins ? operation(actor, first.operation ?? '') : undefined;
    const isLast = steps.at(-1) === story.at(-1);
    // The last step is what the story is about.
    if (begin !== undefined && steps.at(-1)?.ends === true && !isLast) return { [actor]: begin };
    const names = steps.flatMap((step): Data[] => {
      const name = stepName(step);
      if (step.begins) return [begin ?? {}, ...(name === undefined ? [] : [name])];
      return [name ?? WAITS];
    });
    return { [actor]: names };
  });
}

const droppedText = ({ lines }: StoryStep): string => lines[0]?.text.replace(/^drops /, '') ?? '';

/** Steps of one thread in one operation that follow each other; each step of a device by itself. */
function runs(story: readonly StoryStep[]): StoryStep[][] {
  const found: StoryStep[][] = [];
  for (const step of story) {
    const run = found.at(-1);
    const before = run?.at(-1);
    const isThread = before?.kind === 'begin' || before?.kind === 'step';
    if (run && step.kind === 'step' && isThread && before.actor === step.actor) run.push(step);
    else found.push([step]);
  }
  return found;
}
