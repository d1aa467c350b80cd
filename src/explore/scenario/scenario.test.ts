/**
 * The scenario's counts, which Rumur and SPIN give as well (bench/explore/), and the verdicts of
 * its two defects.
 */
import { describe, expect, test } from '@jest/globals';
import { BreadthFirst } from '../engine/breadth-first.ts';
import { DepthFirst } from '../engine/depth-first.ts';
import type { Search, SearchOptions } from '../engine/search.ts';
import { Successors } from '../engine/successors.ts';
import type { Report } from '../engine/verdict.ts';
import { PROPERTIES } from './claims.ts';
import { SIZES, type Parameters, type SizeName } from './parameters.ts';
import { Scenario } from './scenario.ts';

/** States and transitions. */
const COUNTS: readonly (readonly [SizeName, number, number])[] = [
  ['1e4', 13_121, 66_096],
  ['shared', 101_249, 702_000],
  ['1e5', 177_625, 1_033_830],
  ['1e6', 1_062_881, 8_030_664],
  ['1e7', 5_535_505, 42_872_040],
  ['xl', 22_781_249, 236_925_000],
];
const SMALL = COUNTS.slice(0, 3);

function finish(search: Search): Report {
  while (search.run(10_000));
  return search.report();
}
const breadth = (p: Parameters, options?: SearchOptions): Report =>
  finish(new BreadthFirst(new Scenario(p), options));
const depth = (p: Parameters, options?: SearchOptions): Report =>
  finish(new DepthFirst(new Scenario(p), options));

const steps = (report: Report): (string | undefined)[] =>
  report.verdict.kind === 'violated' ? report.verdict.trace.map(({ step }) => step?.text) : [];

describe('every state is met, once', () => {
  test.each(SMALL)('%s: %i states, %i transitions', (name, states, transitions) => {
    const report = breadth(SIZES[name]);
    expect(report).toMatchObject({ verdict: { kind: 'holds' }, states, transitions, queue: 0 });
  });

  test('depth-first as well', () => {
    const [states, transitions] = [13_121, 66_096];
    const report = depth(SIZES['1e4']);
    expect(report).toMatchObject({ verdict: { kind: 'holds' }, states, transitions });
  });

  test('a state of three words is folded, and the count is the same', () => {
    class Padded extends Scenario {
      override readonly width = 5;
    }
    const report = finish(new BreadthFirst(new Padded(SIZES['1e4'])));
    expect(report).toMatchObject({ states: 13_121, transitions: 66_096 });
  });
});

describe('symmetry', () => {
  test.each(COUNTS)(
    '%s: the renamings of the representatives are the %i states',
    (name, states) => {
      const report = breadth(SIZES[name], { symmetry: true });
      expect(report).toMatchObject({ verdict: { kind: 'holds' }, represented: states });
      expect(report.states).toBeLessThan(states / 20);
    },
  );

  test('representatives, as they are in the full search', () => {
    const { states } = breadth(SIZES['1e4'], { symmetry: true });
    expect(states).toBe(representatives(new Scenario(SIZES['1e4'])).size);
  });

  test('with one page for three CPUs as well', () => {
    const p: Parameters = { ...SIZES.shared, cpus: 3, devices: 2 };
    expect(breadth(p, { symmetry: true }).represented).toBe(breadth(p).states);
  });
});

describe('the defects', () => {
  const leak = [
    undefined,
    'device 0 vector 0: set up: take the doorbell mapping (CPU 0, mapped at slot 1)',
    'device 0 vector 0: set up: write the address (CPU 0)',
    'device 0 vector 0: set up: write the data, unmask (CPU 0)',
    'device 0 vector 0: affinity: take the new doorbell mapping (CPU 1, mapped at slot 2)',
    'device 0 vector 0: affinity: write the address (CPU 1)',
    'device 0 vector 0: affinity: write the data (CPU 1)',
  ];
  const options = [{}, { symmetry: true }, { partialOrder: true }];

  test.each(options)('rfc-v3 leaks; the shortest way, with %j', (choice) => {
    const report = breadth(SIZES.bugW, choice);
    expect(report.verdict).toMatchObject({ kind: 'violated', property: PROPERTIES[2] });
    expect(steps(report)).toEqual(leak);
  });

  test.each(options)('an early release faults; the shortest way, with %j', (choice) => {
    const report = breadth(SIZES.bugE, choice);
    expect(report.verdict).toMatchObject({ kind: 'violated', property: PROPERTIES[0] });
    expect(steps(report)).toEqual([
      ...leak.slice(0, 5),
      'device 0 vector 0: affinity: release the old doorbell mapping (CPU 0)',
    ]);
  });

  test('the last state of the story breaks the property, and no other does', () => {
    const scenario = new Scenario(SIZES.bugW);
    const { verdict } = finish(new BreadthFirst(scenario, { symmetry: true }));
    const trace = verdict.kind === 'violated' ? verdict.trace : [];
    expect(trace.map(({ words }) => scenario.check(words, 0))).toEqual([0, 0, 0, 0, 0, 0, 3]);
    expect(trace.at(-1)?.state).toMatchObject({
      'page 0': 'slot 1, references 1',
      'page 1': 'slot 2, references 1',
      'vector 0/0': 'active, CPU 1, slot 2',
    });
  });
});

describe('partial order', () => {
  test.each(SMALL.slice(0, 2))('%s: the same verdict in fewer states', (name, states) => {
    const report = breadth(SIZES[name], { partialOrder: true });
    expect(report.verdict.kind).toBe('holds');
    expect(report.states).toBeLessThan(states);
  });

  test('together with symmetry, in fewer still', () => {
    const both = breadth(SIZES['1e5'], { partialOrder: true, symmetry: true });
    expect(both.verdict.kind).toBe('holds');
    expect(both.states).toBeLessThan(breadth(SIZES['1e5'], { symmetry: true }).states);
  });
});

/** Every state of the full search, as its representative. */
function representatives(scenario: Scenario): Set<string> {
  const out = new Successors(scenario.width);
  const met = new Set<string>();
  const found = new Set<string>();
  const queue = [new Int32Array(scenario.width)];
  for (let words = queue.pop(); words !== undefined; words = queue.pop()) {
    if (met.has(words.join())) continue;
    met.add(words.join());
    out.clear();
    scenario.expand(words, 0, out);
    for (let n = 0; n < out.count; n++)
      queue.push(out.words.slice(n * scenario.width, (n + 1) * scenario.width));
    scenario.symmetry.canonicalize(words, 0);
    found.add(words.join());
  }
  return found;
}
