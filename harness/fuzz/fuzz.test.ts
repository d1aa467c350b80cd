/** Random specs: drawn the same way for a seed, never refused, and failing where a design does. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runCase } from '../run/run-case.ts';
import { loadSpecText } from '../spec/load.ts';
import { modelTarget } from '../targets/model.ts';
import { fuzzSpec } from './fuzz-spec.ts';
import { inputs } from './wishes.ts';
import { fuzz, type FuzzOptions, type FuzzResult } from './fuzz.ts';

/** No clock: a run must not depend on how fast it is. */
const run = (more: Partial<FuzzOptions>): Promise<FuzzResult> =>
  fuzz({
    runs: 100,
    seed: 1,
    designs: ['tracked'],
    choice: { controllers: [], devices: [], domains: [] },
    liveMoves: false,
    file: 'fuzz.spec.yaml',
    now: () => 0,
    ...more,
  });

describe('tracked', () => {
  test.each([false, true])('breaks nothing, with live moves %s', async (liveMoves) => {
    const { failure, tally, stopped } = await run({ liveMoves, seed: 11, runs: 120 });
    expect(failure?.text).toBeUndefined();
    expect(stopped).toBe(false);
    expect(tally.runs).toBe(120);
    expect(tally.vacuous(['tracked'])).toBeUndefined();
    // All of it was there.
    expect(tally.interrupts).toBeGreaterThan(80);
    expect(tally.interleavings).toBeGreaterThan(3);
    expect(tally.controllers.size).toBeGreaterThan(5);
    expect(tally.iommus.size).toBe(4);
    expect([...tally.operations.keys()].sort()).toEqual(
      expect.arrayContaining(['affinity', 'attach', 'detach', 'fire', 'mask', 'setup', 'teardown']),
    );
    expect(tally.errors.size).toBeGreaterThan(2);
  });
});

describe('a design that fails', () => {
  test.each(['unmapped', 'rfc-v3', 'linux-4.9'])(
    '%s: what is found is small, and a run repeats it',
    async (design) => {
      const liveMoves = design === 'linux-4.9';
      const { failure } = await run({ designs: [design], liveMoves, runs: 2_000, seed: 3 });
      if (failure === undefined) throw new Error(`nothing was found of ${design}`);
      expect(failure.thrown).toBeUndefined();
      const { cases, diagnostics } = loadSpecText(failure.text, { file: '/fuzz.spec.yaml' });
      expect(diagnostics).toEqual([]);
      const [only] = cases;
      if (only === undefined) throw new Error('no case');
      expect(only.designLabel).toBe(design);
      expect(only.steps.length).toBeLessThan(8);
      const { status, failures } = await runCase(only, modelTarget, {
        verbose: false,
        now: () => 0,
        onStep: () => undefined,
      });
      expect(status).toBe('FAIL');
      expect(failures.map(({ diagnostic }) => diagnostic.message)).toEqual(
        failure.verdict?.failures.map(({ diagnostic }) => diagnostic.message),
      );
    },
  );
});

test("the review's leak, found and shrunk to a set-up and a move", async () => {
  const choice = { controllers: ['percpu-doorbell'], devices: ['nic'], domains: ['vm'] };
  const { failure, tally } = await run({ designs: ['rfc-v3'], choice, runs: 2_000, seed: 1 });
  expect([...tally.controllers.keys()]).toEqual(['percpu-doorbell']);
  const steps = failure?.text.split('\n').filter((line) => /^ {2}- [a-z-]+:/.test(line)) ?? [];
  expect(steps.map((line) => line.split(':')[0]?.trim())).toEqual([
    '- attach',
    '- setup',
    '- affinity',
  ]);
  expect(failure?.verdict?.failures.map(({ diagnostic }) => diagnostic.code)).toEqual(['DB408']);
});

test('the same seed draws the same, another one does not', async () => {
  const once = await run({ runs: 40, designs: ['unmapped'], seed: 5 });
  const again = await run({ runs: 40, designs: ['unmapped'], seed: 5 });
  expect(again.failure?.text).toBe(once.failure?.text);
  const a = await run({ runs: 40, seed: 5 });
  const b = await run({ runs: 40, seed: 5 });
  const c = await run({ runs: 40, seed: 500 });
  expect(b.tally.data()).toEqual(a.tally.data());
  expect(c.tally.data()).not.toEqual(a.tally.data());
});

test('time and signals end it between two batches', async () => {
  let clock = 0;
  const late = await run({ seconds: 1, now: () => (clock += 600) });
  expect(late.stopped).toBe(true);
  expect(late.tally.runs).toBe(20);
  const signal = AbortSignal.abort();
  const { tally, stopped } = await run({ signal });
  expect([tally.runs, stopped]).toEqual([0, true]);
  expect(tally.vacuous(['tracked'])).toMatch(/no machine was drawn/);
});

test('where all is torn down, a design that counts has nothing mapped', () => {
  const drawn = fc.sample(inputs(fc, { controllers: [], devices: [], domains: [] }), {
    seed: 1,
    numRuns: 100,
  });
  const textsOf = (design: string): string[] =>
    drawn.flatMap((input) => fuzzSpec(input, design, 'A sample', { liveMoves: false })?.text ?? []);
  const expecting = (design: string): number =>
    textsOf(design).filter((text) => /^expect: .*mappings: none/m.test(text)).length;
  expect(expecting('tracked')).toBeGreaterThan(10);
  expect(expecting('tracked')).toBeLessThan(textsOf('tracked').length);
  // Its pages live as long as their domain.
  expect(expecting('linux-6.15')).toBe(0);
});
