/**
 * `firmware:` in a topology, and the round trip of an import: what is explained is what the model
 * gets.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Explanation } from '../../src/firmware/explanation.ts';
import {
  flatten,
  ITS_PHANDLE,
  SMMU_PHANDLE,
  virt,
  type Source,
} from '../../src/firmware/fdt/testing/trees.ts';
import { importTopology } from '../../src/firmware/topology.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { deviceTree } from '../firmware/device-tree.ts';
import { topologyYaml } from '../firmware/topology-yaml.ts';
import { loadSpecText } from './load.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doorbell-firmware-'));
  writeFileSync(join(folder, 'package.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const offsets = virt({
  pcie: {
    'msi-map': [0, ITS_PHANDLE, 0x4000, 0x10000],
    'iommu-map': [0, SMMU_PHANDLE, 0x100, 0x8000],
    'bus-range': [0, 0x7f],
  },
  root: {
    compatible: 'acme,board',
    'dma@1': { 'msi-parent': [ITS_PHANDLE, 0x12_0077], iommus: [SMMU_PHANDLE, 0x20] },
    cpus: { 'cpu@0': { device_type: 'cpu' }, 'cpu@1': { device_type: 'cpu' } },
  },
});

function load(topology: string): ReturnType<typeof loadSpecText> {
  const text = `title: t
topology:
${topology}
designs: [tracked]
steps:
  - setup: { device: nic, vectors: 1 }
    expect: { messages: { nic/0: { address: any } } }
`;
  return loadSpecText(text, { file: join(folder, 'a.spec.yaml'), root: folder });
}
function put(name: string, source: Source): string {
  writeFileSync(join(folder, name), flatten(source));
  return name;
}
function topologyOf(text: string): Topology {
  const { cases, diagnostics } = load(text);
  expect(diagnostics).toEqual([]);
  const topology = cases[0]?.topology;
  if (topology === undefined) throw new Error('no case');
  return topology;
}

describe('firmware:', () => {
  test('a device takes its wiring from its address', () => {
    const topology = topologyOf(`  firmware: ${put('board.dtb', offsets)}
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 4 }`);
    expect(topology.cpus).toBe(2);
    expect(topology.devices['nic']).toMatchObject({
      requesterId: 0x10,
      msiParent: { controller: 'its-8080000', deviceId: 0x4010 },
      iommu: { iommu: 'smmuv3-9050000', streamIds: [0x110] },
      msix: { vectors: 4 },
    });
    expect(topology.devices['dma-1']).toMatchObject({
      msiParent: { controller: 'its-8080000', deviceId: 0x12_0077 },
      iommu: { iommu: 'smmuv3-9050000', streamIds: [0x20] },
    });
    expect(topology.msiControllers['its-8080000']).toMatchObject({
      base: 0x808_0000,
      deviceIdBits: 21,
    });
  });

  test('a controller inside the bridge is one of the model', () => {
    const inside = virt({ pcie: { compatible: 'qcom,pcie-sdm845', 'msi-map': undefined } });
    const topology = topologyOf(`  firmware: ${put('inside.dtb', inside)}
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 4 }`);
    expect(topology.devices['nic']).toMatchObject({
      msiParent: { controller: 'pcie-10000000-msi' },
      iommu: { iommu: 'smmuv3-9050000', streamIds: [0x10] },
    });
    expect(topology.msiControllers['pcie-10000000-msi']).toEqual({
      kind: 'in-bridge',
      base: 0xffff_f000,
      messages: 32,
    });
  });

  const two = virt({
    root: {
      'pcie@2': {
        ...(virt()['pcie@10000000'] as Source),
        'msi-map': [0, ITS_PHANDLE, 0x8000, 0x8000],
      },
    },
  });

  test('of two bridges that hold the address one must be named', () => {
    const file = put('two.dtb', two);
    const device = (bridge: string): string =>
      `  firmware: ${file}\n  devices:\n    nic: { bus: pci, address: "00:02.0", msix: 4${bridge} }`;
    expect(load(device('')).diagnostics).toMatchObject([{ code: 'DB301', place: { line: 5 } }]);
    expect(topologyOf(device(', bridge: /pcie@2')).devices['nic']?.msiParent.deviceId).toBe(0x8010);
    expect(load(device(', bridge: /nowhere')).diagnostics).toMatchObject([{ code: 'DB301' }]);
  });

  test.each([
    ['a bus that the bridge has not', 'address: "80:00.0"', 'DB303', /bus 128/],
    ['a device that gets no MSI', 'address: "7f:00.0"', 'DB306', /no-match/],
  ])('%s', (_, address, code, message) => {
    const short = virt({
      pcie: { 'bus-range': [0, 0x7f], 'msi-map': [0, ITS_PHANDLE, 0, 0x100] },
    });
    const { cases, diagnostics } = load(`  firmware: ${put('short.dtb', short)}
  devices:
    nic: { bus: pci, ${address}, msix: 4 }`);
    expect(cases).toEqual([]);
    expect(diagnostics).toMatchObject([{ code, place: { line: 5 } }]);
    expect(diagnostics[0]?.message).toMatch(message);
  });

  test.each([
    ['no file', 'missing.dtb', /missing\.dtb/],
    ['no firmware', 'package.json', /DB617/],
    ['outside of the project', '../x.dtb', /outside|no such file/i],
  ])('%s', (_, file, message) => {
    const { diagnostics } = load(`  firmware: ${file}`);
    expect(diagnostics).toMatchObject([{ code: 'DB308', place: { line: 3 } }]);
    expect(diagnostics[0]?.message).toMatch(message);
  });

  test.each([
    [
      "a vendor's IOMMU",
      virt({ smmu: { compatible: 'mediatek,mt8195-iommu-infra' } }),
      /DMA go to \/smmuv3@9050000.*no mediatek,mt8195-iommu-infra/,
    ],
    [
      'an SMMU that does not start',
      virt({ smmu: { '#iommu-cells': 2 } }),
      /no driver binds.*\/smmuv3@9050000/,
    ],
    [
      'ranges without end',
      virt({ pcie: { 'iommu-map-mask': 0xfff9, 'msi-map-mask': 0xfff9 } }),
      /too many to list, and end before/,
    ],
  ])('%s is said to be none of the model, with the node', (_, source, message) => {
    const { cases, diagnostics } = load(`  firmware: ${put('unmodelled.dtb', source)}
  devices:
    nic: { bus: pci, address: "7f:00.0", msix: 4 }`);
    expect(cases).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'DB306', place: { line: 5, col: 31 } }]);
    expect(diagnostics[0]?.message).toMatch(message);
  });

  test('host bridges written by hand wire devices; an ID in no range of iommu-map is behind none', () => {
    const topology =
      topologyOf(`  msi-controllers: { its: { kind: gicv3-its, base: 0x0808_0000, device-id-bits: 17 } }
  iommus: { smmu: { kind: smmu-v3 } }
  host-bridges:
    pcie:
      msi-map: [{ rid: 0, length: 0x10000, controller: its, device-id: 0x1_0000 }]
      iommu-map: [{ rid: 0x100, length: 0x100, iommu: smmu, stream-id: 7, constant: true }]
  devices:
    nic: { bus: pci, address: "01:02.0", msix: 4 }
    disk: { bus: pci, address: "02:00.0", msix: 4 }
    other: { bus: pci, address: "03:00.0", msix: 4, msi-parent: its }`);
    expect(topology.devices).toMatchObject({
      nic: { msiParent: { deviceId: 0x1_0110 }, iommu: { streamIds: [7] } },
      disk: { msiParent: { deviceId: 0x1_0200 } },
      other: { msiParent: { deviceId: 0x300 } },
    });
    expect(topology.devices['disk']?.iommu).toBeUndefined();
  });

  test('bridge and a missing msi-parent need firmware', () => {
    const { diagnostics } = load(`  msi-controllers: { its: { kind: gicv3-its, base: 0x0808_0000 } }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 4, bridge: /x }`);
    expect(diagnostics.map(({ code }) => code)).toEqual(['DB202', 'DB306']);
  });
});

describe('import', () => {
  test.each<[string, Source]>([
    ['offsets', offsets],
    ['identity', virt()],
    ['no IOMMU', virt({ smmu: { status: 'disabled' } })],
    [
      'an MMU-500 with StreamIDs of 16 bits',
      virt({
        smmu: { compatible: 'arm,mmu-500' },
        pcie: { 'iommu-map': [0, SMMU_PHANDLE, 0x8000, 0x8000], 'bus-range': [0, 0x7f] },
      }),
    ],
  ])('%s: the model gets the IDs that explain tells', (_, source) => {
    const firmware = deviceTree(flatten(source));
    const rids = [0x8, 0x10, 0x100];
    const explained = firmware.explain({ era: '6.12', rids });
    const yaml = topologyYaml(
      importTopology(firmware.explain({ era: '6.12' }), explained.bridges),
      'a board',
    );
    writeFileSync(join(folder, 'imported.yaml'), yaml);
    const topology = topologyOf(`  include: imported.yaml
  devices:
    nic: { bus: pci, address: "20:00.0", msix: 1, msi-parent: its-8080000 }`);
    const pci = Object.values(topology.devices).filter(
      (device) => device.bus === 'pci' && rids.includes(device.requesterId),
    );
    expect(pci).toHaveLength(3);
    for (const device of pci) {
      if (device.bus !== 'pci') continue;
      expect([device.msiParent.deviceId, device.iommu?.streamIds[0]]).toEqual(
        idsOf(explained, device.requesterId),
      );
    }
  });

  test('names of nodes cannot end a comment', () => {
    const evil = virt({ root: { 'x@1\n- evil: yes': { 'msi-parent': [ITS_PHANDLE, 1] } } });
    const explained = deviceTree(flatten(evil)).explain({ era: '6.12' });
    const yaml = topologyYaml(importTopology(explained), 'a\nb');
    expect(yaml).not.toMatch(/^- evil/m);
    expect(yaml).toContain('x-1-evil-yes:');
  });
});

function idsOf({ bridges }: Explanation, rid: number): (number | undefined)[] {
  const msi = bridges[0]?.msi.find((each) => each.rid === rid);
  const iommu = bridges[0]?.iommu.find((each) => each.rid === rid);
  return [
    msi !== undefined && 'controller' in msi ? msi.deviceId : undefined,
    iommu !== undefined && 'iommu' in iommu ? iommu.streamId : undefined,
  ];
}
