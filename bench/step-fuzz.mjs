/**
 * Random steps on every topology of the corpus, with every design and with kernels of every age: no
 * exception, the same state a second time, and `tracked` breaks nothing that it promises.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/bundling.mjs';
import { loadSource } from '../scripts/load-source.mjs';
import { ownTime, seeded } from './seeded.mjs';

const SEQUENCES = 20_000;
const LENGTH = 60;
const SEED = 0x5eed_57e9;
/** One sequence: a loop that does not end would be longer than that. */
const MAX_MS = 5000;

const { loadSpec, includeCache } = await loadSource('harness/spec/load.ts');
const { fuzzSteps } = await loadSource('harness/fuzz/step-fuzz.ts');
const { DESIGN_NAMES } = await loadSource('src/designs/design.ts');
const { behaviourOf, CHANGES, designOf } = await loadSource('src/kernel/changes/changes.ts');

function topologies() {
  const found = new Map();
  const cache = includeCache();
  for (const name of readdirSync(join(root, 'specs'), {
    recursive: true,
    encoding: 'utf8',
  }).sort()) {
    if (!name.endsWith('.spec.yaml')) continue;
    for (const { topology } of loadSpec(join(root, 'specs', name), { root, cache }).cases)
      found.set(JSON.stringify(topology), { name, topology });
  }
  return [...found.values()];
}

export async function run() {
  const { next: draw, seed, trials } = seeded({ seed: SEED, trials: SEQUENCES });
  const machines = topologies();
  const versions = [...new Set(Object.values(CHANGES).map(({ from }) => from))];
  const tally = { steps: 0, errors: 0, interrupts: 0, faults: 0, refused: 0 };
  let bad = 0;
  let slowest = 0;
  for (let n = 0; n < trials; n++) {
    const { name, topology } = machines[n % machines.length];
    // Every second sequence is tracked's: the others promise nothing.
    const version = draw(2) === 0 ? undefined : versions[draw(versions.length)];
    const kernel = version === undefined ? undefined : { version, switches: {} };
    const design = {
      name: kernel
        ? designOf(behaviourOf(kernel))
        : draw(2) === 0
          ? 'tracked'
          : DESIGN_NAMES[draw(DESIGN_NAMES.length)],
      initialCount: 1,
    };
    const number = () => draw(0x10000);
    const draws = Array.from({ length: LENGTH }, () => [number(), number(), number(), number()]);
    let wrong;
    const took = ownTime(() => {
      wrong = fuzzSteps({ topology, design, ...(kernel && { kernel }) }, draws, tally);
    });
    slowest = Math.max(slowest, took);
    if (wrong === undefined) continue;
    if (bad++ < 3)
      console.error(`seed ${seed}, specs/${name}, ${design.name} ${version ?? ''}: ${wrong}`);
  }
  const figure = `${trials.toLocaleString('en')} sequences, ${tally.steps.toLocaleString('en')} steps on ${machines.length} topologies: ${bad} bad`;
  return [
    {
      name: 'random steps, seeded',
      figure,
      target: `0 bad, at least ${trials / 10} interrupts and ${trials / 2} faults`,
      ok: bad === 0 && tally.interrupts >= trials / 10 && tally.faults >= trials / 2,
    },
    {
      name: 'what they came to',
      figure: `${tally.errors.toLocaleString('en')} errors, ${tally.interrupts.toLocaleString('en')} interrupts, ${tally.faults.toLocaleString('en')} faults, ${tally.refused} refused commands`,
      target: '',
      ok: true,
    },
    {
      name: 'the longest of them',
      figure: `${slowest.toFixed(0)} ms`,
      target: `<= ${MAX_MS} ms`,
      ok: slowest <= MAX_MS,
    },
  ];
}
