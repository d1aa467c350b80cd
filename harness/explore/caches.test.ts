/**
 * With every invalidation in place nobody can tell an SMMU that keeps what it has read from one that does not, nor a command that takes
 * effect while the driver waits for its SYNC from one that does at once: each spec of the corpus has one verdict. State counts
 * are pinned; `kept` and `queued` have more, because what is cached or posted is a part of the state.
 */
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { globSync } from 'tinyglobby';
import type { Freedom } from '../../src/explore/model/freedoms.ts';
import { type Case } from '../spec/case.ts';
import { loadSpec, loadSpecText } from '../spec/load.ts';
import { exploreCase } from './explore-case.ts';
import { planOf, usualFreedom } from './plan-of.ts';

const root = resolve(__dirname, '../..');
/** A design that leaks has states without end. The most that a case has is 59,445. */
const STATES = 100_000;

const cases = globSync('specs/explore/*.spec.yaml', { cwd: root })
  .sort()
  .flatMap((file) => loadSpec(join(root, file), { root }).cases)
  .filter(({ explore }) => explore?.schedule === undefined);

async function verdictOf(
  spec: Case,
  caches: Freedom['caches'],
  commands: Freedom['commands'] = 'at-once',
): Promise<{ verdict: string; states: number }> {
  const plan = planOf(spec, { caches, commands });
  if ('unexplorable' in plan) throw new Error(plan.unexplorable);
  const { report } = await exploreCase(plan, {
    search: 'breadth-first',
    // Devices of the family of the review, with what is cached of them.
    symmetry: true,
    partialOrder: false,
    limits: { states: STATES },
    workers: 1,
  });
  const { verdict, states } = report;
  return { verdict: verdict.kind === 'violated' ? verdict.property : verdict.kind, states };
}

const nameOf = ({ id }: Case): string => id.split('/').at(-1) ?? id;

let [grown, waited] = [0, 0];
describe('a kernel that invalidates what it changes', () => {
  const unharmed = cases.filter((spec) => usualFreedom(spec).caches === 'none');
  test.each(unharmed.map((spec) => ({ name: nameOf(spec), spec })))('$name', async ({ spec }) => {
    const none = await verdictOf(spec, 'none');
    const kept = await verdictOf(spec, 'kept');
    expect(kept.verdict).toBe(none.verdict);
    expect(kept.verdict).not.toBe('incomplete');
    if (kept.states > none.states) grown++;
    const queued = await verdictOf(spec, 'none', 'queued');
    expect(queued.verdict).toBe(none.verdict);
    if (queued.states > none.states) waited++;
  });
  // They would have one verdict also if `kept` kept nothing and nothing was queued.
  afterAll(() => {
    expect(grown).toBeGreaterThan(5);
    expect(waited).toBeGreaterThan(5);
  });
});

describe('a kernel that leaves one out', () => {
  const left = cases.filter((spec) => usualFreedom(spec).caches === 'kept');

  test.each([
    ['unmapped-without-tlbi', 'no interrupt is lost'],
    ['ste-without-cfgi', 'no unexpected fault'],
    ['command-without-sync', 'no interrupt is lost'],
  ])('%s: %s', async (name, property) => {
    const spec = left.find(({ id }) => id.includes(name));
    if (spec === undefined) throw new Error('no such case');
    expect(await verdictOf(spec, 'kept')).toMatchObject({ verdict: property });
  });

  test('a TLB that keeps nothing needs no TLBI, an SMMU without a cache of STEs no CFGI', async () => {
    for (const name of ['unmapped-without-tlbi', 'ste-without-cfgi']) {
      const spec = left.find(({ id }) => id.includes(name));
      if (spec === undefined) throw new Error('no such case');
      expect((await verdictOf(spec, 'none')).verdict).toBe('holds');
    }
  });
});

test('a redistributor may read the configuration of an LPI anew before INV, and need not', async () => {
  const text = `title: an LPI is enabled in memory, and nobody tells
topology: ../topologies/virt-its.yaml
designs: [linux-6.15]
changes: { its-inv: off }
steps: [ { attach: { device: nic, domain: vm } } ]
interleave:
  driver: [ { setup: { device: nic, vectors: 1, cpu: 0 } }, { teardown: nic } ]
`;
  const [spec] = loadSpecText(text, { root, file: join(root, 'specs/explore/inv.yaml') }).cases;
  if (spec === undefined) throw new Error('no such case');
  // Never delivered.
  expect(await verdictOf(spec, 'none')).toMatchObject({ verdict: 'unreached' });
  expect(await verdictOf(spec, 'kept')).toMatchObject({ verdict: 'holds' });
});

test('a device does not raise a vector whose start-up ends with the SYNC that its driver waits for', async () => {
  const { cases: several } = loadSpec(join(root, 'specs/its/multi-msi.spec.yaml'), { root });
  for (const spec of several)
    expect(await verdictOf(spec, 'none', 'queued')).toMatchObject({ verdict: 'holds' });
});

test('a property of what is left at rest looks at the queue, with partial order too', async () => {
  const spec = cases.find(({ id }) => id.includes('two-who-move'));
  const plan = spec && planOf(spec, { commands: 'queued' });
  if (plan === undefined || 'unexplorable' in plan) throw new Error('no such case');
  const how = { search: 'depth-first', symmetry: false, limits: {}, workers: 1 } as const;
  const { report } = await exploreCase(plan, { ...how, partialOrder: true });
  expect(report.verdict.kind).toBe('holds');
});

test('counts of states', async () => {
  const counts: Record<string, number> = {};
  for (const spec of cases) {
    if (!/tlbi=on|cfgi=on|sync=on|two-step|early-release/.test(nameOf(spec))) continue;
    for (const caches of ['none', 'kept'] as const)
      counts[`${nameOf(spec)} ${caches}`] = (await verdictOf(spec, caches)).states;
    counts[`${nameOf(spec)} queued`] = (await verdictOf(spec, 'none', 'queued')).states;
  }
  expect(counts).toMatchInlineSnapshot(`
    {
      "command-without-sync.spec.yaml [linux-6.15] sync=on kept": 50,
      "command-without-sync.spec.yaml [linux-6.15] sync=on none": 34,
      "command-without-sync.spec.yaml [linux-6.15] sync=on queued": 40,
      "early-release.spec.yaml [tracked-early] kept": 24,
      "early-release.spec.yaml [tracked-early] none": 15,
      "early-release.spec.yaml [tracked-early] queued": 13,
      "early-release.spec.yaml [tracked] kept": 56,
      "early-release.spec.yaml [tracked] none": 24,
      "early-release.spec.yaml [tracked] queued": 26,
      "ste-without-cfgi.spec.yaml [linux-6.15] cfgi=on kept": 88,
      "ste-without-cfgi.spec.yaml [linux-6.15] cfgi=on none": 51,
      "ste-without-cfgi.spec.yaml [linux-6.15] cfgi=on queued": 58,
      "two-step-update.spec.yaml [linux-6.15] from=0 to=0 kept": 12,
      "two-step-update.spec.yaml [linux-6.15] from=0 to=0 none": 6,
      "two-step-update.spec.yaml [linux-6.15] from=0 to=0 queued": 6,
      "two-step-update.spec.yaml [linux-6.15] from=0 to=1 kept": 58,
      "two-step-update.spec.yaml [linux-6.15] from=0 to=1 none": 34,
      "two-step-update.spec.yaml [linux-6.15] from=0 to=1 queued": 34,
      "two-step-update.spec.yaml [linux-6.15] from=1 to=0 kept": 28,
      "two-step-update.spec.yaml [linux-6.15] from=1 to=0 none": 17,
      "two-step-update.spec.yaml [linux-6.15] from=1 to=0 queued": 17,
      "two-step-update.spec.yaml [linux-6.15] from=1 to=1 kept": 12,
      "two-step-update.spec.yaml [linux-6.15] from=1 to=1 none": 6,
      "two-step-update.spec.yaml [linux-6.15] from=1 to=1 queued": 6,
      "two-step-update.spec.yaml [tracked] from=0 to=0 kept": 12,
      "two-step-update.spec.yaml [tracked] from=0 to=0 none": 6,
      "two-step-update.spec.yaml [tracked] from=0 to=0 queued": 6,
      "two-step-update.spec.yaml [tracked] from=0 to=1 kept": 68,
      "two-step-update.spec.yaml [tracked] from=0 to=1 none": 40,
      "two-step-update.spec.yaml [tracked] from=0 to=1 queued": 40,
      "two-step-update.spec.yaml [tracked] from=1 to=0 kept": 32,
      "two-step-update.spec.yaml [tracked] from=1 to=0 none": 19,
      "two-step-update.spec.yaml [tracked] from=1 to=0 queued": 19,
      "two-step-update.spec.yaml [tracked] from=1 to=1 kept": 12,
      "two-step-update.spec.yaml [tracked] from=1 to=1 none": 6,
      "two-step-update.spec.yaml [tracked] from=1 to=1 queued": 6,
      "unmapped-without-tlbi.spec.yaml [tracked] tlbi=on kept": 7766,
      "unmapped-without-tlbi.spec.yaml [tracked] tlbi=on none": 2334,
      "unmapped-without-tlbi.spec.yaml [tracked] tlbi=on queued": 2600,
    }
  `);
});
