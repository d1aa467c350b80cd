import { expect, test } from '@jest/globals';
import { ATTACH, caseOf } from '../testing/samples.ts';
import { exploreCase } from './explore-case.ts';
import { planOf } from './plan-of.ts';

test('a spec of more steps than a byte counts is one thread like any other', async () => {
  const moves = Array.from(
    { length: 300 },
    (_, n) => `\n  - affinity: { vector: nic/0, cpu: ${n % 2} }`,
  ).join('');
  const spec = caseOf(`${ATTACH}${moves}\n  - teardown: nic\nexpect: { faults: none }`);
  const plan = planOf(spec);
  if ('unexplorable' in plan) throw new Error(plan.unexplorable);
  expect(plan.threads[0]?.operations).toHaveLength(303);
  const { report } = await exploreCase(
    { ...plan, fires: [] },
    {
      search: 'breadth-first',
      symmetry: false,
      partialOrder: false,
      workers: 1,
      limits: { states: 20_000 },
    },
  );
  expect(report.verdict.kind).toBe('holds');
  expect(report.depth).toBeGreaterThan(303);
});
