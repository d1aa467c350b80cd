/** Every case of the corpus that is explored, with each reduction and without: the verdicts are the same. */
import { globSync } from 'tinyglobby';
import { expect, test } from '@jest/globals';
import { BeforeFailed } from '../../src/explore/model/machine.ts';
import { includeCache, loadSpec } from '../spec/load.ts';
import { ROOT } from '../testing/command.ts';
import { exploreCase } from './explore-case.ts';
import { planOf } from './plan-of.ts';
import type { CasePlan } from './system-source.ts';
import { reasonOf } from './verdict-text.ts';

/** A search of more is cut off, and then says nothing of the reduction. */
const MOST_STATES = 2_500;
/** The states of a thousand vectors are too long for a test. */
const MOST_FIRES = 40;

async function explored(
  plan: CasePlan,
  partialOrder: boolean,
): Promise<{ said: string; states: number; transitions: number } | undefined> {
  const { report } = await exploreCase(plan, {
    search: 'breadth-first',
    symmetry: false,
    partialOrder,
    workers: 1,
    limits: { states: MOST_STATES },
  });
  const { verdict, states, transitions } = report;
  if (verdict.kind === 'incomplete') return undefined;
  return { said: `${verdict.kind} ${reasonOf(verdict) ?? ''}`, states, transitions };
}

test('the whole corpus: partial order changes no verdict, and leaves something out', async () => {
  const [differ, grown]: string[][] = [[], []];
  let [compared, left] = [0, 0];
  const cache = includeCache();
  for (const file of globSync('specs/**/*.spec.yaml', { cwd: ROOT, absolute: true }).sort())
    for (const spec of loadSpec(file, { root: ROOT, cache }).cases) {
      const plan = planOf(spec);
      if ('unexplorable' in plan || plan.fires.length > MOST_FIRES) continue;
      try {
        const [full, reduced] = [await explored(plan, false), await explored(plan, true)];
        if (full === undefined) continue;
        compared++;
        if (full.said !== reduced?.said) differ?.push(spec.id);
        if (reduced !== undefined && reduced.states > full.states) grown?.push(spec.id);
        if (reduced !== undefined && reduced.transitions < full.transitions) left++;
      } catch (error) {
        // A step before the interleaving was refused, as a run says too.
        if (!(error instanceof BeforeFailed)) throw error;
      }
    }
  expect({ differ, grown }).toEqual({ differ: [], grown: [] });
  expect(compared).toBeGreaterThan(400);
  expect(left).toBeGreaterThan(10);
}, 300_000);
