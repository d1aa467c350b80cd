/** Each rule: a table that has the fault, and the table without it, which has no finding at all. */
import { describe, expect, test } from '@jest/globals';
import { findingsOf } from './findings.ts';
import { readMachine } from './machine.ts';
import {
  com,
  GIC2,
  GIC3,
  GOOD,
  ITS,
  rc,
  rules,
  SEGMENT_0,
  smmu,
  type Options,
} from './testing/rules.ts';
import { withChecksum, writeIort, writeMadt, type NodeSpec } from './testing/write-tables.ts';

describe('a good machine', () => {
  test.each([
    ['root complex, SMMU, ITS', GOOD, {}],
    ['without an SMMU', [ITS, rc([{ to: 0 }])], {}],
    [
      'ranges that follow each other',
      [
        ITS,
        rc([
          { count: 0xff, to: 0 },
          { input: 0x100, output: 0x100, count: 0xfeff, to: 0 },
        ]),
      ],
      {},
    ],
    [
      'wired PMCG and SMMU with their single mappings',
      [
        ITS,
        smmu([{ to: 0 }, { to: 0, single: true, output: 0x1_0000 }], { deviceIdIndex: 1 }),
        rc([{ to: 1 }]),
        { kind: 'pmcg', base: 0x9n, gsiv: 9, maps: [{ to: 0, single: true }] },
      ],
      {},
    ],
    [
      'a named component with an ID of its own',
      [...GOOD, com([{ to: 1, single: true, output: 0x1_0000 }])],
      {},
    ],
    [
      'reserved memory',
      [
        ...GOOD,
        {
          kind: 'rmr',
          regions: [[0x8000_0000n, 0x1_0000n]],
          maps: [{ to: 1, count: 0, output: 3 }],
        },
      ],
      { revision: 5 },
    ],
    [
      'reserved memory by single mappings, an SMMU without mappings for several streams of a device (CIX Sky1)',
      [
        ...GOOD,
        { kind: 'smmu-v3', base: 0xb1b_0000n, revision: 2 },
        com([
          { to: 3, single: true, output: 0 },
          { to: 3, single: true, output: 1 },
        ]),
        {
          kind: 'rmr',
          regions: [[0x8480_0000n, 0x80_0000n]],
          maps: [
            { to: 3, single: true, output: 0 },
            { to: 3, single: true, output: 1 },
          ],
        },
      ],
      { revision: 5 },
    ],
  ] as [string, NodeSpec[], Options][])('%s: no finding', (_, nodes, options) => {
    expect(rules(nodes, options)).toEqual([]);
  });
});

describe('the MADT and the MCFG', () => {
  const cases: [string, Options, string[], (readonly NodeSpec[])?][] = [
    ['no distributor', { madt: { gic: 0, its: [[0, 0x808_0000n]] } }, ['error no-distributor']],
    ['neither ITS nor frame', { madt: {} }, ['error no-msi-controller', 'error its-not-in-madt']],
    [
      'an ITS beside a GICv2',
      { madt: { ...GIC3, gic: 2 } },
      ['error its-with-gicv2', 'error its-not-in-madt'],
    ],
    ['an ITS of another ID', { madt: { its: [[1, 0x808_0000n]] } }, ['error its-not-in-madt']],
    [
      'two ITSs of one ID',
      {
        madt: {
          its: [
            [0, 0x808_0000n],
            [0, 0x818_0000n],
          ],
        },
      },
      ['error its-id-twice'],
    ],
    ['an ITS at its doorbell', { madt: { its: [[0, 0x809_0040n]] } }, ['error its-base']],
    ['the IORT of an ITS on a GICv2m (QEMU)', { madt: GIC2 }, ['note its-not-in-madt']],
    [
      'a frame beside an ITS',
      { madt: { ...GIC3, frames: [[0x802_0000n]] } },
      ['note frame-beside-its'],
    ],
    [
      'a frame with a relative SPI',
      { madt: { gic: 2, frames: [[0x802_0000n, 16, 64]] } },
      ['error frame-spis', 'error its-not-in-madt'],
    ],
    [
      'two frames with the same SPIs',
      {
        madt: {
          gic: 2,
          frames: [
            [0x802_0000n, 80, 64],
            [0x803_0000n, 100, 64],
          ],
        },
      },
      ['error frames-share-spis', 'note its-not-in-madt'],
    ],
    ['Graviton', { madt: GIC2, oemId: 'AMAZON' }, ['note graviton-frame', 'note its-not-in-madt']],
    [
      'a segment without a root complex',
      { mcfg: [...SEGMENT_0, [0x50_0000_0000n, 1, 0, 0xff]] },
      ['error segment-without-root-complex'],
    ],
    [
      'a root complex without a segment',
      {},
      ['note root-complex-without-segment'],
      [...GOOD, rc([{ to: 0, output: 0x1_0000 }], { segment: 1 })],
    ],
  ];
  test.each(cases)('%s', (_, options, expected, nodes = GOOD) => {
    expect(rules(nodes, options)).toEqual(expected);
  });
});

describe('broken tables', () => {
  const check = (change: (view: DataView) => void, mend = true): string[] => {
    const bytes = writeIort(GOOD);
    change(new DataView(bytes.buffer));
    const machine = readMachine([
      { name: 'IORT', bytes: mend ? withChecksum(bytes) : bytes },
      { name: 'APIC', bytes: writeMadt(GIC3) },
    ]);
    return findingsOf(machine, '6.12').map(({ severity, rule, property }) =>
      [severity, rule, property].join(' '),
    );
  };

  test('are errors, with the byte', () => {
    expect(check((view) => view.setUint32(36, 4, true))).toEqual(['error broken-table byte 216']);
    expect(check((view) => view.setUint8(30, 1), false)).toEqual(['warning checksum byte 9']);
    expect(check((view) => view.setUint32(72 + 12, 5000, true))).toEqual([
      'error broken-table byte 84',
      'error rids-without-its ',
    ]);
  });
});

describe('nodes', () => {
  const own = { to: 0, single: true, output: 0x1_0000 };
  const cases: [string, readonly NodeSpec[], string[], Options?][] = [
    ['an empty group', [{ kind: 'its', ids: [] }, rc([{ to: 0 }])], ['error empty-its-group']],
    [
      'a group of two',
      [{ kind: 'its', ids: [0, 1] }, rc([{ to: 0 }])],
      ['note its-group-of-several'],
    ],
    ['two root complexes of a segment', [...GOOD, rc([{ to: 0 }])], ['error two-root-complexes']],
    ['Hi161x', [ITS, smmu([{ to: 0 }], { model: 1 }), rc([{ to: 1 }])], ['warning hw-msi-erratum']],
    [
      'HIP07 that does not say so',
      GOOD,
      ['error hw-msi-erratum'],
      { oemId: 'HISI', oemTableId: 'HIP07' },
    ],
    [
      'an SMMU model that Linux does not know',
      [ITS, { kind: 'smmu', base: 1n, model: 9, maps: [{ to: 0 }] }, rc([{ to: 1 }])],
      ['error smmu-model'],
    ],
    [
      'the only mapping taken for the SMMU’s own',
      [ITS, smmu([{ to: 0 }], { gsivs: [1, 0, 3, 4] }), rc([{ to: 1 }])],
      ['error own-mapping-is-a-range', 'error rids-without-its'],
    ],
    [
      'an index without a mapping',
      [ITS, smmu([{ to: 0 }], { gsivs: [1, 0, 3, 4], deviceIdIndex: 5 }), rc([{ to: 1 }])],
      ['note device-id-index'],
    ],
    [
      'a PMCG with a range',
      [...GOOD, { kind: 'pmcg', base: 0x9n, maps: [{ to: 0 }] }],
      ['error own-mapping-is-a-range'],
    ],
    ['no memory limit', [ITS, rc([{ to: 0 }], { memoryLimit: 0 })], ['note no-memory-limit']],
    [
      'reserved memory in an old table',
      [...GOOD, { kind: 'rmr', regions: [[0x8000_1000n, 0x1000n]], maps: [{ to: 1, count: 0 }] }],
      ['warning rmr-ignored', 'note rmr-alignment'],
    ],
    [
      'a wire bridge before 7.0',
      [...GOOD, { kind: 'iwb', base: 0n, path: '\\_SB_.IWB0', maps: [own] }],
      ['note node-ignored'],
    ],
    [
      'a wire bridge',
      [...GOOD, { kind: 'iwb', base: 0n, path: '\\_SB_.IWB0', maps: [own] }],
      [],
      { era: '7.x' },
    ],
    ['a node of no known type', [...GOOD, { kind: 'other', type: 42 }], ['note node-ignored']],
    [
      'two nodes of one path',
      [...GOOD, com([{ ...own, to: 1 }]), com([])],
      ['warning two-named-components'],
    ],
    [
      'a path with short segments',
      [...GOOD, com([{ ...own, to: 1 }], '\\_SB.COM0')],
      ['error named-component-path'],
    ],
    [
      'a path that is none',
      [...GOOD, com([{ ...own, to: 1 }], '\\_SB\n')],
      ['error named-component-path'],
    ],
  ];
  test.each(cases)('%s', (_, nodes, expected, options = {}) => {
    expect(rules(nodes, options)).toEqual(expected);
  });
});
