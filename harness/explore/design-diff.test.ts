/** What one design lets happen and another does not. */
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { DesignName } from '../../src/designs/design.ts';
import { loadSpec } from '../spec/load.ts';
import { diffDesigns, type DesignDiff } from './design-diff.ts';
import { planOf } from './plan-of.ts';
import type { ExplorePlan } from '../../src/explore/model/plan.ts';

const ROOT = resolve(__dirname, '../..');

function planFor(file: string, design: DesignName): ExplorePlan {
  const { cases } = loadSpec(join(ROOT, 'specs/explore', file), { root: ROOT });
  const [first] = cases;
  if (first === undefined) throw new Error(`no case in ${file}`);
  const plan = planOf({ ...first, design: { name: design, initialCount: 1 } });
  if ('unexplorable' in plan) throw new Error(plan.unexplorable);
  return plan;
}
const diff = (file: string, a: DesignName, b: DesignName): Promise<DesignDiff> =>
  diffDesigns([planFor(file, a), planFor(file, b)], { limits: { states: 20_000 }, symmetry: true });

const outcomes = (d: DesignDiff, side: 0 | 1): string[] =>
  d.only[side].flatMap(({ outcomes: texts }) => texts).sort();

describe('two designs', () => {
  test('the leak of rfc-v3, and nothing that tracked alone does', async () => {
    const d = await diff('percpu-affinity-at-any-moment.spec.yaml', 'tracked', 'rfc-v3');
    expect(outcomes(d, 0)).toEqual([]);
    expect(outcomes(d, 1)).toEqual([
      'at rest, vm counts references that no message accounts for',
      'at rest, vm maps 0x2c000000 and no message uses it',
      'at rest, vm maps 0x2c001000 and no message uses it',
      'breaks: references equal the programmed messages that use them',
    ]);
    expect(d.common).toEqual(
      expect.arrayContaining(['teardown nic: done', 'an interrupt of nic/0 at CPU 1']),
    );
    // Its references grow without end while the driver never rests.
    expect(d.found.map(({ complete }) => complete)).toEqual([true, false]);
    expect(d.found[1].states).toBe(20_000);
  });

  test('tracked refuses a move that linux-6.15 lets happen', async () => {
    const d = await diff('move-of-a-live-device.spec.yaml', 'tracked', 'linux-6.15');
    expect(outcomes(d, 0)).toEqual(['attach nic -> vm: EBUSY', 'detach nic: EBUSY']);
    expect(outcomes(d, 1)).toContain('a write of nic: F_TRANSLATION');
    expect(d.found.every(({ complete }) => complete)).toBe(true);
  });

  test('each story is a shortest one and ends with its outcome', async () => {
    const d = await diff('early-release.spec.yaml', 'tracked', 'tracked-early');
    const [only, ...others] = d.only[1];
    expect(others).toEqual([]);
    expect(only?.story).toHaveLength(7);
    expect(only?.story.at(-1)?.lines.at(-1)?.text).toMatch(/^F_TRANSLATION/);
  });

  test('a design and itself', async () => {
    const d = await diff('early-release.spec.yaml', 'tracked', 'tracked');
    expect(d.only).toEqual([[], []]);
    expect(d.common.length).toBeGreaterThan(3);
  });

  test('with symmetry, the outcomes are those of the full search', async () => {
    const file = 'family-of-the-review.spec.yaml';
    const plans = [planFor(file, 'tracked'), planFor(file, 'tracked-early')] as const;
    const [full, reduced] = await Promise.all(
      [false, true].map((symmetry) => diffDesigns(plans, { limits: { states: 20_000 }, symmetry })),
    );
    for (const side of [0, 1] as const) {
      expect(full?.found[side].complete).toBe(true);
      expect(reduced?.found[side].outcomes).toEqual(full?.found[side].outcomes);
      expect(reduced?.found[side].represented).toBe(full?.found[side].states);
      expect(reduced?.found[side].states).toBeLessThan(0.6 * (full?.found[side].states ?? 0));
    }
    expect(reduced?.only).toEqual(full?.only);
  });
});
