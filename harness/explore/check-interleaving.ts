/**
 * `interleave:` in a run: explored after the steps, on the model. A violation is a failure of the
 * case.
 */
import { plain } from '../report/style.ts';
import type { Failure } from '../run/events.ts';
import type { SourceLine } from '../run/failure.ts';
import type { Case } from '../spec/case.ts';
import { checkSchedule } from './check-schedule.ts';
import { exploreCase } from './explore-case.ts';
import { planOf } from './plan-of.ts';
import { storyText } from './story-text.ts';
import { reasonOf } from './verdict-text.ts';

/** A run is no long exploration: for that there is doorbell explore. */
const STATES = 2_000_000;
const BYTES = 1 << 30;
const WIDTH = 110;

export async function checkInterleaving(
  spec: Case,
  sourceLine: SourceLine,
): Promise<Failure | undefined> {
  const plan = planOf(spec);
  // The steps before it have run: the design serves the topology.
  if ('unexplorable' in plan) throw new Error(`IMPOSSIBLE: ${plan.unexplorable}`);
  const schedule = spec.explore?.schedule;
  if (schedule !== undefined) return checkSchedule(plan, schedule, sourceLine);
  const { report, story } = await exploreCase(plan, {
    search: 'breadth-first',
    symmetry: true,
    partialOrder: true,
    // That it fails is all that is asked of it; doorbell explore tells it.
    anyOrder: spec.xfail !== undefined,
    workers: 1,
    limits: { states: STATES, bytes: BYTES },
  });
  const message = reasonOf(report.verdict);
  if (message === undefined) return undefined;
  const found = report.verdict.kind === 'violated' || report.verdict.kind === 'deadlock';
  const place = spec.explore?.threads[0]?.place ?? spec.place;
  const line = sourceLine(place);
  return {
    diagnostic: {
      code: found ? 'DB420' : 'DB421',
      severity: 'error',
      message,
      place,
      ...(line === undefined ? {} : { sourceLine: line }),
    },
    ...(story.length === 0 ? {} : { story: storyText(story, plain, WIDTH) }),
  };
}
