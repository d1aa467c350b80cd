/**
 * Every way to search, every verdict and every bound, on small systems; and the reductions against
 * the full search.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BreadthFirst } from './breadth-first.ts';
import { DepthFirst } from './depth-first.ts';
import { RandomWalk } from './random-walk.ts';
import type { Search, SearchOptions } from './search.ts';
import type { Successors } from './successors.ts';
import type { System } from './system.ts';
import { ToySystem, type Toy } from './toy-systems.ts';
import type { Report } from './verdict.ts';

function finish(search: Search, slice = 1_000): Report {
  while (search.run(slice));
  return search.report();
}
const breadth = (toy: Toy, options?: SearchOptions): Report =>
  finish(new BreadthFirst(new ToySystem(toy), options));
const depth = (toy: Toy, options?: SearchOptions): Report =>
  finish(new DepthFirst(new ToySystem(toy), options));
const both = [
  ['breadth-first', breadth],
  ['depth-first', depth],
] as const;

const add = (variable: number, amount = 1) => ({ adds: { variable, amount } });
const wait = (variable: number, value: number) => ({ waits: { variable, value } });
/** Each takes one lock (0: free, 1: taken), then the other's, and gives both back. */
const crossed: Toy = {
  variables: 2,
  threads: [
    [
      { ...wait(0, 0), ...add(0) },
      { ...wait(1, 0), ...add(1) },
      { ...add(0, 2) },
      { ...add(1, 2) },
    ],
    [
      { ...wait(1, 0), ...add(1) },
      { ...wait(0, 0), ...add(0) },
      { ...add(0, 2) },
      { ...add(1, 2) },
    ],
  ],
};
/** Three counters to two: 27 states, 2 reached. */
const counters: Toy = {
  variables: 3,
  threads: [0, 1, 2].map((variable) => [add(variable), add(variable)]),
};

describe.each(both)('%s', (_, search) => {
  test('holds: every state, every step', () => {
    expect(search(counters)).toMatchObject({
      verdict: { kind: 'holds' },
      states: 27,
      transitions: 54,
      queue: 0,
      reached: ['a variable is 2'],
    });
  });

  test('violated, with the steps that lead there', () => {
    const { verdict } = search({ ...counters, never: [1, undefined, 2] });
    expect(verdict).toMatchObject({ kind: 'violated', property: 'never' });
    const steps = verdict.kind === 'violated' ? verdict.trace.map(({ step }) => step?.label) : [];
    expect(steps.slice(1).toSorted()).toEqual(expect.arrayContaining([0, 2, 2]));
  });

  test('a deadlock is one only if the threads are not done', () => {
    const { verdict } = search(crossed);
    expect(verdict.kind).toBe('deadlock');
    const trace = verdict.kind === 'deadlock' ? verdict.trace : [];
    expect(trace.at(-1)?.state).toEqual({ words: '1 1 1 1' });
  });

  test('a situation that no state is in is not a pass', () => {
    expect(search({ variables: 1, threads: [[add(0)]] }).verdict).toEqual({
      kind: 'unreached',
      situations: ['a variable is 2'],
    });
  });

  test.each([
    ['states', { states: 10 }],
    ['depth', { depth: 3 }],
    ['memory', { bytes: 1_000 }],
  ])('incomplete: %s', (bound, limits) => {
    expect(search(counters, { limits }).verdict).toMatchObject({ kind: 'incomplete', bound });
  });

  test('a depth that is enough is no bound', () => {
    expect(search(counters, { limits: { depth: 7 } }).verdict.kind).toBe('holds');
  });
});

test('breadth-first says what was covered when it is stopped', () => {
  const search = new BreadthFirst(new ToySystem(counters));
  expect(search.run(4)).toBe(true);
  const { verdict, states, queue } = search.report();
  expect(verdict).toMatchObject({ kind: 'incomplete', bound: 'cancelled' });
  expect([states > queue, queue > 0]).toEqual([true, true]);
});

test('a state without a step but loops is a deadlock', () => {
  const pushed = (out: Successors): void => out.push(0, new Int32Array(1));
  const stuck: System = {
    name: 'stuck',
    width: 1,
    properties: [],
    situations: [],
    initial: pushed,
    expand: (_words, _at, out) => {
      out.loops++;
      pushed(out);
    },
    check: () => 0,
    quiescent: () => false,
    describeStep: () => 'loop',
    describeState: () => ({}),
  };
  expect(finish(new BreadthFirst(stuck))).toMatchObject({
    verdict: { kind: 'deadlock' },
    states: 1,
    transitions: 2,
  });
});

test('a step may break a property, whatever state it leads to', () => {
  class Blaming extends ToySystem {
    override expand(words: Int32Array, at: number, out: Successors): void {
      super.expand(words, at, out);
      if (words[at] === 1 && words[at + 1] === 2) out.blame(1);
    }
  }
  for (const Kind of [BreadthFirst, DepthFirst]) {
    const { verdict } = finish(new Kind(new Blaming(counters)));
    expect(verdict.kind).toBe('violated');
    const trace = verdict.kind === 'violated' ? verdict.trace : [];
    expect(trace.at(-2)?.state['words']).toMatch(/^1 2/);
  }
});

describe('random walks', () => {
  const walk = (toy: Toy, seed: number): Report =>
    finish(new RandomWalk(new ToySystem(toy), { seed, walks: 20, steps: 50 }));

  test('find what is there, the same with the same seed, and otherwise prove nothing', () => {
    const buggy: Toy = { ...counters, never: [1, undefined, 2] };
    expect(walk(buggy, 7).verdict.kind).toBe('violated');
    expect(walk(buggy, 7)).toEqual(walk(buggy, 7));
    expect(walk(buggy, 7)).not.toEqual(walk(buggy, 8));
    expect(walk(counters, 1).verdict).toMatchObject({ kind: 'incomplete', bound: 'walks' });
    expect(walk(crossed, 3).verdict.kind).toBe('deadlock');
  });
});

/** Threads of two or three steps that wait and add, at random. */
const anyStep = fc.record(
  {
    waits: fc.record({ variable: fc.nat(2), value: fc.nat(2) }),
    adds: fc.record({ variable: fc.nat(2), amount: fc.integer({ min: 1, max: 2 }) }),
  },
  { requiredKeys: [] },
);
const maybe = fc.option(fc.nat(2), { nil: undefined });
const anyToy: fc.Arbitrary<Toy> = fc.record({
  variables: fc.constant(3),
  threads: fc.array(fc.array(anyStep, { minLength: 1, maxLength: 4 }), {
    minLength: 2,
    maxLength: 4,
  }),
  forever: fc.boolean(),
  never: fc.tuple(maybe, maybe, maybe).filter((values) => values.some((v) => v !== undefined)),
  padding: fc.nat(3),
});
/** What a verdict says, but for the way there. */
const gist = ({ verdict }: Report): string => verdict.kind;

describe('on systems at random', () => {
  test('depth-first meets what breadth-first meets', () => {
    fc.assert(
      fc.property(anyToy, (toy) => {
        const [wide, deep] = [breadth(toy), depth(toy)];
        if (wide.verdict.kind !== 'holds') return;
        expect([deep.states, deep.transitions]).toEqual([wide.states, wide.transitions]);
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  test('partial order keeps violations and deadlocks, and makes none', () => {
    let reduced = 0;
    const kinds = new Set<string>();
    fc.assert(
      fc.property(anyToy, (toy) => {
        const clean = (report: Report): string => gist(report).replace('unreached', 'holds');
        const full = breadth(toy);
        kinds.add(clean(full));
        for (const search of [breadth, depth]) {
          const less = search(toy, { partialOrder: true });
          if (full.verdict.kind === 'violated' || full.verdict.kind === 'deadlock')
            expect(['violated', 'deadlock']).toContain(clean(less));
          else expect(clean(less)).toBe(clean(full));
          if (less.states < full.states) reduced++;
        }
      }),
      { numRuns: 1_500, seed: 4 },
    );
    expect(reduced).toBeGreaterThan(100);
    expect([...kinds].toSorted()).toEqual(['deadlock', 'holds', 'violated']);
  });
});
