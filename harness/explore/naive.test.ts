/**
 * Counts of states and steps beside a search as plain as can be: whole stores in a Set, and each
 * step that the machine allows. No words that change, no folding, no table, no reductions.
 */
import { expect, test } from '@jest/globals';
import {
  arriveLabel,
  beginLabel,
  fireLabel,
  forgetLabel,
  readLabel,
  stepLabel,
} from '../../src/explore/model/labels.ts';
import { ExploreMachine } from '../../src/explore/model/machine.ts';
import { loadSpec } from '../spec/load.ts';
import { ROOT } from '../testing/command.ts';
import { exploreCase } from './explore-case.ts';
import { planOf } from './plan-of.ts';
import type { CasePlan } from './system-source.ts';

interface Counts {
  readonly states: number;
  readonly transitions: number;
}

function enabled(machine: ExploreMachine, plan: CasePlan): number[] {
  const labels: number[] = [];
  plan.threads.forEach(({ operations, free, atMost = Infinity }, thread) => {
    const done = machine.position(thread);
    if (machine.current(thread) >= 0) {
      if (machine.mayStep(thread)) labels.push(stepLabel(thread));
    } else
      operations.forEach((_, n) => {
        const isNext = free ? done < atMost : n === done;
        if (isNext && machine.mayBegin(thread, n)) labels.push(beginLabel(thread, n));
      });
  });
  plan.fires.forEach((_, n) => {
    if (machine.mayFire(n)) labels.push(fireLabel(n));
  });
  for (let device = 0; device < machine.inFlight.length; device++)
    if (machine.inFlight.get(device) !== 0) labels.push(arriveLabel(device));
  machine.hardware.queues.forEach(({ fifo }, n) => {
    if (fifo.length > 0) labels.push(readLabel(n));
  });
  if (plan.caches === 'kept') machine.hardware.forEachStale((n) => labels.push(forgetLabel(n)));
  return labels;
}

function counted(plan: CasePlan): Counts {
  const machine = new ExploreMachine(plan);
  const { words } = machine.store;
  const states = new Map([[words.join(), words.slice()]]);
  let transitions = 0;
  // A Map goes on to what is added while it is walked through.
  for (const [key, state] of states) {
    words.set(state);
    for (const label of enabled(machine, plan)) {
      machine.take(label);
      transitions++;
      const next = words.join();
      if (next !== key && !states.has(next)) states.set(next, words.slice());
      words.set(state);
    }
  }
  return { states: states.size, transitions };
}

async function explored(plan: CasePlan): Promise<Counts> {
  const how = { search: 'breadth-first', workers: 1, limits: {} } as const;
  const { report } = await exploreCase(plan, { ...how, symmetry: false, partialOrder: false });
  return { states: report.states, transitions: report.transitions };
}

const FREEDOMS: readonly Parameters<typeof planOf>[1][] = [
  {},
  { writes: 'atomic' },
  { commands: 'queued' },
  { caches: 'kept' },
  { caches: 'kept', commands: 'queued' },
];

test.each([
  'explore/early-release',
  'explore/two-who-move',
  'explore/ste-without-cfgi',
  'its/commands-without-sync',
  'its/configuration-without-inv',
])(
  '%s, with each freedom of the hardware',
  async (name) => {
    for (const spec of loadSpec(`${ROOT}/specs/${name}.spec.yaml`, { root: ROOT }).cases)
      for (const freedom of FREEDOMS) {
        const found = planOf(spec, freedom);
        if ('unexplorable' in found) throw new Error(found.unexplorable);
        // No property ends the search early.
        const plan = { ...found, properties: [] };
        expect([name, freedom, await explored(plan)]).toEqual([name, freedom, counted(plan)]);
      }
  },
  60_000,
);

test('threads that take their steps at most twice, and a device that moves between domains', async () => {
  const file = `${ROOT}/docs/examples/every-order-move-its.yaml`;
  const [spec] = loadSpec(file, { root: ROOT }).cases;
  const found = spec && planOf(spec);
  if (found === undefined || 'unexplorable' in found) throw new Error('it is not explored');
  const threads = found.threads.map((thread) => ({ ...thread, free: true, atMost: 2 }));
  const plan = { ...found, threads, properties: [] };
  const counts = counted(plan);
  expect(counts.states).toBeGreaterThan(500);
  expect(await explored(plan)).toEqual(counts);
}, 60_000);
