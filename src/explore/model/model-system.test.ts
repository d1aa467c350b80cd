import { describe, expect, test } from '@jest/globals';
import type { DesignName } from '../../designs/design.ts';
import type { KernelOperation } from '../../operation-kinds.ts';
import { CONTROLLERS, machineWith } from '../../testing/topologies.ts';
import { BreadthFirst } from '../engine/breadth-first.ts';
import { Successors } from '../engine/successors.ts';
import type { Report } from '../engine/verdict.ts';
import { LiveWordFound } from './live-words.ts';
import { ModelSystem } from './model-system.ts';
import type { ExplorePlan, ThreadPlan } from './plan.ts';

const NIC = { device: 'nic', index: 0 };
const setup = (device = 'nic'): KernelOperation => ({ op: 'setup', device, vectors: 1, cpus: [0] });
const teardown = (device = 'nic'): KernelOperation => ({ op: 'teardown', device });
const affinity = (cpu: number, device = 'nic'): KernelOperation => ({
  op: 'affinity',
  vector: { device, index: 0 },
  cpus: [cpu],
});
const inOrder = (name: string, ...operations: KernelOperation[]): ThreadPlan => ({
  name,
  operations,
  free: false,
});
const anyOf = (name: string, ...operations: KernelOperation[]): ThreadPlan => ({
  ...inOrder(name, ...operations),
  free: true,
});

function planFor(
  design: DesignName,
  threads: ThreadPlan[],
  more: Partial<ExplorePlan> = {},
): ExplorePlan {
  return {
    topology: machineWith(CONTROLLERS.percpu),
    design: { name: design, initialCount: 1 },
    userMappings: 0,
    before: [{ operation: { op: 'attach', device: 'nic', domain: 'vm' }, mayFail: false }],
    threads,
    fires: [NIC],
    writes: 'posted',
    caches: 'none',
    commands: 'at-once',
    ...more,
  };
}

/** Searches anew with each word that turns out to change. */
function explored(
  plan: ExplorePlan,
  from: readonly number[] = [],
): Report & { live: readonly number[] } {
  let live = from;
  for (let round = 0; round < 1000; round++) {
    try {
      const search = new BreadthFirst(new ModelSystem(plan, live), { limits: { states: 200_000 } });
      while (search.run(1000));
      return { ...search.report(), live };
    } catch (error) {
      if (!(error instanceof LiveWordFound)) throw error;
      live = error.live;
    }
  }
  throw new Error('more words than there are');
}

const verdictOf = (plan: ExplorePlan): string => {
  const { verdict } = explored(plan);
  return verdict.kind === 'violated' ? verdict.property : verdict.kind;
};

const ONE_MOVE = [inOrder('driver', setup(), affinity(1), teardown())];

describe("the review's claim", () => {
  test('rfc-v3 leaks: set-up and one affinity change are enough, and nothing shorter is', () => {
    const { verdict } = explored(planFor('rfc-v3', ONE_MOVE));
    if (verdict.kind !== 'violated') throw new Error(verdict.kind);
    expect(verdict.property).toBe('references equal the programmed messages that use them');
    const steps = verdict.trace.slice(1).map(({ step }) => step?.text ?? '');
    expect(steps).toHaveLength(24);
    expect(steps.at(-1)).toMatch(
      /^driver \(affinity nic\/0 -> cpu 1\): percpu_doorbell_release_old/,
    );
    expect(steps.filter((text) => text.includes('refs 0 -> 1'))).toHaveLength(2);
  });

  test('tracked holds, with all its states', () => {
    const { verdict, states, transitions } = explored(planFor('tracked', ONE_MOVE));
    expect([verdict.kind, states, transitions]).toEqual(['holds', 48, 69]);
  });

  test('with a driver and a writer of smp_affinity that never stop', () => {
    const threads = [
      anyOf('driver', setup(), teardown()),
      anyOf('irqbalance', affinity(0), affinity(1)),
    ];
    const { verdict, states } = explored(planFor('tracked', threads));
    expect(verdict.kind).toBe('holds');
    expect(states).toBe(314);
    expect(verdictOf(planFor('compose', threads))).toBe(
      'references equal the programmed messages that use them',
    );
  });
});

describe('what only an interleaving shows', () => {
  const live = {
    before: [...planFor('tracked', []).before, { operation: setup(), mayFail: false }],
  };

  test('the old reference put before the new message is written: a device in between faults', () => {
    const move = [inOrder('irqbalance', affinity(1))];
    expect(verdictOf(planFor('tracked', move, live))).toBe('holds');
    expect(verdictOf(planFor('tracked-early', move, live))).toBe('no unexpected fault');
    // Without the device the two are the same.
    expect(verdictOf(planFor('tracked-early', move, { ...live, fires: [] }))).toBe('holds');
  });

  test('a message in three parts, of an MSI that nobody masks', () => {
    const before = [
      { operation: { op: 'attach', device: 'card', domain: 'vm' }, mayFail: false },
      { operation: { op: 'setup', device: 'nic', vectors: 1, cpus: [1] }, mayFail: false },
      { operation: setup('card'), mayFail: false },
    ] as const;
    const move = [inOrder('irqbalance', affinity(1, 'card'))];
    const fires = [{ device: 'card', index: 0 }];
    expect(verdictOf(planFor('tracked', move, { before, fires }))).toBe(
      'no interrupt reaches another vector',
    );
  });

  test('a device that moves while its driver sets it up', () => {
    const threads = [
      anyOf('driver', setup(), teardown()),
      anyOf('vfio', { op: 'detach', device: 'nic' }, { op: 'attach', device: 'nic', domain: 'vm' }),
    ];
    const topology = machineWith(CONTROLLERS.its);
    expect(verdictOf(planFor('tracked', threads, { topology }))).toBe('holds');
    expect(verdictOf(planFor('linux-5.2', threads, { topology }))).toBe('no unexpected fault');
  });
});

describe('a state', () => {
  test('is the same whether its words are known from the start or found on the way', () => {
    const plan = planFor('tracked', ONE_MOVE);
    const found = explored(plan);
    const words = Array.from(
      { length: new ModelSystem(plan, []).machine.store.words.length },
      (_, n) => n,
    );
    const all = explored(plan, words);
    expect(found.live.length).toBeLessThan(words.length / 10);
    expect([all.states, all.transitions]).toEqual([found.states, found.transitions]);
  });

  test('is not changed by being expanded', () => {
    const plan = planFor('tracked', ONE_MOVE);
    const { live } = explored(plan);
    const system = new ModelSystem(plan, live);
    const out = new Successors(system.width);
    system.initial(out);
    const first = out.words.slice(0, system.width);
    out.clear();
    system.expand(first, 0, out);
    const again = system.machine.store.words.slice();
    out.clear();
    system.expand(first, 0, out);
    expect(system.machine.store.words).toEqual(again);
    expect(out.count).toBeGreaterThan(0);
  });
});

test('a situation that is never met is no pass', () => {
  // The device has no vector 3 set up, so that nobody can move it.
  const never = inOrder('irqbalance', {
    op: 'affinity',
    vector: { device: 'nic', index: 3 },
    cpus: [1],
  });
  const { verdict } = explored(planFor('tracked', [inOrder('driver', setup()), never]));
  expect(verdict).toEqual({ kind: 'unreached', situations: ['affinity nic/3 -> cpu 1 succeeded'] });
});
