/** Random steps on every topology of the corpus, with every design and with kernels of every age. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { globSync } from 'tinyglobby';
import { DESIGN_NAMES } from '../../src/designs/design.ts';
import { behaviourOf, CHANGES, designOf } from '../../src/kernel/changes/changes.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { includeCache, loadSpec } from '../spec/load.ts';
import type { Draw } from './random-steps.ts';
import { fuzzSteps, type StepFuzz, type StepTally } from './step-fuzz.ts';

const root = resolve(__dirname, '../..');
const SEED = 20_160_218;

function corpus(): Map<string, { file: string; topology: Topology }> {
  const cache = includeCache();
  const found = new Map<string, { file: string; topology: Topology }>();
  for (const file of globSync('specs/**/*.spec.yaml', { cwd: root }).sort()) {
    for (const { topology } of loadSpec(resolve(root, file), { root, cache }).cases) {
      const key = JSON.stringify(topology);
      if (!found.has(key)) found.set(key, { file, topology });
    }
  }
  return found;
}

const topologies = [...corpus().values()];
const empty = (): StepTally => ({ steps: 0, errors: 0, interrupts: 0, faults: 0, refused: 0 });
// Without fast-check's bias towards small and large numbers: these pick from lists.
const number = fc.noBias(fc.nat({ max: 0xffff }));
const draws: fc.Arbitrary<Draw[]> = fc.array(fc.tuple(number, number, number, number), {
  maxLength: 60,
  size: 'max',
});

/** What is wrong, shrunk; undefined if nothing is. */
function problem(
  fuzz: StepFuzz,
  numRuns: number,
  tally: StepTally,
  seed = SEED,
): string | undefined {
  const property = fc.property(draws, (list) => {
    const wrong = fuzzSteps(fuzz, list, tally);
    if (wrong !== undefined) throw new Error(wrong);
  });
  const { failed, errorInstance } = fc.check(property, { seed, numRuns });
  return failed ? String(errorInstance) : undefined;
}

test('every topology file of the corpus is the machine of some spec', () => {
  const specs = globSync('specs/**/*.yaml', { cwd: root }).map((file) =>
    readFileSync(join(root, file), 'utf8'),
  );
  const files = readdirSync(join(root, 'specs/topologies')).filter((name) => /\.yaml$/.test(name));
  expect(files.length).toBeGreaterThan(5);
  for (const name of files)
    expect([name, specs.some((text) => text.includes(`topologies/${name}`))]).toEqual([name, true]);
});

describe('random steps', () => {
  test.each(DESIGN_NAMES)('on every topology with %s', (name) => {
    const tally = empty();
    const wrong = topologies.flatMap(({ file, topology }, n) => {
      const fuzz: StepFuzz = { topology, design: { name, initialCount: 1 } };
      const found = problem(fuzz, 3, tally, SEED + n);
      return found === undefined ? [] : [`${file}: ${found}`];
    });
    expect(wrong).toEqual([]);
    // Not all of it was refused.
    expect(tally.steps).toBeGreaterThan(3000);
    expect(tally.errors).toBeLessThan(tally.steps / 2);
    expect(tally.faults).toBeGreaterThan(0);
    expect(tally.interrupts).toBeGreaterThan(20);
  });

  test('on every topology with kernels of every age', () => {
    const tally = empty();
    const versions = [...new Set(Object.values(CHANGES).map(({ from }) => from))].sort();
    const wrong = topologies.flatMap(({ file, topology }, n) => {
      const version = versions[n % versions.length] ?? '6.12';
      const kernel = { version, switches: {} };
      const design = { name: designOf(behaviourOf(kernel)), initialCount: 1 } as const;
      const found = problem({ topology, design, kernel }, 4, tally, SEED + n);
      return found === undefined ? [] : [`${file}, Linux ${version}: ${found}`];
    });
    expect(wrong).toEqual([]);
    expect(tally.interrupts).toBeGreaterThan(20);
  });

  test('what tracked promises rfc-v3 does not keep, which is found and shrunk', () => {
    const percpu = topologies.find(
      ({ topology: { msiControllers, domains } }) =>
        Object.values(msiControllers).some(({ kind }) => kind === 'percpu-doorbell') &&
        Object.values(domains).some(({ kind }) => kind === 'unmanaged'),
    );
    if (percpu === undefined) throw new Error('no such topology');
    const design = { name: 'rfc-v3', initialCount: 1 } as const;
    const { topology } = percpu;
    const found = problem({ topology, design, promises: true }, 2000, empty());
    expect(found).toMatch(/counts \d+ references, and \d+ messages hold one, after/);
    expect(found?.split('\n').length).toBeLessThan(8);
  });
});
