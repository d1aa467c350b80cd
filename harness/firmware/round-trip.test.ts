/** What explain says of firmware it says of the topology that import makes of it, too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ERAS } from '../../src/firmware/explanation.ts';
import {
  flatten,
  ITS_PHANDLE,
  SMMU_PHANDLE,
  type Source,
  V2M_PHANDLE,
  virt,
} from '../../src/firmware/fdt/testing/trees.ts';
import { importTopology } from '../../src/firmware/topology.ts';
import { SourceFile } from '../spec/source-file.ts';
import { deviceTree } from './device-tree.ts';
import { openFirmware } from './open.ts';
import { roundTrip } from './testing/round-trip.ts';
import { topologyIn } from './topology-file.ts';
import { topologyYaml } from './topology-yaml.ts';

const EXAMPLES = join(__dirname, '../../docs/examples');
const ITS_MAP = [0, ITS_PHANDLE, 0, 0x10000];

const frame: Source = {
  compatible: 'arm,gic-v2m-frame',
  'msi-controller': true,
  reg: [0, 0x8020000, 0, 0x1000],
  'arm,msi-base-spi': 80,
  'arm,msi-num-spis': 64,
  phandle: V2M_PHANDLE,
};
const TREES: readonly (readonly [string, Source])[] = [
  ['identity', virt()],
  [
    'offsets, gaps and a bus range',
    virt({
      pcie: {
        'bus-range': [1, 7],
        'linux,pci-domain': 3,
        'msi-map': [0x100, ITS_PHANDLE, 0x1_4000, 0x80, 0x200, ITS_PHANDLE, 0x2_0000, 0x100],
        'iommu-map': [0x100, SMMU_PHANDLE, 0x7000, 0x200],
      },
    }),
  ],
  [
    'masks',
    virt({
      pcie: {
        'msi-map': ITS_MAP,
        'msi-map-mask': 0xff00,
        'iommu-map-mask': 0xf00f,
        'bus-range': [0, 1],
      },
    }),
  ],
  [
    'broken maps',
    virt({ pcie: { 'msi-map': [0, 0x7777, 0, 0x100], 'iommu-map': [0, SMMU_PHANDLE, 0] } }),
  ],
  [
    'a disabled ITS and a reserved SMMU',
    virt({ its: { status: 'disabled' }, smmu: { status: 'reserved' } }),
  ],
  ['no word', virt({ pcie: { 'msi-map': undefined, 'iommu-map': undefined } })],
  ['a bridge that is off', virt({ pcie: { status: 'disabled' } })],
  [
    'a controller inside the bridge',
    virt({ pcie: { compatible: 'qcom,pcie-sdm845', 'msi-map': undefined } }),
  ],
  [
    'an IOMMU that the model has not',
    virt({ smmu: { compatible: 'mediatek,mt8195-iommu-infra' } }),
  ],
  [
    'an SMMUv2 with a mask',
    virt({ smmu: { compatible: 'arm,mmu-500', 'stream-match-mask': 0x7f } }),
  ],
  [
    'GICv2m',
    virt({
      gic: { compatible: 'arm,gic-400', 'v2m@8020000': frame },
      its: { compatible: 'none', 'msi-controller': undefined },
      pcie: { 'msi-map': [0, V2M_PHANDLE, 0, 0x10000] },
    }),
  ],
  [
    'MBI with an alias',
    virt({
      gic: { 'msi-controller': true, 'mbi-ranges': [64, 32, 128, 16], 'mbi-alias': [0, 0x8010000] },
      pcie: { 'msi-map': undefined, 'msi-parent': 0x8002 },
    }),
  ],
  ['a pre-ITS', virt({ its: { 'socionext,synquacer-pre-its': [0x1000000, 0x400000] } })],
  [
    'platform devices',
    virt({
      root: {
        'dma@1': { 'msi-parent': [ITS_PHANDLE, 0x12_0077], iommus: [SMMU_PHANDLE, 0x20] },
        'two@2': { 'msi-parent': [ITS_PHANDLE, 5], iommus: [SMMU_PHANDLE, 1, SMMU_PHANDLE, 2] },
      },
    }),
  ],
  [
    'odd names',
    virt({ root: { model: 'a "b"\n# c: é', 'x@1: - [': { 'msi-parent': [ITS_PHANDLE, 1] } } }),
  ],
];

describe.each(ERAS)('%s', (era) => {
  test.each(TREES)('%s', (_, source) => {
    const { differences, requesters } = roundTrip(deviceTree(flatten(source)).explain({ era }));
    expect(differences).toEqual([]);
    expect(requesters).toBeGreaterThan(0);
  });

  test.each(['laptop.dtb', 'board.acpidump'])('%s', (file) => {
    const firmware = openFirmware(join(EXAMPLES, file));
    if ('code' in firmware) throw new Error(firmware.message);
    const { differences, devices } = roundTrip(firmware.explain({ era }));
    expect(differences).toEqual([]);
    expect(devices).toBe(1);
  });
});

test('a part that is changed by hand is seen', () => {
  const explanation = deviceTree(readFileSync(join(EXAMPLES, 'laptop.dtb'))).explain({
    era: '6.12',
  });
  const text = topologyYaml(importTopology(explanation), 'a laptop').replace(
    'base: 0x0808_0000',
    'base: 0x0809_0000',
  );
  const opened = topologyIn(new SourceFile('a.yaml', '/a.yaml', text), '/');
  if (Array.isArray(opened)) throw new Error(opened[0]?.message);
  const [bridge] = opened.explain({ era: '6.12', rids: [0x100] }).bridges;
  expect(bridge?.msi).toMatchObject([{ deviceId: 0x1_0100, doorbell: 0x80a_0040n }]);
});

test.each([
  ['unknown words', 'cpus: 1\ncpsu: 2\n', 'DB201', 2],
  ['a reason that is none', bridge('none: because'), 'DB204', 4],
  ['a controller that is not there', bridge('controller: its'), 'DB301', 4],
  ['a length beyond all IDs', bridge('none: no-map, length: 0x1_0000_0000'), 'DB303', 4],
])('of a topology file: %s', (_, text, code, line) => {
  const opened = topologyIn(new SourceFile('a.yaml', '/a.yaml', text), '/');
  expect(opened).toMatchObject([{ code, place: { file: 'a.yaml', line } }]);
});
function bridge(entry: string): string {
  return `host-bridges:\n  pcie:\n    msi-map:\n      - { rid: 8, ${entry} }\n`;
}
