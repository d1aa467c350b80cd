import { describe, expect, test } from '@jest/globals';
import { compareVersions, holdsIn } from './change.ts';
import { behaviourOf, CHANGE_IDS, CHANGES, designOf, UNNAMED_BEHAVIOUR } from './changes.ts';
import type { KernelChange } from './change.ts';

const named = (version: string) => behaviourOf({ version, switches: {} });

describe('versions', () => {
  test.each([
    ['4.9', '4.10', -1],
    ['6.1', '6.12', -1],
    ['6.12', '6.12.0', 0],
    ['6.12.78', '6.12', 1],
    ['7.0', '6.19', 1],
  ])('%s and %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a))).toBe(sign === 0 ? 0 : -sign);
  });

  const change: KernelChange = {
    title: 'x',
    from: '5.10',
    until: '6.1',
    stable: ['5.4.6'],
    effect: 'y',
  };
  test.each([
    ['5.4', false],
    ['5.4.5', false],
    ['5.4.6', true],
    ['5.5', false],
    ['5.9.99', false],
    ['5.10', true],
    ['6.0.12', true],
    ['6.1', false],
  ])('a change of 5.10 to 6.0 and of 5.4.6, in %s: %s', (version, holds) => {
    expect(holdsIn(change, version)).toBe(holds);
  });
});

describe('the table', () => {
  test.each(CHANGE_IDS)('%s is well formed', (id) => {
    const change: KernelChange = CHANGES[id];
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    if (change.commit !== undefined) expect(change.commit).toMatch(/^[0-9a-f]{12}$/);
    for (const version of [change.from, ...(change.stable ?? [])]) {
      expect(version).toMatch(/^[0-9]+\.[0-9]+(\.[0-9]+)?$/);
    }
    // A stable update comes before the release that has it anyway.
    for (const update of change.stable ?? []) {
      expect(compareVersions(update, change.from)).toBeLessThan(0);
    }
    expect(change.effect).toMatch(/\.$/);
  });

  test('a switch overrides the version, and only that change', () => {
    const off = behaviourOf({ version: '6.18', switches: { 'v2m-multi-msi-alignment': false } });
    expect(off['v2m-multi-msi-alignment']).toBe(false);
    expect({ ...off, 'v2m-multi-msi-alignment': true }).toEqual(named('6.18'));
  });

  test('without a version each change is as its entry says', () => {
    expect(UNNAMED_BEHAVIOUR['its-balance']).toBe(true);
    expect(UNNAMED_BEHAVIOUR['msi-desc-iova']).toBe(false);
  });
});

test.each([
  ['4.8', 'unmapped'],
  ['4.9', 'linux-4.9'],
  ['5.1.21', 'linux-4.9'],
  ['5.2', 'linux-5.2'],
  ['6.12', 'linux-5.2'],
  ['6.14', 'linux-5.2'],
  ['6.15', 'linux-6.15'],
  ['7.3', 'linux-6.15'],
])('Linux %s has the design %s', (version, design) => {
  expect(designOf(named(version))).toBe(design);
});
