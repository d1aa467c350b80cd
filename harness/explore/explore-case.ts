/** Explores one case: finds which words make a state, searches, and tells the counterexample. */
import { incomplete, type Report, type TraceState } from '../../src/explore/engine/verdict.ts';
import { LiveWordFound } from '../../src/explore/model/live-words.ts';
import type { ModelSystem } from '../../src/explore/model/model-system.ts';
import { scoutLiveWords } from '../../src/explore/model/scout.ts';
import type { SymmetryNote } from '../../src/explore/model/renaming.ts';
import type { StoryStep } from '../../src/explore/model/step-text.ts';
import { savedLiveWords } from './checkpoint.ts';
import type { Exploration, TimedReport } from './exploration.ts';
import { type CasePlan, machineOf, modelSystem } from './system-source.ts';
import { explore } from './explore.ts';

export type ExploreOptions = Omit<Exploration, 'system'>;

export interface CaseExploration {
  readonly report: TimedReport;
  /** Of a counterexample: its steps, and the states before and after the last one. */
  readonly story: readonly StoryStep[];
  readonly before: Readonly<Record<string, string | number>>;
  readonly after: Readonly<Record<string, string | number>>;
  /**
   * What the search took for alike, if it was asked to; undefined: it could not tell. Found when it
   * is asked for.
   */
  readonly symmetry?: () => SymmetryNote | undefined;
}

/** A machine has some thousand words; each round finds one at least. */
const MAX_ROUNDS = 100_000;

export async function exploreCase(
  plan: CasePlan,
  options: ExploreOptions,
): Promise<CaseExploration> {
  const { checkpoint, ...asked } = options;
  const { seconds, signal } = asked;
  // One for all attempts: words that are found to change begin the search anew.
  const late = seconds === undefined ? undefined : AbortSignal.timeout(1000 * seconds);
  const stop = AbortSignal.any([signal, late].filter((s) => s !== undefined));
  const resumed = checkpoint?.resume === true ? savedLiveWords(checkpoint.file) : undefined;
  const search = async (live: readonly number[], attempt: number): Promise<CaseExploration> => {
    const saved = checkpoint && { ...checkpoint, resume: checkpoint.resume && attempt === 0 };
    const once = { ...asked, signal: stop, system: { kind: 'model', plan, live } as const };
    const isAsked = options.symmetry && options.search !== 'random';
    const note = isAsked ? { symmetry: () => modelSystem(plan, live).note } : {};
    let report = await explore({ ...once, ...(saved && { checkpoint: saved }) });
    const mayBeShorter = report.putOff > 0 && options.search === 'breadth-first';
    if (mayBeShorter && options.anyOrder !== true && isBad(report)) {
      // Found in what orders were left; the shortest may be among the others.
      const whole = await explore({ ...once, partialOrder: false });
      if (isBad(whole)) report = whole;
    }
    const { verdict } = report;
    const isLate = late?.aborted === true && signal?.aborted !== true;
    if (isLate && verdict.kind === 'incomplete' && verdict.bound === 'cancelled')
      return {
        ...NOTHING_TOLD,
        ...note,
        report: { ...report, verdict: incomplete('time', `${seconds} s were over (--time)`) },
      };
    return {
      report,
      ...('trace' in verdict ? told(modelSystem(plan, live), report) : NOTHING_TOLD),
      ...note,
    };
  };
  return withLiveWords(plan, search, resumed);
}

const isBad = ({ verdict }: Report): boolean =>
  verdict.kind === 'violated' || verdict.kind === 'deadlock';

const NOTHING_TOLD = { story: [], before: {}, after: {} };

/** Searches anew with each word of the machine that turns out to change. */
export async function withLiveWords<T>(
  plan: CasePlan,
  search: (live: readonly number[], attempt: number) => Promise<T>,
  from: readonly number[] = scoutLiveWords(machineOf(plan)),
): Promise<T> {
  let live = from;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    try {
      return await search(live, round);
    } catch (error) {
      if (!(error instanceof LiveWordFound)) throw error;
      live = error.live;
    }
  }
  throw new Error('IMPOSSIBLE: more words change than there are');
}

export function told(
  system: ModelSystem,
  { verdict }: Report,
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
