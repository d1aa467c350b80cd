/**
 * IORTs of our own making, with what Linux 6.1 and 6.12 were seen to do when they were booted in QEMU
 * virt with such a table in place of the firmware's: StreamID and DeviceID from trace events, MSIs from
 * /proc/interrupts.
 */
import { describe, expect, test } from '@jest/globals';
import type { Era } from '../explanation.ts';
import { iommuOf, msiOf, type IommuAnswer, type MsiAnswer, type Range } from './answers.ts';
import { readMachine } from './machine.ts';
import { StepBudget } from './map-id.ts';
import { nodeName } from './names.ts';
import { platformAnswers } from './platform.ts';
import { writeIort, writeMadt, type MadtSpec, type NodeSpec } from './testing/write-tables.ts';

const SMMU = 0x905_0000n;
const its = (...ids: number[]): NodeSpec => ({ kind: 'its', ids });
const smmu = (maps: NodeSpec['maps'], rest: object = {}): NodeSpec => ({
  kind: 'smmu-v3',
  base: SMMU,
  ...(maps === undefined ? {} : { maps }),
  ...rest,
});
const rc = (maps: NodeSpec['maps'], rest: object = {}): NodeSpec => ({
  kind: 'rc',
  ...(maps === undefined ? {} : { maps }),
  ...rest,
});
const GIC3: MadtSpec = { its: [[0, 0x808_0000n]] };

interface Options {
  readonly madt?: MadtSpec | null;
  readonly era?: Era;
  readonly segment?: number;
  readonly revision?: number;
}

function machine(nodes: readonly NodeSpec[], { madt = GIC3, revision = 3 }: Options = {}) {
  return readMachine([
    { name: 'IORT', bytes: writeIort(nodes, { revision }) },
    ...(madt === null ? [] : [{ name: 'APIC', bytes: writeMadt(madt) }]),
  ]);
}

const rid = (value: number): string => `0x${value.toString(16)}`;
const span = ({ first, last }: { first: number; last: number }): string =>
  first === last ? rid(first) : `${rid(first)}-${rid(last)}`;

function msiText({ answer, ...range }: Range<MsiAnswer>): string {
  const what =
    answer.kind === 'its'
      ? `its${answer.itsId} ${rid(answer.deviceId)}${answer.constant ? ' (all)' : ''}`
      : answer.kind === 'gicv2m'
        ? `gicv2m instead of ${answer.instead}`
        : answer.why;
  return `${span(range)}: ${what}`;
}

function iommuText({ answer, ...range }: Range<IommuAnswer>): string {
  const what =
    answer.kind === 'smmu'
      ? `${nodeName(answer.smmu)} ${rid(answer.streamId)}${answer.constant ? ' (all)' : ''}`
      : answer.why;
  return `${span(range)}: ${what}`;
}

const ALL = { first: 0, last: 0xffff };
function msi(nodes: readonly NodeSpec[], options: Options = {}): string[] {
  const { segment = 0, era = '6.12' } = options;
  return msiOf(machine(nodes, options), segment, ALL, era).map(msiText);
}
function iommu(nodes: readonly NodeSpec[], options: Options = {}): string[] {
  const { segment = 0, era = '6.12' } = options;
  return iommuOf(machine(nodes, options), segment, ALL, era).map(iommuText);
}

describe('root complex, SMMU, ITS', () => {
  const identity = [its(0), smmu([{ to: 0 }]), rc([{ to: 1 }])];

  test('identity', () => {
    expect(msi(identity)).toEqual(['0x0-0xffff: its0 0x0']);
    expect(iommu(identity)).toEqual(['0x0-0xffff: smmuv3@0x9050000 0x0']);
  });

  test('the StreamID is what the SMMU maps on: seen as sid 0x10, its_id 0x2010', () => {
    const nodes = [its(0), smmu([{ to: 0, output: 0x2000 }]), rc([{ to: 1 }])];
    expect(msi(nodes)).toEqual(['0x0-0xffff: its0 0x2000']);
    expect(iommu(nodes)).toEqual(['0x0-0xffff: smmuv3@0x9050000 0x0']);
  });

  test('straight to the ITS: MSIs, no SMMU', () => {
    const nodes = [its(0), rc([{ to: 0 }])];
    expect(msi(nodes)).toEqual(['0x0-0xffff: its0 0x0']);
    expect(iommu(nodes)).toEqual(['0x0-0xffff: no-smmu']);
  });

  test('a gap in the root complex: neither (seen: RIDs 0x10 to 0x18 with no MSI, not translated)', () => {
    const nodes = [
      its(0),
      smmu([{ to: 0 }]),
      rc([
        { count: 0xf, to: 1 },
        { input: 0x100, count: 0xfeff, output: 0x100, to: 1 },
      ]),
    ];
    const expected = ['0x0-0xf: its0 0x0', '0x10-0xff: no-match', '0x100-0xffff: its0 0x100'];
    expect(msi(nodes)).toEqual(expected);
    expect(iommu(nodes)[1]).toBe('0x10-0xff: no-match');
  });

  test('no mappings: neither', () => {
    expect(msi([its(0), smmu([{ to: 0 }]), rc([])])).toEqual(['0x0-0xffff: no-map']);
    expect(iommu([its(0), smmu([{ to: 0 }]), rc([])])).toEqual(['0x0-0xffff: no-map']);
  });

  test('an SMMU without a way to the ITS: translated, no MSI', () => {
    const nodes = [its(0), smmu([]), rc([{ to: 1 }])];
    expect(msi(nodes)).toEqual(['0x0-0xffff: no-map']);
    expect(iommu(nodes)).toEqual(['0x0-0xffff: smmuv3@0x9050000 0x0']);
  });

  test('another segment: neither', () => {
    const nodes = [its(0), smmu([{ to: 0 }]), rc([{ to: 1 }], { segment: 1 })];
    expect(msi(nodes)).toEqual(['0x0-0xffff: no-root-complex']);
    expect(iommu(nodes)).toEqual(['0x0-0xffff: no-root-complex']);
  });

  test('two root complexes for one segment: the first', () => {
    const nodes = [its(0), rc([{ to: 0, output: 0x1_0000 }]), rc([{ to: 0 }])];
    expect(msi(nodes)).toEqual(['0x0-0xffff: its0 0x10000']);
  });

  test('a group of two ITSs: the first, also when it does not exist (seen: no MSI)', () => {
    expect(msi([its(5, 0), rc([{ to: 0 }])])).toEqual(['0x0-0xffff: its-not-in-madt']);
    expect(msi([its(0, 5), rc([{ to: 0 }])])).toEqual(['0x0-0xffff: its0 0x0']);
    expect(msi([its(), rc([{ to: 0 }])])).toEqual(['0x0-0xffff: empty-its-group']);
  });
});

describe('the last ID of a range', () => {
  const two = (first: number, second: number, count: number): NodeSpec[] => [
    its(0),
    smmu([{ to: 0 }]),
    rc([
      { input: first, count, output: 0x1000 + first, to: 1 },
      { input: second, count: 0xff, output: 0x2000 + second, to: 0 },
    ]),
  ];

  test('belongs to the range when nothing begins there', () => {
    expect(msi(two(0, 0x200, 0xff))[0]).toBe('0x0-0xff: its0 0x1000');
  });

  test('goes to the range that begins there, in both orders (QEMU 7.2 writes such tables)', () => {
    const expected = [
      '0x0-0xff: its0 0x1000',
      '0x100-0x1ff: its0 0x2100',
      '0x200-0xffff: no-match',
    ];
    const [a, b, c] = two(0, 0x100, 0x100);
    expect(msi(two(0, 0x100, 0x100))).toEqual(expected);
    expect(msi([a, b, { ...c, maps: c?.maps?.toReversed() }] as NodeSpec[])).toEqual(expected);
  });

  test('other overlaps go to the first (seen: RID 0x10 as 0x710)', () => {
    const nodes = [
      its(0),
      smmu([{ to: 0 }]),
      rc([
        { count: 0x17, output: 0x700, to: 1 },
        { input: 0x8, count: 0xfff7, output: 0x8, to: 0 },
      ]),
    ];
    // The last ID is tentative, and the second range does not begin with it.
    expect(msi(nodes)).toEqual(['0x0-0x17: its0 0x700', '0x18-0xffff: its0 0x18']);
    expect(iommu(nodes)[0]).toBe('0x0-0x17: smmuv3@0x9050000 0x700');
  });

  test('u32 wraps as in C: a count that runs over the end matches nothing', () => {
    const nodes = [its(0), rc([{ input: 0x100, count: 0xffff_ffff, to: 0 }])];
    expect(msi(nodes)).toEqual(['0x0-0xffff: no-match']);
  });

  test('an output that wraps is cut where it does', () => {
    const nodes = [its(0), rc([{ output: 0xffff_ff00, to: 0 }])];
    expect(msi(nodes)).toEqual(['0x0-0xff: its0 0xffffff00', '0x100-0xffff: its0 0x0']);
  });
});

describe('single mappings and the DeviceID index', () => {
  test('on a root complex: one ID for all (seen: sid and its_id 0x55 for every function)', () => {
    const nodes = [its(0), smmu([{ to: 0 }]), rc([{ to: 1, output: 0x55, single: true }])];
    expect(msi(nodes)).toEqual(['0x0-0xffff: its0 0x55 (all)']);
    expect(iommu(nodes)).toEqual(['0x0-0xffff: smmuv3@0x9050000 0x55 (all)']);
  });

  test('after a range: takes the last ID of it, which is tentative, and what no range has', () => {
    const nodes = [
      its(0),
      rc([
        { count: 0xff, to: 0 },
        { to: 0, output: 0x55, single: true },
      ]),
    ];
    expect(msi(nodes)).toEqual(['0x0-0xfe: its0 0x0', '0xff-0xffff: its0 0x55 (all)']);
  });

  test('on an SMMU: left out', () => {
    const nodes = [its(0), smmu([{ to: 0, single: true, output: 9 }, { to: 0 }]), rc([{ to: 1 }])];
    expect(msi(nodes)).toEqual(['0x0-0xffff: its0 0x0']);
  });

  const indexed = (rest: object): NodeSpec[] => [
    its(0),
    smmu(
      [
        { to: 0, output: 0x2000 },
        { to: 0, output: 0x6000 },
      ],
      rest,
    ),
    rc([{ to: 1 }]),
  ];

  test('all interrupts wired: the index is not looked at', () => {
    expect(msi(indexed({ deviceIdIndex: 0 }))).toEqual(['0x0-0xffff: its0 0x2000']);
  });

  test('one interrupt not wired: the mapping that the index names is the SMMU’s own', () => {
    expect(msi(indexed({ gsivs: [106, 0, 109, 108] }))).toEqual(['0x0-0xffff: its0 0x6000']);
    expect(msi([its(0), smmu([{ to: 0 }], { gsivs: [1, 0, 3, 4] }), rc([{ to: 1 }])])).toEqual([
      '0x0-0xffff: no-match',
    ]);
  });

  test('before node revision 1 there is no index', () => {
    expect(msi(indexed({ gsivs: [1, 0, 3, 4], revision: 0 }))).toEqual(['0x0-0xffff: its0 0x2000']);
  });

  test('from node revision 5 on a flag says whether it counts', () => {
    expect(msi(indexed({ revision: 5, flags: 0x11 }))).toEqual(['0x0-0xffff: its0 0x6000']);
    expect(msi(indexed({ revision: 5, flags: 1, gsivs: [0, 0, 0, 0] }))).toEqual([
      '0x0-0xffff: its0 0x2000',
    ]);
  });

  test('6.1 does not know that flag: it looks at the interrupts', () => {
    const flagged = indexed({ revision: 5, flags: 0x11 });
    expect(msi(flagged, { era: '6.1' })).toEqual(['0x0-0xffff: its0 0x2000']);
    const unwired = indexed({ revision: 5, flags: 1, gsivs: [1, 0, 3, 4] });
    expect(msi(unwired, { era: '6.1' })).toEqual(['0x0-0xffff: its0 0x6000']);
    expect(msi(unwired, { era: '6.12' })).toEqual(['0x0-0xffff: its0 0x2000']);
  });

  test('an index beyond the mappings does not count', () => {
    expect(msi(indexed({ gsivs: [0, 0, 0, 0], deviceIdIndex: 2 }))).toEqual([
      '0x0-0xffff: its0 0x2000',
    ]);
  });
});

describe('references', () => {
  test('a null reference in the first mapping ends the walk; in another it leads nowhere', () => {
    const maps = [
      { to: 0, count: 0xff },
      { input: 0x100, count: 0xff, to: { offset: 0 } },
    ];
    expect(msi([its(0), rc(maps)])[1]).toBe('0x100-0x1ff: bad-reference');
    expect(msi([its(0), rc(maps.toReversed())])).toEqual(['0x0-0xffff: null-reference']);
  });

  test('out of the table', () => {
    expect(msi([its(0), rc([{ to: { offset: 0x7fff_ffff } }])])).toEqual([
      '0x0-0xffff: bad-reference',
    ]);
  });

  test('into the middle of a node: an SMMU there is none that Linux made', () => {
    // Bytes of a named component's path that read as an SMMUv3 node.
    const fake = `AAA\x04\x58\0\x04${'\0'.repeat(80)}`;
    const nodes: NodeSpec[] = [{ kind: 'named', path: fake }, rc([{ to: { offset: 48 + 32 } }])];
    expect(iommu(nodes)).toEqual(['0x0-0xffff: smmu-not-listed']);
  });

  test('a loop ends', () => {
    const a = smmu([{ to: 1 }]);
    const b = { ...smmu([{ to: 0 }]), base: 0x906_0000n } as NodeSpec;
    expect(msi([a, b, rc([{ to: 0 }])])).toEqual(['0x0-0xffff: loop']);
    expect(msi([rc([{ to: 0 }])])).toEqual(['0x0-0xffff: loop']);
    expect(msi([rc([{ to: 0, output: 1, count: 0xffff_fffe }])]).at(0)).toMatch(/: loop$/);
  });
});

describe('the MADT', () => {
  const v2m: MadtSpec = { gic: 2, frames: [[0x802_0000n, 80, 64]] };
  const nodes = [its(0), rc([{ to: 0 }])];

  test('a GICv2 with a frame: every device takes it (seen on QEMU gic-version=2)', () => {
    expect(msi(nodes, { madt: v2m })).toEqual(['0x0-0xffff: gicv2m instead of its-not-in-madt']);
    expect(msi([its(0), rc([])], { madt: v2m })).toEqual(['0x0-0xffff: gicv2m instead of no-map']);
  });

  test('a GICv3 with ITSs does not look at frames', () => {
    const both: MadtSpec = { ...GIC3, frames: [[0x802_0000n, 80, 64]] };
    expect(msi(nodes, { madt: both })).toEqual(['0x0-0xffff: its0 0x0']);
    expect(msi([its(7), rc([{ to: 0 }])], { madt: both })).toEqual(['0x0-0xffff: its-not-in-madt']);
  });

  test('a GICv3 without ITSs does', () => {
    expect(msi(nodes, { madt: { frames: [[0x802_0000n]] } })).toEqual([
      '0x0-0xffff: gicv2m instead of its-not-in-madt',
    ]);
  });

  test('a broken entry takes those of its kind with it; a length of 0 takes all', () => {
    const none = ['0x0-0xffff: its-not-in-madt'];
    const short = [15, 8, 0, 0, 0, 0, 0, 0];
    expect(msi(nodes, { madt: { ...GIC3, extra: short } })).toEqual(none);
    expect(msi(nodes, { madt: { ...GIC3, extra: [15, 0] } })).toEqual(none);
    expect(msi(nodes, { madt: { ...v2m, extra: [13, 8, 0, 0, 0, 0, 0, 0] } })).toEqual(none);
    expect(msi(nodes, { madt: { ...v2m, extra: [99, 0] } })).toEqual(none);
  });

  test('a GICv2 does not look at ITSs', () => {
    expect(msi(nodes, { madt: { ...GIC3, gic: 2 } })).toEqual(['0x0-0xffff: its-not-in-madt']);
  });

  test('without a MADT the ITS is taken to exist', () => {
    expect(msi(nodes, { madt: null })).toEqual(['0x0-0xffff: its0 0x0']);
  });
});

describe('devices that are not PCI', () => {
  const platform = (nodes: readonly NodeSpec[], era: Era = '6.12'): string[] =>
    platformAnswers(machine(nodes), era, new StepBudget()).map(
      ({ node, msi: found, iommu: io }) => {
        const streams = io?.streams.map(({ streamId }) => rid(streamId)) ?? [];
        return `${nodeName(node)}: ${msiText({ first: 0, last: 0, hops: [], answer: found.answer }).slice(5)}; ${streams.join(' ')} ${io?.ended?.why ?? ''}`.trim();
      },
    );
  const com = (maps: NodeSpec['maps']): NodeSpec => ({
    kind: 'named',
    path: '\\_SB.COM0',
    ...(maps === undefined ? {} : { maps }),
  });

  test('a named component through an SMMU', () => {
    const nodes = [its(0), smmu([{ to: 0 }]), com([{ to: 1, output: 0x42, single: true }])];
    expect(platform(nodes)).toEqual(['\\_SB.COM0: its0 0x42 (all); 0x42']);
  });

  test('several StreamIDs; the first way to an ITS gives the DeviceID', () => {
    const nodes = [
      its(0),
      smmu([{ to: 0, output: 0x100 }]),
      com([
        { to: 1, output: 1, single: true },
        { to: 1, output: 2, single: true },
      ]),
    ];
    expect(platform(nodes)).toEqual(['\\_SB.COM0: its0 0x101 (all); 0x1 0x2']);
  });

  test('a range is not looked at; a mapping to the ITS hides the SMMU behind it', () => {
    const nodes = [its(0), smmu([{ to: 0 }])];
    expect(platform([...nodes, com([{ to: 1 }])])).toEqual(['\\_SB.COM0: not-single;  not-single']);
    const both = [
      { to: 0, output: 7, single: true },
      { to: 1, output: 7, single: true },
    ];
    expect(platform([...nodes, com(both)])).toEqual(['\\_SB.COM0: its0 0x7 (all);  no-smmu']);
    expect(platform([...nodes, com(both.toReversed())])).toEqual([
      '\\_SB.COM0: its0 0x7 (all); 0x7 no-smmu',
    ]);
  });

  test('the SMMU’s and the PMCG’s own MSIs', () => {
    const own = { to: 0, output: 0x33, single: true };
    expect(
      platform([its(0), smmu([{ to: 0 }, own], { gsivs: [0, 0, 0, 0], deviceIdIndex: 1 })]),
    ).toEqual(['smmuv3@0x9050000: its0 0x33 (all);']);
    expect(platform([its(0), { kind: 'pmcg', base: 0x10_0000n, maps: [own] }])).toEqual([
      'pmcg@0x100000: its0 0x33 (all);',
    ]);
    expect(platform([its(0), { kind: 'pmcg', base: 0x10_0000n, gsiv: 40, maps: [own] }])).toEqual(
      [],
    );
    expect(platform([its(0), smmu([{ to: 0 }], { gsivs: [0, 0, 0, 0] })])).toEqual([
      'smmuv3@0x9050000: not-single;',
    ]);
  });

  test('a GICv5 wire bridge counts from Linux 7.0 on', () => {
    const nodes: NodeSpec[] = [
      its(0),
      {
        kind: 'iwb',
        base: 0x1000n,
        path: '\\_SB.IWB0',
        maps: [{ to: 0, output: 4, single: true }],
      },
    ];
    expect(platform(nodes)).toEqual([]);
    expect(platform(nodes, '7.x')).toEqual(['iwb@0x1000: its0 0x4 (all);']);
  });
});
