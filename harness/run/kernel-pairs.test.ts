/**
 * Each change of the table is told apart by a pair: a spec that runs kernels with it and without it, and fails on
 * either side as soon as this one change, and nothing else, is the other way round. Invalidations are left out: every
 * kernel has them, and a spec that switches one off says so itself.
 */
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { globSync } from 'tinyglobby';
import {
  behaviourOf,
  CHANGE_IDS,
  type ChangeId,
  designOf,
} from '../../src/kernel/changes/changes.ts';
import { INVALIDATIONS } from '../../src/kernel/changes/invalidation.ts';
import type { Case } from '../spec/case.ts';
import { includeCache, loadSpec } from '../spec/load.ts';
import { modelTarget } from '../targets/model.ts';
import { runCase } from './run-case.ts';

const root = resolve(__dirname, '../..');
const cache = includeCache();
/** By file: its cases that name a kernel or switch a change. */
const specs = globSync(
  'specs/{bugs,gicv2m,in-bridge,its,imsic,linux,mbi,pci,smmu,vfio,cpu-hotplug}/**/*.spec.yaml',
  {
    cwd: root,
  },
)
  .sort()
  .map((file) => loadSpec(resolve(root, file), { root, cache }).cases)
  .map((cases) => cases.filter(({ kernel, xfail, skip }) => kernel && !xfail && !skip))
  .filter((cases) => cases.length > 0);

const has = (spec: Case, id: ChangeId): boolean =>
  spec.kernel !== undefined && behaviourOf(spec.kernel)[id];

/** The case with the change the other way round, and the design that follows from that. */
function flipped(spec: Case, id: ChangeId): Case {
  const switches = { ...spec.kernel?.switches, [id]: !has(spec, id) };
  const kernel = { ...spec.kernel, switches };
  const wasImplied = spec.kernel && designOf(behaviourOf(spec.kernel)) === spec.design.name;
  const design = wasImplied ? { ...spec.design, name: designOf(behaviourOf(kernel)) } : spec.design;
  return { ...spec, kernel, design };
}

async function fails(spec: Case): Promise<boolean> {
  const options = { verbose: false, now: () => 0, onStep: () => undefined };
  return (await runCase(spec, modelTarget, options)).status === 'FAIL';
}

async function anyFails(cases: readonly Case[]): Promise<boolean> {
  for (const spec of cases) if (await fails(spec)) return true;
  return false;
}

test('there are pairs to look at', () => {
  expect(specs.length).toBeGreaterThan(40);
});

const released = CHANGE_IDS.filter((id) => !Object.hasOwn(INVALIDATIONS, id));

test.each(released)('%s', async (id) => {
  const pairs = specs
    .map((cases) => ({
      on: cases.filter((spec) => has(spec, id)),
      off: cases.filter((spec) => !has(spec, id)),
    }))
    .filter(({ on, off }) => on.length > 0 && off.length > 0);
  const seen = { withIt: false, withoutIt: false };
  for (const { on, off } of pairs) {
    const flip = (list: readonly Case[]): Case[] => list.map((spec) => flipped(spec, id));
    const withIt = await anyFails(flip(on));
    const withoutIt = await anyFails(flip(off));
    if (withIt) seen.withIt = true;
    if (withoutIt) seen.withoutIt = true;
    if (withIt && withoutIt) break;
  }
  expect(seen).toEqual({ withIt: true, withoutIt: true });
});
