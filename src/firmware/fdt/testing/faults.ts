/**
 * Trees with one fault each, by the rules that they break: for tests, and for
 * docs/firmware-findings.md.
 */
import { ITS_PHANDLE, SMMU_PHANDLE, V2M_PHANDLE, virt, type Source } from './trees.ts';

const pcie = (change: Source): Source => virt({ pcie: change });
const identity = (phandle: number): number[] => [0, phandle, 0, 0x10000];

const frame = (phandle: number, at: number, base: number, count: number): Source => ({
  compatible: 'arm,gic-v2m-frame',
  'msi-controller': true,
  reg: [0, at, 0, 0x1000],
  phandle,
  'arm,msi-base-spi': base,
  'arm,msi-num-spis': count,
});
/** Two GICv2m frames, of which the bridge goes to the second: its SPIs begin at `base`. */
export const twoFrames = (base: number, count: number): Source =>
  virt({
    gic: {
      compatible: 'arm,gic-400',
      'v2m@8020000': frame(V2M_PHANDLE, 0x8020000, 64, 32),
      'v2m@8030000': frame(0x9000, 0x8030000, base, count),
    },
    its: { compatible: 'none', 'msi-controller': undefined },
    pcie: { 'msi-map': identity(0x9000) },
  });

/** What the tree is, the tree, and what `treeFindings` says of it. */
export const FAULTS: readonly (readonly [string, Source, readonly string[]])[] = [
  ['a map of three cells', pcie({ 'msi-map': [0, ITS_PHANDLE, 0] }), ['error broken-map']],
  ['an unknown phandle', pcie({ 'iommu-map': identity(0x7777) }), ['error broken-map']],
  [
    'a base outside of the mask',
    pcie({ 'msi-map': [0x10, ITS_PHANDLE, 0, 0x10000], 'msi-map-mask': 0xff00 }),
    ['error broken-map'],
  ],
  ['a map to no controller', pcie({ 'msi-map': identity(SMMU_PHANDLE) }), ['error msi-map-target']],
  ['a map to no IOMMU', pcie({ 'iommu-map': identity(ITS_PHANDLE) }), ['error iommu-map-target']],
  ['a disabled ITS', virt({ its: { status: 'disabled' } }), ['error msi-map-target']],
  ['a reserved SMMU', virt({ smmu: { status: 'reserved' } }), ['warning iommu-disabled']],
  [
    'a status that is none',
    virt({ smmu: { status: 'enabled' } }),
    ['error odd-status', 'warning iommu-disabled'],
  ],
  [
    'an ITS without msi-controller',
    virt({ its: { 'msi-controller': undefined } }),
    ['error ignored-controller', 'error msi-map-target'],
  ],
  [
    'an ITS without its second frame',
    virt({ its: { reg: [0, 0x8080000, 0, 0x10000] } }),
    ['warning doorbell-outside'],
  ],
  ['an SMMUv3 of two cells', virt({ smmu: { '#iommu-cells': 2 } }), ['error smmu-v3-cells']],
  [
    'ranges that overlap',
    pcie({ 'msi-map': [0, ITS_PHANDLE, 0, 0x200, 0x100, ITS_PHANDLE, 0x800, 0xff00] }),
    ['warning map-overlap'],
  ],
  [
    'a range of no ID',
    pcie({ 'msi-map': [0, ITS_PHANDLE, 0, 0, ...identity(ITS_PHANDLE)] }),
    ['note empty-range'],
  ],
  [
    'a length that is the last ID',
    pcie({ 'msi-map': [0, ITS_PHANDLE, 0, 0xffff] }),
    ['warning short-by-one', 'note msi-map-partial'],
  ],
  [
    'a map of one RID in front of an SMMU',
    pcie({ 'iommu-map': [0, SMMU_PHANDLE, 0, 1] }),
    ['warning iommu-map-partial'],
  ],
  [
    'a map of no RID of the bus range',
    pcie({ 'msi-map': [0x1000, ITS_PHANDLE, 0, 0x10], 'bus-range': [0, 1] }),
    ['error msi-map-partial'],
  ],
  [
    'an ITS without its cell',
    pcie({ 'msi-map': undefined, 'msi-parent': ITS_PHANDLE }),
    ['error msi-parent'],
  ],
  ['no word about MSIs', pcie({ 'msi-map': undefined }), ['note bridge-without-msi']],
  ['functions with one StreamID', pcie({ 'iommu-map-mask': 0xff00 }), ['note streams-shared']],
  ['functions with one DeviceID', pcie({ 'msi-map-mask': 0xfff8 }), ['note itt-too-small']],
  [
    'two ranges with the same DeviceIDs',
    pcie({ 'msi-map': [0, ITS_PHANDLE, 0, 0x101, 0x101, ITS_PHANDLE, 0x100, 0xfeff] }),
    ['warning itt-too-small'],
  ],
  [
    'ranges whose DeviceIDs touch',
    pcie({ 'msi-map': [0, ITS_PHANDLE, 0x100, 0x100, 0x100, ITS_PHANDLE, 0, 0x100] }),
    ['note msi-map-partial'],
  ],
  [
    'two bridges with the same DeviceIDs and StreamIDs',
    virt({ root: { 'pcie@2': { ...(virt()['pcie@10000000'] as Source) } } }),
    ['warning device-ids-shared', 'warning stream-ids-shared'],
  ],
  [
    'a platform device with the DeviceID of a PCI device',
    virt({ root: { 'dma@1': { 'msi-parent': [ITS_PHANDLE, 8] } } }),
    ['warning device-ids-shared'],
  ],
  [
    'a platform device behind a disabled IOMMU',
    virt({ smmu: { status: 'disabled' }, root: { 'dma@1': { iommus: [SMMU_PHANDLE, 1] } } }),
    ['warning iommu-disabled', 'note iommus-disabled'],
  ],
  [
    'a platform device that names no IOMMU',
    virt({ root: { 'dma@1': { iommus: [ITS_PHANDLE, 1] } } }),
    ['error iommus-broken'],
  ],
  [
    'a platform device that names no controller',
    virt({ root: { 'dma@1': { 'msi-parent': [0x7777, 1] } } }),
    ['error platform-msi'],
  ],
  [
    'a phandle twice',
    virt({ root: { 'x@1': { phandle: ITS_PHANDLE } } }),
    ['warning phandle-twice'],
  ],
  [
    'the SMMUs of Hip07',
    virt({ root: { compatible: ['hisilicon,hip07-d05'] } }),
    ['warning hw-msi-erratum'],
  ],
  [
    'those of Hip07 in front of nobody who writes MSIs',
    virt({ root: { compatible: ['hisilicon,hip07-d05'] }, pcie: { 'iommu-map': undefined } }),
    [],
  ],
  [
    'no StreamID for the root port of a bridge with MSIs inside',
    pcie({
      compatible: 'qcom,pcie-msm8996',
      'msi-map': undefined,
      'iommu-map': [0x100, SMMU_PHANDLE, 0, 1],
    }),
    ['note iommu-map-partial'],
  ],
  [
    'a virtio-iommu, whose own RID the map leaves out',
    virt({
      pcie: {
        'iommu-map': [0, 0x9000, 0, 8, 9, 0x9000, 9, 0xfff7],
        'virtio-iommu@1,0': {
          compatible: 'virtio,pci-iommu',
          '#iommu-cells': 1,
          reg: [0x800, 0, 0, 0, 0],
          phandle: 0x9000,
        },
      },
    }),
    [],
  ],
  [
    'an ITS behind a pre-ITS',
    virt({ its: { 'socionext,synquacer-pre-its': [0x100_0000, 0x40_0000] } }),
    ['note pre-its'],
  ],
  ['a map to the second of two GICv2m frames', twoFrames(96, 32), ['error msi-map-target']],
  ['SPIs of two frames', twoFrames(80, 32), ['error spis-twice', 'error msi-map-target']],
  ['SPIs that there are not', twoFrames(1010, 32), ['error invalid-spis', 'error msi-map-target']],
];

/** Tables too small for an ID: what `sizeReview` says. */
export const SMALL: readonly (readonly [string, Source])[] = [
  [
    'DeviceIDs beyond the 16 bits of a virtual ITS',
    pcie({ 'msi-map': [0, ITS_PHANDLE, 0x1_0000, 0x1_0000] }),
  ],
  [
    "StreamIDs beyond Linux's stream table",
    virt({
      root: { compatible: 'acme,board' },
      pcie: { 'iommu-map': [0, SMMU_PHANDLE, 0x200_0000, 0x1_0000] },
    }),
  ],
  [
    'StreamIDs beyond the 16 bits of an SMMUv2',
    virt({
      smmu: { compatible: 'arm,mmu-500' },
      pcie: { 'iommu-map': [0, SMMU_PHANDLE, 1, 0x1_0000] },
    }),
  ],
];
