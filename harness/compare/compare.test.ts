/** Comparisons: what differs is marked, what cannot be seen is not, and nothing is told twice. */
import { describe, expect, test } from '@jest/globals';
import { type Delivery, type Observation, unobservable } from '../../src/observation.ts';
import { ATTACH, casesOf, distorted, specText } from '../testing/samples.ts';
import { modelTarget } from '../targets/model.ts';
import type { Target } from '../targets/target.ts';
import { plain } from '../report/style.ts';
import type { Case } from '../spec/case.ts';
import {
  casesSideBySide,
  designsSideBySide,
  type Group,
  kernelsSideBySide,
  targetsSideBySide,
} from './columns.ts';
import { compareCase, type Comparison } from './compare-case.ts';
import { comparisonText, missingText } from './compare-text.ts';
import { sideBySide } from './sequence.ts';
import { Tally } from './tally.ts';

const STEPS = `steps:${ATTACH}
  - affinity: { vector: nic/0, cpu: 1 }
    expect: { error: none }
  - fire: nic/0
  - teardown: nic`;

const cases = casesOf(specText(STEPS, 'designs: [rfc-v3, tracked]'));

async function only(groups: ReturnType<typeof designsSideBySide>): Promise<Comparison> {
  expect(groups).toHaveLength(1);
  const { id, columns } = groups[0] as (typeof groups)[number];
  return compareCase(id, columns);
}

const against = (other: Target): Promise<Comparison> =>
  only(targetsSideBySide(cases.slice(1), [modelTarget, other]));

const differing = ({ steps }: Comparison): string[] =>
  steps.flatMap(({ label, rows }) =>
    rows.filter(({ differs }) => differs).map(({ what }) => `${label}: ${what}`),
  );

describe('designs side by side', () => {
  test('the leak is told at the step where it arises', async () => {
    const comparison = await only(designsSideBySide(cases, modelTarget));
    expect(comparison.columns.map(({ label }) => label)).toEqual(['rfc-v3', 'tracked']);
    expect(differing(comparison)).toContain('affinity nic/0 -> cpu 1: leaks vm');
    expect(differing(comparison)).not.toContain('fire nic/0: leaks vm');
  });

  test('a spec of one design is one column', async () => {
    const comparison = await only(designsSideBySide(cases.slice(1), modelTarget));
    expect(comparison).toMatchObject({ differences: 0, columns: [{ label: 'tracked' }] });
  });
});

describe('kernels side by side', () => {
  const kernels = (more: string): readonly Case[] => casesOf(specText(STEPS, more));
  const labels = ({ columns }: Group): string[] => columns.map(({ label }) => label);

  test('a spec that names several kernels is compared over them', async () => {
    const groups = casesSideBySide(kernels('kernel: [4.8, 6.12]'), modelTarget);
    const comparison = await only(groups);
    expect(labels(groups[0] as Group)).toEqual(['4.8 unmapped', '6.12 linux-5.2']);
    expect(differing(comparison)).toContain('fire nic/0: fault nic');
  });

  test('the design is not repeated where all kernels have the same', () => {
    const groups = casesSideBySide(kernels('kernel: [6.1, 6.12]'), modelTarget);
    expect(groups.map(labels)).toEqual([['6.1', '6.12']]);
  });

  test('designs of its own on several kernels make a comparison each', () => {
    const groups = casesSideBySide(
      kernels('kernel: [6.1, 6.12]\ndesigns: [rfc-v3, tracked]'),
      modelTarget,
    );
    expect(groups.map((group) => [group.id.replace(/.* \[/, '['), labels(group)])).toEqual([
      ['[rfc-v3]', ['6.1', '6.12']],
      ['[tracked]', ['6.1', '6.12']],
    ]);
  });

  test('other matrix values stay apart', () => {
    const groups = casesSideBySide(
      kernels('kernel: [6.1, 6.12]\nmatrix: { page: [4K, 64K] }'),
      modelTarget,
    );
    expect(groups.map(labels)).toEqual([
      ['6.1', '6.12'],
      ['6.1', '6.12'],
    ]);
  });

  test('versions that were asked for replace what the spec runs', async () => {
    const groups = kernelsSideBySide(cases, ['4.8', '4.9', '6.15'], modelTarget);
    const comparison = await only(groups);
    expect(labels(groups[0] as Group)).toEqual([
      '4.8 unmapped',
      '4.9 linux-4.9',
      '6.15 linux-6.15',
    ]);
    expect(differing(comparison)).toContain('fire nic/0: fault nic');
  });
});

describe('targets side by side', () => {
  test('the same target twice does not differ', async () => {
    expect((await against(modelTarget)).differences).toBe(0);
  });

  test('another message, an interrupt more and a fault more are differences', async () => {
    const before = (real: Observation): readonly Delivery[] => {
      const all = real.interrupts();
      return all.seen ? all.value : [];
    };
    const other = distorted(({ op }, real) => ({
      ...(op === 'setup'
        ? { message: () => ({ seen: true, value: { address: 64n, data: 7 } }) }
        : {}),
      ...(op === 'fire'
        ? {
            interrupts: () => ({
              seen: true,
              value: [...before(real), { vector: 'nic/1', cpu: 3, count: 1 }],
            }),
            faults: () => ({
              seen: true,
              value: [{ device: 'nic', streamId: 16, address: 4n, name: 'F_TRANSLATION' }],
            }),
          }
        : {}),
    }));
    const found = differing(await against(other));
    expect(found).toContain('setup nic, 2 vectors, cpu 0: message nic/0');
    expect(found).toContain('fire nic/0: interrupt nic/1 cpu 3');
    expect(found).toContain('fire nic/0: fault nic');
  });

  test('a column alone is compared with nothing', async () => {
    const absent: Target = { name: 'absent', open: () => ({ unsupported: 'there is none' }) };
    const text = comparisonText(await against(absent), plain);
    expect(text).toMatch(/\n {2}nothing was compared$/);
    // Also where only differences are shown, for there is no other word of it.
    expect(missingText(await against(absent), plain)).toMatch(/absent: skipped: there is none$/);
    expect(missingText(await against(modelTarget), plain)).toBeUndefined();
  });

  test('what one target cannot see is no difference', async () => {
    const hidden = unobservable('no probe');
    const blind = distorted(() => ({
      interrupts: () => hidden,
      mappings: () => hidden,
      commands: () => hidden,
      leaks: () => hidden,
      message: () => hidden,
      faults: () => hidden,
    }));
    const comparison = await against(blind);
    expect(comparison.differences).toBe(0);
    expect(comparisonText(comparison, plain)).toContain('?');
  });

  test('a target that dies ends its own column, and is closed', async () => {
    let closed = 0;
    const dying: Target = {
      name: 'dying',
      open: (request) => {
        const machine = modelTarget.open(request);
        if (machine instanceof Promise || 'unsupported' in machine) throw new Error('no machine');
        return {
          observe: () => machine.observe(),
          close: () => void closed++,
          perform: (operation) => {
            if (operation.op === 'fire') throw new Error('the guest is gone');
            return machine.perform(operation);
          },
        };
      },
    };
    const comparison = await against(dying);
    expect(comparison.columns[1]).toMatchObject({ died: true, missing: 'the guest is gone' });
    expect(comparisonText(comparison, plain)).toMatch(/\n {2}not compared to the end$/);
    expect(comparison.steps).toHaveLength(5);
    expect(closed).toBe(1);
    const tally = new Tally();
    tally.add(comparison);
    expect(tally.text()).toBe(
      '0 cases compared, 0 with differences; 1 could not be compared, as a target died',
    );
    expect(tally.died).toBe(1);
    tally.add(await only(designsSideBySide(cases, modelTarget)));
    expect(tally.text()).toMatch(/^1 case compared, 1 with differences; 1 could not be/);
  });
});

describe('as text', () => {
  test('no line is wider than 80 columns', async () => {
    const comparison = await only(designsSideBySide(cases, modelTarget));
    const wide = {
      id: `specs/${'x'.repeat(60)}.yaml granule=64K pages=4`,
      title: 'wide '.repeat(40),
    };
    const lines = comparisonText({ ...comparison, ...wide }, plain).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.slice(1, 3)).toEqual(['  granule=64K pages=4', `  ${'wide '.repeat(15).trim()}`]);
    expect(lines.at(-1)).toMatch(/^ {2}\d+ differences, first at: setup nic/);
  });
});

describe('sequences', () => {
  test('a missing command leaves a gap and the others stay in line', () => {
    const all = ['MAPD', 'MAPTI 0', 'SYNC', 'INV 0', 'SYNC'];
    const few = ['MAPD', 'MAPTI 0', 'INV 0', 'SYNC'];
    expect(sideBySide([all, few])).toEqual([
      ['MAPD', 'MAPD'],
      ['MAPTI 0', 'MAPTI 0'],
      ['SYNC', undefined],
      ['INV 0', 'INV 0'],
      ['SYNC', 'SYNC'],
    ]);
  });

  test('three lists, one of them empty', () => {
    expect(sideBySide([['a'], [], ['b', 'a']])).toEqual([
      [undefined, undefined, 'b'],
      ['a', undefined, 'a'],
    ]);
  });
});
