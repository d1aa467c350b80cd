/** `schedule:` in a run: the one order, followed on the model after the steps. */
import { followSchedule, type ScheduleEnd } from '../../src/explore/model/schedule.ts';
import { plain } from '../report/style.ts';
import type { Failure } from '../run/events.ts';
import type { SourceLine } from '../run/failure.ts';
import type { PlacedStep } from '../spec/case.ts';
import { type CasePlan, watchOf } from './system-source.ts';
import { storyText } from './story-text.ts';
import { reasonOf } from './verdict-text.ts';

const WIDTH = 110;

export function checkSchedule(
  plan: CasePlan,
  schedule: readonly PlacedStep[],
  sourceLine: SourceLine,
): Failure | undefined {
  const { end, at, story } = followSchedule(
    plan,
    schedule.map(({ step }) => step),
    watchOf(plan),
  );
  const message = messageOf(end);
  const place = schedule[at]?.place;
  if (message === undefined || place === undefined) return undefined;
  const line = sourceLine(place);
  return {
    diagnostic: {
      code: end.kind === 'parted' ? 'DB432' : 'DB431',
      severity: 'error',
      message,
      place,
      ...(line === undefined ? {} : { sourceLine: line }),
    },
    ...(story.length === 0 ? {} : { story: storyText(story, plain, WIDTH) }),
  };
}

function messageOf(end: ScheduleEnd): string | undefined {
  switch (end.kind) {
    case 'held':
      return undefined;
    case 'parted':
      return end.message;
    case 'deadlock':
      return reasonOf({ kind: 'deadlock', trace: [] });
    case 'violated':
      return reasonOf({ kind: 'violated', property: end.property, trace: [] });
  }
}
