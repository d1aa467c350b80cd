/**
 * What can come of the same threads with one design and not with another, each with a shortest
 * story.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { BreadthFirst } from '../../src/explore/engine/breadth-first.ts';
import type { Limits, Report } from '../../src/explore/engine/verdict.ts';
import { OutcomeSystem } from '../../src/explore/model/outcome-system.ts';
import type { ExplorePlan } from '../../src/explore/model/plan.ts';
import type { StoryStep } from '../../src/explore/model/step-text.ts';
import { told, withLiveWords } from './explore-case.ts';

export interface DiffOptions {
  readonly limits: Limits;
  readonly symmetry: boolean;
  readonly signal?: AbortSignal;
}

export interface Outcomes {
  readonly outcomes: ReadonlySet<string>;
  readonly states: number;
  /** With symmetry: how many states these stand for. */
  readonly represented: number | undefined;
  readonly transitions: number;
  /** Every state was met; else an outcome that is not there may only not have been found. */
  readonly complete: boolean;
}

export interface Difference {
  /** Outcomes that are first met at the end of this story. */
  readonly outcomes: readonly string[];
  /** Empty: a bound was hit before it was found. */
  readonly story: readonly StoryStep[];
}

export interface DesignDiff {
  /** Of the first design, and of the second. */
  readonly found: readonly [Outcomes, Outcomes];
  readonly only: readonly [readonly Difference[], readonly Difference[]];
  readonly common: readonly string[];
}

/** States between two looks at signals. */
const SLICE = 5_000;

export async function diffDesigns(
  plans: readonly [ExplorePlan, ExplorePlan],
  options: DiffOptions,
): Promise<DesignDiff> {
  const [a, b] = plans;
  const found = [await outcomesUnder(a, options), await outcomesUnder(b, options)] as const;
  const [first, second] = found.map(({ outcomes }) => outcomes) as [Set<string>, Set<string>];
  return {
    found,
    only: [
      await differences(a, minus(first, second), options),
      await differences(b, minus(second, first), options),
    ],
    common: [...first].filter((outcome) => second.has(outcome)).sort(),
  };
}

const minus = (a: ReadonlySet<string>, b: ReadonlySet<string>): string[] =>
  [...a].filter((outcome) => !b.has(outcome)).sort();

async function outcomesUnder(plan: ExplorePlan, options: DiffOptions): Promise<Outcomes> {
  return withLiveWords(plan, async (live) => {
    const system = new OutcomeSystem(plan, live);
    const { states, represented, transitions, verdict } = await searched(system, options);
    const complete = verdict.kind === 'holds';
    return { outcomes: system.outcomes, states, represented, transitions, complete };
  });
}

/** By number of steps; outcomes with the same story together. */
async function differences(
  plan: ExplorePlan,
  outcomes: readonly string[],
  options: DiffOptions,
): Promise<Difference[]> {
  const byStory = new Map<string, { outcomes: string[]; story: readonly StoryStep[] }>();
  for (const outcome of outcomes) {
    const story = await storyOf(plan, outcome, options);
    const key = JSON.stringify(story);
    const known = byStory.get(key);
    if (known === undefined) byStory.set(key, { outcomes: [outcome], story });
    else known.outcomes.push(outcome);
  }
  return [...byStory.values()].sort((a, b) => a.story.length - b.story.length);
}

async function storyOf(
  plan: ExplorePlan,
  outcome: string,
  options: DiffOptions,
): Promise<readonly StoryStep[]> {
  return withLiveWords(plan, async (live) => {
    const system = new OutcomeSystem(plan, live, outcome);
    const report = await searched(system, options);
    return told(system.model, report).story;
  });
}

async function searched(system: OutcomeSystem, options: DiffOptions): Promise<Report> {
  const { limits, signal, symmetry } = options;
  const search = new BreadthFirst(system, { limits, symmetry });
  while (signal?.aborted !== true && search.run(SLICE)) await turn();
  return search.report();
}
