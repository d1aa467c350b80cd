/** Faults of ID mappings, and of the IDs that come out of them. */
import { describe, expect, test } from '@jest/globals';
import { com, GOOD, ITS, rc, rules, SEGMENT_0, smmu } from '../testing/rules.ts';
import type { MappingSpec, NodeSpec } from '../testing/write-tables.ts';

describe('mappings', () => {
  const two = (a: MappingSpec, b: MappingSpec): NodeSpec[] => [ITS, rc([a, b])];
  const tail = { input: 0x100, output: 0x100, count: 0xfeff, to: 0 };
  const cases: [string, readonly NodeSpec[], string[]][] = [
    [
      'the number of IDs instead of one less',
      two({ count: 0x100, to: 0 }, tail),
      ['warning off-by-one'],
    ],
    ['an overlap', two({ count: 0x1ff, output: 0x1_0000, to: 0 }, tail), ['error overlap']],
    ['an overlap that says the same', two({ count: 0x1ff, to: 0 }, tail), ['note overlap']],
    [
      'the last ID left out',
      two({ count: 0xfe, to: 0 }, tail),
      ['warning last-id-left-out', 'note rids-unmapped'],
    ],
    [
      'a bus that is not whole',
      two({ input: 8, output: 8, count: 0xf6, to: 0 }, tail),
      ['note rids-unmapped'],
    ],
    [
      'one ID that a range begins with',
      two({ input: 0x100, output: 0x9_0000, count: 0, to: 0 }, { to: 0 }),
      ['error overlap'],
    ],
    [
      'an ID that begins a range, too',
      two({ input: 0x100, output: 0x9_0000, count: 0, to: 0 }, tail),
      ['error overlap', 'note rids-unmapped'],
    ],
    [
      'a range over the end',
      [ITS, rc([{ to: 0 }, { input: 9, count: 0xffff_ffff, to: 0 }])],
      ['error range-wraps'],
    ],
    [
      'a null reference',
      two(tail, { count: 0xff, to: { offset: 0 } }),
      ['error null-reference', 'note rids-unmapped'],
    ],
    [
      'a reference out of the table',
      two(tail, { count: 0xff, to: { offset: 0xffff } }),
      ['error bad-reference', 'note rids-unmapped'],
    ],
    [
      'a reference into a node',
      two(tail, { count: 0xff, to: { offset: 52 } }),
      ['error bad-reference'],
    ],
    [
      'a root complex that leads to one',
      [ITS, rc([{ to: 0 }]), rc([{ to: 1 }], { segment: 1 })],
      ['error wrong-target', 'warning device-ids-collide', 'note root-complex-without-segment'],
    ],
    [
      'a loop',
      [ITS, smmu([{ to: 2 }]), { ...smmu([{ to: 1 }]), base: 1n } as NodeSpec, rc([{ to: 1 }])],
      ['error wrong-target', 'error wrong-target', 'error loop'],
    ],
    [
      'a single mapping for all functions',
      [ITS, rc([{ to: 0, single: true }])],
      ['error single-on-root-complex'],
    ],
    [
      'a single mapping of an SMMUv2',
      [
        ITS,
        { kind: 'smmu', base: 1n, maps: [{ to: 0 }, { to: 0, single: true }] },
        rc([{ to: 1 }]),
      ],
      ['warning single-ignored'],
    ],
    [
      'a range for a named component',
      [...GOOD, com([{ to: 1 }])],
      ['note range-on-named-component'],
    ],
    [
      'an ITS before the SMMU',
      [
        ...GOOD,
        com([
          { to: 0, single: true, output: 0x1_0000 },
          { to: 1, single: true, output: 0x1_0000 },
        ]),
      ],
      ['error mapping-hides-smmu'],
    ],
    ['no mapping at all', [ITS, rc([])], ['error rids-unmapped']],
    ['an SMMU without an ITS', [ITS, smmu([]), rc([{ to: 1 }])], ['error rids-without-its']],
    [
      'DeviceIDs that two have',
      [...GOOD, com([{ to: 0, single: true, output: 8 }])],
      ['warning device-ids-collide'],
    ],
    [
      'StreamIDs that two have',
      [...GOOD, com([{ to: 1, single: true, output: 8 }])],
      ['warning device-ids-collide', 'warning stream-ids-collide'],
    ],
  ];
  test.each(cases)('%s', (_, nodes, expected) => {
    const segments = nodes.some((node) => node.kind === 'rc' && node.segment === 1);
    expect(rules(nodes)).toEqual(expected);
    expect(segments).toBe(expected.includes('note root-complex-without-segment'));
  });

  test('two segments with the same DeviceIDs', () => {
    const nodes = [ITS, rc([{ to: 0 }]), rc([{ to: 0 }], { segment: 1 })];
    const mcfg = [...SEGMENT_0, [0x50_0000_0000n, 1, 0, 0xff]] as const;
    expect(rules(nodes, { mcfg })).toEqual(['warning device-ids-collide']);
  });
});
