/** Every case of the corpus that is explored, with each reduction and without: the verdicts are the same. */
import { globSync } from 'tinyglobby';
import { describe, expect, test } from '@jest/globals';
import { BeforeFailed } from '../../src/explore/model/machine.ts';
import { includeCache, loadSpec } from '../spec/load.ts';
import { ROOT } from '../testing/command.ts';
import { casesOf } from '../testing/samples.ts';
import type { TimedReport } from './exploration.ts';
import { exploreCase } from './explore-case.ts';
import { planOf } from './plan-of.ts';
import type { CasePlan } from './system-source.ts';
import { reasonOf } from './verdict-text.ts';

interface Reductions {
  readonly symmetry: boolean;
  readonly partialOrder: boolean;
}
const FULL: Reductions = { symmetry: false, partialOrder: false };
const SYMMETRY: Reductions = { symmetry: true, partialOrder: false };
const PARTIAL_ORDER: Reductions = { symmetry: false, partialOrder: true };
const BOTH: Reductions = { symmetry: true, partialOrder: true };

/** A search of more is cut off, and then says nothing of the reduction. */
const MOST_STATES = 1_500;
/** The states of a thousand vectors are too long for a test. */
const MOST_FIRES = 40;

async function explored(
  plan: CasePlan,
  reductions: Reductions,
  states = 100_000,
): Promise<TimedReport> {
  const limits = { states };
  const how = { search: 'breadth-first', workers: 1, limits, ...reductions } as const;
  return (await exploreCase(plan, how)).report;
}

const said = ({ verdict }: TimedReport): string => `${verdict.kind} ${reasonOf(verdict) ?? ''}`;

test('the whole corpus: no reduction changes a verdict, and each leaves something out', async () => {
  const differ: string[] = [];
  let [compared, smaller, renamed] = [0, 0, 0];
  const cache = includeCache();
  for (const file of globSync('specs/**/*.spec.yaml', { cwd: ROOT, absolute: true }).sort())
    for (const spec of loadSpec(file, { root: ROOT, cache }).cases) {
      const plan = planOf(spec);
      if ('unexplorable' in plan || plan.fires.length > MOST_FIRES) continue;
      try {
        const full = await explored(plan, FULL, MOST_STATES);
        if (full.verdict.kind === 'incomplete') continue;
        compared++;
        // Where nothing can be renamed, that is partial order alone.
        const both = await explored(plan, BOTH, MOST_STATES);
        if (both.transitions < full.transitions) smaller++;
        const isRenamed = both.represented !== undefined;
        if (isRenamed) renamed++;
        const others = isRenamed ? [SYMMETRY, PARTIAL_ORDER] : [];
        const reduced = [both];
        for (const some of others) reduced.push(await explored(plan, some, MOST_STATES));
        for (const one of reduced)
          if (said(one) !== said(full) || one.states > full.states) differ.push(spec.id);
      } catch (error) {
        // A step before the interleaving was refused, as a run says too.
        if (!(error instanceof BeforeFailed)) throw error;
      }
    }
  expect(differ).toEqual([]);
  expect(compared).toBeGreaterThan(400);
  expect(smaller).toBeGreaterThan(10);
  expect(renamed).toBeGreaterThan(0);
}, 1_100_000);

/** Devices whose drivers set their vector up and tear it down, whenever they like. */
function planFor(devices: Readonly<Record<string, { msix?: number }>>): CasePlan {
  const names = Object.keys(devices);
  const lines = names.map((name, n) => {
    const { msix = 1 } = devices[name] ?? {};
    const device = `{ bus: pci, address: "00:0${n + 2}.0", msix: ${msix}, msi-parent: doorbells, iommus: smmu }`;
    const thread = `{ any-of: [ { setup: { device: ${name}, vectors: 1, cpu: 0 } }, { teardown: ${name} } ] }`;
    const attach = `  - attach: { device: ${name}, domain: vm }`;
    return { device: `    ${name}: ${device}`, thread: `  ${name}: ${thread}`, attach };
  });
  const all = (field: 'device' | 'thread' | 'attach'): string =>
    lines.map((line) => line[field]).join('\n');
  const [spec] = casesOf(`title: Alike or not
topology:
  cpus: 2
  msi-controllers:
    doorbells: { kind: percpu-doorbell, base: 0x2c00_0000, stride: 4K, identities: 3 }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K }
  devices:
${all('device')}
  domains:
    vm: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 64K } }
designs: [tracked]
steps:
${all('attach')}
interleave:
${all('thread')}
`);
  const plan = spec && planOf(spec);
  if (plan === undefined || 'unexplorable' in plan) throw new Error('the sample is not explored');
  return plan;
}

/** symmetry.test.ts looks at what else may be alike. */
describe('devices that are alike', () => {
  test('one representative for all their renamings, to the last state', async () => {
    const plan = planFor({ a: {}, b: {} });
    const full = await explored(plan, FULL);
    const reduced = await explored(plan, SYMMETRY);
    expect([full.verdict.kind, reduced.verdict.kind]).toEqual(['holds', 'holds']);
    expect([full.states, reduced.states]).toEqual([1_241, 622]);
    expect([reduced.represented, reduced.depth]).toEqual([full.states, full.depth]);
    // Which of the orders are left may differ between states that are renamings of one another.
    const [partial, both] = [await explored(plan, PARTIAL_ORDER), await explored(plan, BOTH)];
    expect([partial.states, both.states]).toEqual([780, 391]);
  });

  test('three of them have six renamings', async () => {
    const plan = { ...planFor({ a: {}, b: {}, c: {} }), fires: [] };
    const [full, reduced] = [await explored(plan, FULL), await explored(plan, SYMMETRY)];
    expect([full.states, reduced.states, reduced.represented]).toEqual([
      81_108,
      13_618,
      full.states,
    ]);
  });

  test('of another table: they are told apart, and the search is the full one', async () => {
    const plan = planFor({ a: {}, b: { msix: 2 } });
    const full = await explored(plan, FULL);
    const reduced = await explored(plan, SYMMETRY);
    expect(reduced.represented).toBeUndefined();
    expect([reduced.states, reduced.transitions]).toEqual([full.states, full.transitions]);
  });
});

test('a thread that takes so many of its steps and no more', async () => {
  const [spec] = casesOf(`title: Bounded
topology:
  cpus: 2
  msi-controllers:
    doorbells: { kind: percpu-doorbell, base: 0x2c00_0000, stride: 4K, identities: 63 }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 1, msi-parent: doorbells, iommus: smmu }
  domains:
    vm: { kind: unmanaged, msi-window: { base: 0x0800_0000, size: 1M } }
designs: [rfc-v3]
steps: [ { attach: { device: nic, domain: vm } } ]
interleave:
  driver: { any-of: [ { setup: { device: nic, vectors: 1, cpu: 0 } }, { teardown: nic } ], at-most: 2 }
  irqbalance: { any-of: [ { affinity: { vector: nic/0, cpu: 1 } } ], at-most: 1 }
`);
  const plan = spec && planOf(spec);
  if (plan === undefined || 'unexplorable' in plan) throw new Error('the sample is not explored');
  // Without bounds this design's counts grow for ever.
  const counted = { ...plan, properties: ['no use of freed memory'] } as const;
  const [full, both] = [await explored(counted, FULL), await explored(counted, BOTH)];
  expect([full.verdict.kind, both.verdict.kind]).toEqual(['holds', 'holds']);
  expect(both.states).toBeLessThan(full.states);
  const more = { ...counted, threads: counted.threads.map((t) => ({ ...t, atMost: 3 })) };
  expect((await explored(more, FULL)).states).toBeGreaterThan(full.states);
  expect(full.states).toBe(251);
});
