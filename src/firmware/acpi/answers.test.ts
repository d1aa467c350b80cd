/**
 * IORTs of our own making, with what Linux 6.1 and 6.12 were seen to do when they were booted in
 * QEMU virt with such a table in place of the firmware's: StreamID and DeviceID from trace events,
 * MSIs from /proc/interrupts.
 */
import { describe, expect, test } from '@jest/globals';
import { iommuOf, msiOf } from './answers.ts';
import type { MadtSpec, NodeSpec } from './testing/write-tables.ts';
import { GIC3, iommuText, its, machine, msiText, rc, smmu, type Options } from './testing/words.ts';

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
