/**
 * What booted Linux 6.1 and 6.12 were seen to do with QEMU's virt tree and one property changed at
 * a time: groups, DeviceIDs and StreamIDs of devices at RIDs 0x8 and 0x100.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Era, Explanation } from '../explanation.ts';
import { explainTree, requesterOf } from './explain.ts';
import {
  ITS_PHANDLE,
  SMMU_PHANDLE,
  treeOf,
  V2M_PHANDLE,
  virt,
  type Source,
} from './testing/trees.ts';

const explain = (source: Source, era: Era = '6.12', rids?: number[]): Explanation =>
  explainTree(treeOf(source), rids === undefined ? { era } : { era, rids });

/** `0x8`, or why not; MSI then IOMMU. */
function ids(source: Source, rid = 8, era: Era = '6.12'): (number | string | undefined)[] {
  const bridge = explain(source, era, [rid]).bridges[0];
  const [msi, iommu] = [bridge?.msi[0], bridge?.iommu[0]];
  return [
    msi && ('none' in msi ? msi.none : msi.deviceId),
    iommu && ('bypass' in iommu ? iommu.bypass : iommu.streamId),
  ];
}
const pcie = (change: Source): Source => virt({ pcie: change });

describe('one property changed', () => {
  test.each<[string, Source, (number | string)[], (number | string)[]]>([
    ['nothing', virt(), [8, 8], [0x100, 0x100]],
    [
      'offsets',
      pcie({
        'msi-map': [0, ITS_PHANDLE, 0x4000, 0x10000],
        'iommu-map': [0, SMMU_PHANDLE, 0x100, 0x8000],
      }),
      [0x4008, 0x108],
      [0x4100, 0x200],
    ],
    [
      'no maps',
      pcie({ 'msi-map': undefined, 'iommu-map': undefined }),
      ['no-map', 'no-map'],
      ['no-map', 'no-map'],
    ],
    [
      'three cells',
      pcie({ 'msi-map': [0, ITS_PHANDLE, 0], 'iommu-map': [0, SMMU_PHANDLE, 0] }),
      ['bad-length', 'bad-length'],
      ['bad-length', 'bad-length'],
    ],
    [
      'a phandle of no node',
      pcie({ 'msi-map': [0, 0x7777, 0, 0x10000], 'iommu-map': [0, 0x7777, 0, 0x10000] }),
      ['bad-phandle', 'bad-phandle'],
      ['bad-phandle', 'bad-phandle'],
    ],
    [
      'ranges elsewhere',
      pcie({ 'msi-map': [0x1000, ITS_PHANDLE, 0, 16], 'iommu-map': [0x1000, SMMU_PHANDLE, 0, 16] }),
      ['no-match', 'no-match'],
      ['no-match', 'no-match'],
    ],
    [
      'base + length wraps',
      pcie({ 'msi-map': [8, ITS_PHANDLE, 8, 0xffff_ffff] }),
      ['no-match', 8],
      ['no-match', 0x100],
    ],
    [
      'a base outside of the mask',
      pcie({ 'msi-map': [0x10, ITS_PHANDLE, 0, 0x10000], 'msi-map-mask': 0xff00 }),
      ['base-outside-mask', 8],
      ['base-outside-mask', 0x100],
    ],
    ['an empty mask is none', pcie({ 'msi-map-mask': true }), [8, 8], [0x100, 0x100]],
    [
      'a mask without functions',
      pcie({ 'msi-map-mask': 0xfff8, 'iommu-map-mask': 0xff00 }),
      [8, 0],
      [0x100, 0x100],
    ],
    ['SMMU status fail', virt({ smmu: { status: 'fail' } }), [8, 'disabled'], [0x100, 'disabled']],
    ['SMMU status ""', virt({ smmu: { status: '' } }), [8, 'disabled'], [0x100, 'disabled']],
    [
      'ITS without msi-controller',
      virt({ its: { 'msi-controller': undefined } }),
      ['no-msi-controller', 8],
      ['no-msi-controller', 0x100],
    ],
    [
      'msi-parent with its cell: the RID is the DeviceID',
      pcie({ 'msi-map': undefined, 'msi-parent': [ITS_PHANDLE, 0x123] }),
      [8, 8],
      [0x100, 0x100],
    ],
    [
      'msi-parent without its cell',
      pcie({ 'msi-map': undefined, 'msi-parent': ITS_PHANDLE }),
      ['too-few-cells', 8],
      ['too-few-cells', 0x100],
    ],
    [
      'msi-parent without its cell, beside a map of one RID',
      pcie({ 'msi-map': [0x100, ITS_PHANDLE, 0x500, 1], 'msi-parent': ITS_PHANDLE }),
      ['no-match', 8],
      [0x500, 0x100],
    ],
    [
      'msi-parent: the first with a domain',
      pcie({ 'msi-map': undefined, 'msi-parent': [SMMU_PHANDLE, ITS_PHANDLE, 0] }),
      [8, 8],
      [0x100, 0x100],
    ],
  ])('%s', (_, source, at8, at100) => {
    for (const era of ['6.1', '6.12'] as const) {
      expect([era, ...ids(source, 8, era)]).toEqual([era, ...at8]);
      expect([era, ...ids(source, 0x100, era)]).toEqual([era, ...at100]);
    }
  });

  test('an SMMUv3 with two cells works on 6.1 and keeps devices from binding on 6.12', () => {
    const two = virt({ smmu: { '#iommu-cells': 2 } });
    expect(ids(two, 8, '6.1')).toEqual([8, 8]);
    expect(ids(two, 8, '6.12')).toEqual([8, 'bad-cells']);
  });

  test('7.x: unknown phandles count when met, an empty map matches nothing, nothing wraps', () => {
    const first = pcie({ 'msi-map': [0x100, 0x7777, 0, 1, 0, ITS_PHANDLE, 0, 0x10000] });
    expect(ids(first, 8, '6.12')[0]).toBe(8);
    expect(ids(first, 8, '7.x')[0]).toBe('bad-phandle');
    const empty = pcie({ 'msi-map': true });
    expect(ids(empty, 8, '6.12')[0]).toBe('bad-length');
    expect(ids(empty, 8, '7.x')[0]).toBe('no-match');
    const wraps = pcie({ 'msi-map': [8, ITS_PHANDLE, 8, 0xffff_ffff] });
    expect(ids(wraps, 8, '7.x')[0]).toBe(8);
  });

  test('7.x: entries have as many cells as their target asks for, and then only single IDs', () => {
    const smmu = { compatible: 'arm,mmu-500', '#iommu-cells': 2 };
    const single = virt({ smmu, pcie: { 'iommu-map': [8, SMMU_PHANDLE, 0x40, 0x7f, 1] } });
    const iommu = explain(single, '7.x', [8]).bridges[0]?.iommu[0];
    expect(iommu).toMatchObject({ streamId: 0x40, mask: 0x7f });
    expect(ids(single, 9, '7.x')[1]).toBe('no-match');
    const range = virt({ smmu, pcie: { 'iommu-map': [0, SMMU_PHANDLE, 0, 0, 0x10000] } });
    expect(ids(range, 8, '7.x')[1]).toBe('bad-cells');
    const old = virt({ smmu, pcie: { 'iommu-map': [8, SMMU_PHANDLE, 0x40, 1] } });
    expect(ids(old, 8, '7.x')[1]).toBe(0x40);
  });
});

describe('controllers', () => {
  const frame = (change: Source = {}): Source => ({
    compatible: 'arm,gic-v2m-frame',
    'msi-controller': true,
    reg: [0, 0x8020000, 0, 0x1000],
    phandle: V2M_PHANDLE,
    ...change,
  });
  const gicv2 = (frames: Source, pcieChange: Source = {}): Source =>
    virt({
      gic: { compatible: 'arm,cortex-a15-gic', ...frames },
      its: { status: 'disabled' },
      pcie: { 'msi-map': undefined, 'msi-parent': V2M_PHANDLE, ...pcieChange },
    });
  const controllerOf = (source: Source): unknown => {
    const msi = explain(source, '6.12', [8]).bridges[0]?.msi[0];
    return msi && ('none' in msi ? msi.none : [msi.controller, msi.doorbell]);
  };

  test('a GICv2m frame: the status does not count, msi-controller does', () => {
    const path = '/intc@8000000/v2m@8020000';
    expect(controllerOf(gicv2({ 'v2m@8020000': frame() }))).toEqual([path, 0x802_0040n]);
    const disabled = gicv2({ 'v2m@8020000': frame({ status: 'disabled' }) });
    expect(controllerOf(disabled)).toEqual([path, 0x802_0040n]);
    const without = gicv2({ 'v2m@8020000': frame({ 'msi-controller': undefined }) });
    expect(controllerOf(without)).toBe('no-msi-controller');
  });

  test('the MSI domain of all frames is at the first', () => {
    const two = gicv2({
      'v2m@8010000': frame({ phandle: 0x9000, reg: [0, 0x8010000, 0, 0x1000] }),
      'v2m@8020000': frame(),
    });
    expect(controllerOf(two)).toBe('not-first-frame');
  });

  test('an ITS in front of its GIC in the tree is not found', () => {
    const its = (virt()['intc@8000000'] as Source)['its@8080000'] as Source;
    const { 'intc@8000000': gic, ...rest } = virt() as Record<string, Source>;
    const early = { ...rest, 'its@8080000': its, 'intc@8000000': { ...gic, 'its@8080000': {} } };
    expect(ids(early)[0]).toBe('wrong-place');
  });

  test('MBIs of a GICv3', () => {
    const mbi = virt({
      gic: { 'msi-controller': true, 'mbi-ranges': [0x40, 0x20] },
      pcie: { 'msi-map': [0, 0x8002, 0, 0x10000] },
    });
    expect(controllerOf(mbi)).toEqual(['/intc@8000000', 0x800_0040n]);
    expect(explain(mbi).controllers[0]?.spis).toEqual([[0x40, 0x20]]);
  });

  test('the controller inside a DesignWare bridge, unless a map leads elsewhere', () => {
    const inside = pcie({ compatible: 'qcom,pcie-sm8450-pcie0', 'msi-map': undefined });
    expect(controllerOf(inside)).toEqual(['/pcie@10000000', undefined]);
    const elsewhere = pcie({
      compatible: 'qcom,pcie-sm8450-pcie0',
      'msi-map': [0x100, ITS_PHANDLE, 0, 1],
    });
    expect(controllerOf(elsewhere)).toBe('no-match');
    const self = pcie({
      'msi-map': undefined,
      phandle: 7,
      'msi-parent': 7,
      'msi-controller': true,
    });
    expect(controllerOf(self)).toEqual(['/pcie@10000000', undefined]);
  });
});

describe('platform devices', () => {
  test('DeviceIDs, StreamIDs and masks', () => {
    const source = virt({
      smmu: { compatible: 'arm,mmu-500', '#iommu-cells': 2 },
      root: { 'dma@1': { iommus: [SMMU_PHANDLE, 0x20, 0x1f], 'msi-parent': [ITS_PHANDLE, 0x77] } },
    });
    const [device] = explain(source).platform;
    expect(device).toMatchObject({
      path: '/dma@1',
      msi: [{ controller: '/intc@8000000/its@8080000', deviceId: 0x77 }],
      iommu: [{ iommu: '/smmuv3@9050000', streamId: 0x20, mask: 0x1f }],
    });
  });

  test('an ITS that asks for no cell has no DeviceID to give', () => {
    const source = virt({
      its: { '#msi-cells': 0 },
      root: { 'dma@1': { 'msi-parent': ITS_PHANDLE } },
    });
    expect(explain(source).platform[0]?.msi).toMatchObject([{ none: 'bad-cells' }]);
  });

  test('nodes below a host bridge are PCI devices', () => {
    const source = pcie({ 'nic@1,0': { reg: [0x0800, 0, 0, 0, 0] } });
    expect(explain(source).platform).toEqual([]);
    expect(requesterOf(treeOf(source), '/pcie@10000000/nic@1,0')).toEqual({
      bridge: '/pcie@10000000',
      rid: 8,
    });
  });
});

/** Ranges must say of each RID what asking for it alone says. */
test('ranges agree with single RIDs, for any map and mask', () => {
  const cell = fc.oneof(fc.nat(0x20), fc.nat(0x1_ffff), fc.constant(0xffff_ffff));
  const entry = fc.tuple(cell, fc.constantFrom(ITS_PHANDLE, SMMU_PHANDLE, 0x7777), cell, cell);
  const mask = fc.option(fc.constantFrom(0, 0xff00, 0xfff8, 0x31f, 0xffff, 0x1fff0, 7), {
    nil: undefined,
  });
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 4 }),
      mask,
      fc.constantFrom<Era>('6.1', '6.12', '7.x'),
      fc.array(fc.nat(0xffff), { minLength: 4, maxLength: 12 }),
      (entries, bits, era, rids) => {
        const source = pcie({
          'iommu-map': entries.flat().length === 0 ? true : entries.flat(),
          'iommu-map-mask': bits,
          'msi-map': entries.flat().length === 0 ? true : entries.flat(),
          'msi-map-mask': bits,
        });
        const ranges = explain(source, era).bridges[0];
        const asked = [...new Set([...rids, ...entries.map(([base]) => base & 0xffff)])];
        const singles = explain(source, era, asked).bridges[0];
        for (const list of ['msi', 'iommu'] as const)
          for (const single of singles?.[list] ?? []) {
            const range = ranges?.[list].find(
              (r) => r.rid <= single.rid && single.rid <= r.lastRid,
            );
            if (range === undefined) {
              expect(ranges?.truncated).toBe(true);
              continue;
            }
            expect(wordOf(range, single.rid)).toEqual(wordOf(single, single.rid));
          }
      },
    ),
    {
      numRuns: 300,
      // Ranges that once went on where a map's entry wraps.
      examples: [
        [
          [
            [4, ITS_PHANDLE, 0, 0xffff_ffff],
            [1, ITS_PHANDLE, 0xffff_ffff, 1],
          ],
          0x31f,
          '6.1',
          [2, 0, 0, 0, 0],
        ],
      ],
    },
  );
});

function wordOf(answer: object, rid: number): unknown[] {
  const all = answer as Record<string, unknown>;
  const id = (all['deviceId'] ?? all['streamId']) as number | undefined;
  const moved = all['constant'] === true ? 0 : rid - (all['rid'] as number);
  const why = all['none'] ?? all['bypass'];
  if (why !== undefined) return [why, all['at']];
  return [all['controller'] ?? all['iommu'], id === undefined ? id : (id + moved) >>> 0];
}
