/** Explores one case: finds which words make a state, searches, and tells the counterexample. */
import { BreadthFirst } from '../../src/explore/engine/breadth-first.ts';
import type { TraceState } from '../../src/explore/engine/verdict.ts';
import { LiveWordFound } from '../../src/explore/model/live-words.ts';
import { ModelSystem } from '../../src/explore/model/model-system.ts';
import type { ExplorePlan } from '../../src/explore/model/plan.ts';
import type { StoryStep } from '../../src/explore/model/step-text.ts';
import type { Exploration, TimedReport } from './exploration.ts';
import { explore } from './explore.ts';

export type ExploreOptions = Omit<Exploration, 'system'>;

export interface CaseExploration {
  readonly report: TimedReport;
  /** Of a counterexample: its steps, and the states before and after the last one. */
  readonly story: readonly StoryStep[];
  readonly before: Readonly<Record<string, string | number>>;
  readonly after: Readonly<Record<string, string | number>>;
}

/** A machine has some thousand words; each round finds one at least. */
const MAX_ROUNDS = 100_000;
/** States that are searched for words that change before the search proper. */
const SCOUTED = 2_000;

export async function exploreCase(
  plan: ExplorePlan,
  options: ExploreOptions,
): Promise<CaseExploration> {
  let live = scout(plan);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    try {
      const report = await explore({ ...options, system: { kind: 'model', plan, live } });
      return { report, ...told(new ModelSystem(plan, live), report) };
    } catch (error) {
      if (!(error instanceof LiveWordFound)) throw error;
      live = error.live;
    }
  }
  throw new Error('IMPOSSIBLE: more words change than there are');
}

/** Most of the words that change do so soon. */
function scout(plan: ExplorePlan): readonly number[] {
  let live: readonly number[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    try {
      new BreadthFirst(new ModelSystem(plan, live), { limits: { states: SCOUTED } }).run(SCOUTED);
      return live;
    } catch (error) {
      if (!(error instanceof LiveWordFound)) throw error;
      live = error.live;
    }
  }
  return live;
}

function told(
  system: ModelSystem,
  { verdict }: TimedReport,
): Pick<CaseExploration, 'story' | 'before' | 'after'> {
  const trace: readonly TraceState[] = 'trace' in verdict ? verdict.trace : [];
  const story = trace.slice(1).map(({ step }, n) => {
    const words = trace[n]?.words;
    if (step === undefined || words === undefined)
      throw new Error('IMPOSSIBLE: a trace without a step between two states');
    return system.tell(step.label, words, 0);
  });
  return { story, before: trace.at(-2)?.state ?? {}, after: trace.at(-1)?.state ?? {} };
}
