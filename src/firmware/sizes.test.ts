/** Tables too small for the IDs that firmware gives: each kind, at its edge and one beyond it. */
import { describe, expect, test } from '@jest/globals';
import { explainAcpi } from './acpi/explain.ts';
import { readMachine } from './acpi/machine.ts';
import { com, GIC3, ITS, rc, SEGMENT_0, smmu } from './acpi/testing/rules.ts';
import { writeIort, writeMadt, writeMcfg, type NodeSpec } from './acpi/testing/write-tables.ts';
import type { Explanation } from './explanation.ts';
import { explainTree } from './fdt/explain.ts';
import { ITS_PHANDLE, SMMU_PHANDLE, treeOf, virt, type Source } from './fdt/testing/trees.ts';
import { NO_SIZES, sizeReview, strangers, type Sizes } from './sizes.ts';

const tree = (source: Source): Explanation => explainTree(treeOf(source), { era: '6.12' });
const board = (change: Parameters<typeof virt>[0] = {}): Explanation =>
  tree(virt({ ...change, root: { compatible: 'acme,board', ...change.root } }));
const acpi = (nodes: readonly NodeSpec[]): Explanation =>
  explainAcpi(
    readMachine([
      { name: 'IORT', bytes: writeIort(nodes) },
      { name: 'APIC', bytes: writeMadt(GIC3) },
      { name: 'MCFG', bytes: writeMcfg(SEGMENT_0) },
    ]),
    { era: '6.12' },
  );
const found = (explanation: Explanation, sizes: Sizes = NO_SIZES): string[] =>
  sizeReview(explanation, sizes).findings.map(({ severity, rule }) => `${severity} ${rule}`);

const its = (first: number, length = 0x1_0000): Parameters<typeof virt>[0] => ({
  pcie: { 'msi-map': [0, ITS_PHANDLE, first, length] },
});
const stream = (first: number, length = 0x1_0000, compatible = 'arm,smmu-v3') => ({
  smmu: { compatible },
  pcie: { 'iommu-map': [0, SMMU_PHANDLE, first, length] },
});
const preIts = (size: number, first: number): Parameters<typeof virt>[0] => ({
  ...its(first),
  its: { 'socionext,synquacer-pre-its': [0x100_0000, size] },
});
const said = (sizes: Partial<Sizes>): Sizes => ({ ...NO_SIZES, ...sizes });

describe('DeviceIDs', () => {
  test.each<[string, Explanation, Sizes, string[]]>([
    ['a virtual ITS has 16 bits', tree(virt(its(0))), NO_SIZES, []],
    ['17 are too many', tree(virt(its(1))), NO_SIZES, ['warning device-table-too-small']],
    ['all of them beyond', tree(virt(its(0x1_0000))), NO_SIZES, ['error device-table-too-small']],
    ['of a board nobody knows', board(its(0xffff_0000)), NO_SIZES, []],
    ['a pre-ITS of 4 MiB has 20 bits', board(preIts(0x40_0000, 0xf_0000)), NO_SIZES, []],
    ['and not 21', board(preIts(0x40_0000, 0x10_0000)), NO_SIZES, ['error device-table-too-small']],
    ['said to be enough', board(its(0x1_0000)), said({ deviceId: [{ bits: 17 }] }), []],
    [
      'said to be too few',
      board(its(0x1_0000)),
      said({ deviceId: [{ bits: 16 }] }),
      ['error device-table-too-small'],
    ],
    [
      'said of one ITS: that counts for it',
      board(its(0x1_0000)),
      said({ deviceId: [{ bits: 17, node: '/intc@8000000/its@8080000' }, { bits: 16 }] }),
      [],
    ],
    [
      'a platform device',
      board({ root: { 'dma@1': { 'msi-parent': [ITS_PHANDLE, 0x10_0000] } } }),
      said({ deviceId: [{ bits: 20 }] }),
      ['error device-table-too-small'],
    ],
    [
      'of an IORT',
      acpi([ITS, rc([{ to: 0, output: 0x10_0000 }])]),
      said({ deviceId: [{ bits: 20 }] }),
      ['error device-table-too-small'],
    ],
  ])('%s', (_, explanation, sizes, expected) => {
    expect(found(explanation, sizes)).toEqual(expected);
  });

  test('where they begin to be too many', () => {
    const [finding] = sizeReview(tree(virt(its(0xff00))), NO_SIZES).findings;
    expect(finding?.message).toBe(
      'DeviceIDs 0x10000 to 0x1feff of RIDs 0x100 to 0xffff at /intc@8000000/its@8080000 take 17 bits, and /intc@8000000/its@8080000 has 16',
    );
  });
});

describe('StreamIDs', () => {
  test.each<[string, Explanation, Sizes, string[]]>([
    ["Linux's stream table covers 25 bits", board(stream(0x1ff_0000)), NO_SIZES, []],
    ['and no more', board(stream(0x1ff_0001)), NO_SIZES, ['warning stream-table-too-small']],
    [
      'whatever the hardware has',
      board(stream(0x200_0000)),
      said({ streamId: [{ bits: 32 }] }),
      ['error stream-table-too-small'],
    ],
    ['QEMU has 16', tree(virt(stream(0x1_0000))), NO_SIZES, ['error stream-table-too-small']],
    [
      'said to be too few',
      board(stream(0)),
      said({ streamId: [{ bits: 15 }] }),
      ['warning stream-table-too-small'],
    ],
    ['an SMMUv2 has 16', board(stream(0, 0x1_0000, 'arm,mmu-500')), NO_SIZES, []],
    [
      'and no more',
      board(stream(1, 0x1_0000, 'arm,mmu-500')),
      NO_SIZES,
      ['warning stream-id-too-wide'],
    ],
    [
      'or fewer, when that is said',
      board(stream(0x8000, 0x100, 'arm,mmu-500')),
      said({ streamId: [{ bits: 15 }] }),
      ['error stream-id-too-wide'],
    ],
    [
      'of a named component',
      acpi([ITS, smmu([{ to: 0 }]), com([{ to: 1, single: true, output: 0x1_0000 }])]),
      said({ streamId: [{ bits: 16 }] }),
      ['error stream-table-too-small'],
    ],
  ])('%s', (_, explanation, sizes, expected) => {
    expect(found(explanation, sizes)).toEqual(expected);
  });

  test('what arm-smmu makes of a word with more than 16 bits', () => {
    const linux = (explanation: Explanation): string | undefined =>
      sizeReview(explanation, NO_SIZES).findings[0]?.linux;
    expect(linux(board(stream(0x1_0008, 1, 'arm,mmu-500')))).toMatch(/0x10008 becomes 0x8/);
    const v2: NodeSpec = { kind: 'smmu', base: 0x9n, maps: [{ to: 0 }] };
    const single = acpi([ITS, v2, com([{ to: 1, single: true, output: 0x1_0008 }])]);
    expect(linux(single)).toMatch(/0x10008 is StreamID 0x8 with mask 0x1/);
  });
});

test('what is not known is said, with the bits that firmware needs', () => {
  expect(sizeReview(board(its(0x1_0000)), NO_SIZES).unknown).toEqual([
    { node: '/intc@8000000/its@8080000', id: 'DeviceID', highest: 0x1_ffff, bits: 17 },
    { node: '/smmuv3@9050000', id: 'StreamID', highest: 0xffff, bits: 16 },
  ]);
  expect(sizeReview(tree(virt()), NO_SIZES).unknown).toEqual([]);
});

test('a size of a node that has no such table', () => {
  const sizes = said({ streamId: [{ bits: 16, node: '/intc@8000000/its@8080000' }] });
  expect(strangers(tree(virt()), sizes)).toEqual(['/intc@8000000/its@8080000']);
  expect(strangers(tree(virt()), said({ deviceId: sizes.streamId }))).toEqual([]);
});
