/** The form that both halves fill: what a person reads, and what the JSON has. */
import { describe, expect, test } from '@jest/globals';
import { explanationJson } from '../explanation-json.ts';
import { explainAcpi } from './explain.ts';
import { readMachine } from './machine.ts';
import {
  writeIort,
  writeMadt,
  writeMcfg,
  type MadtSpec,
  type NodeSpec,
} from './testing/write-tables.ts';

const NODES: readonly NodeSpec[] = [
  { kind: 'its', ids: [0] },
  { kind: 'smmu-v3', base: 0x905_0000n, maps: [{ to: 0, output: 0x2000 }] },
  {
    kind: 'rc',
    maps: [
      { count: 0x400, to: 1 },
      { input: 0x400, output: 0x400, count: 0x3ff, to: 0 },
    ],
  },
  { kind: 'named', path: '\\_SB_.COM0', maps: [{ to: 1, output: 0x42, single: true }] },
  { kind: 'smmu', base: 0x906_0000n, model: 9 },
];

function explain(madt: MadtSpec, rids?: readonly number[], nodes = NODES) {
  const machine = readMachine([
    { name: 'IORT', bytes: writeIort(nodes, { oemId: 'ACME', oemTableId: 'BOARD' }) },
    { name: 'APIC', bytes: writeMadt(madt) },
    {
      name: 'MCFG',
      bytes: writeMcfg([
        [0x40_1000_0000n, 0, 0, 0x0f],
        [0x50_0000_0000n, 3, 0x10, 0x1f],
      ]),
    },
  ]);
  return explainAcpi(machine, { era: '6.12', ...(rids === undefined ? {} : { rids }) });
}

describe('explainAcpi', () => {
  const gic3: MadtSpec = { cpus: 3, its: [[0, 0x808_0000n]], frames: [[0x802_0000n, 80, 64]] };
  const whole = explain(gic3);

  test('the machine', () => {
    expect(whole.source).toEqual({ kind: 'acpi', era: '6.12', title: 'ACME BOARD', cpus: 3 });
    expect(whole.controllers).toMatchObject([
      { kind: 'gicv3-its', name: 'its0', base: 0x808_0000n, doorbell: 0x809_0040n },
      { kind: 'gicv2m', name: 'gicv2m@0x8020000', unused: 'beside-its', spis: [[80, 64]] },
    ]);
    expect(whole.iommus).toMatchObject([
      { path: 'IORT/smmu-v3@72', kind: 'smmu-v3', name: 'smmuv3@0x9050000', base: 0x905_0000n },
      { kind: 'smmu-v2', unused: 'no-driver' },
    ]);
  });

  test('ranges cover the buses of the MCFG; a segment without a root complex has nothing', () => {
    const [first, second] = whole.bridges;
    expect(first).toMatchObject({ path: 'IORT/root-complex@160', segment: 0, busRange: [0, 0x0f] });
    expect(first?.msi).toMatchObject([
      { rid: 0, lastRid: 0x3ff, controller: whole.controllers[0]?.path, deviceId: 0x2000 },
      { rid: 0x400, lastRid: 0x7ff, deviceId: 0x400, doorbell: 0x809_0040n },
      { rid: 0x800, lastRid: 0xfff, none: 'no-match', at: 'IORT/root-complex@160' },
    ]);
    expect(first?.iommu).toMatchObject([
      { rid: 0, lastRid: 0x3ff, iommu: 'IORT/smmu-v3@72', streamId: 0 },
      { rid: 0x400, lastRid: 0x7ff, bypass: 'no-smmu', at: 'IORT/its-group@48' },
      { rid: 0x800, lastRid: 0xfff, bypass: 'no-match' },
    ]);
    expect(second).toMatchObject({
      path: 'MCFG/segment@3',
      busRange: [0x10, 0x1f],
      msi: [{ rid: 0x1000, lastRid: 0x1fff, none: 'no-root-complex' }],
      iommu: [{ bypass: 'no-root-complex' }],
    });
  });

  test('each mapping that decided is a stage, and what Linux passed over is said', () => {
    const [bridge] = explain(gic3, [0x8, 0x400]).bridges;
    const says = (which: number): string[] =>
      (bridge?.msi[which]?.stages ?? []).map(({ node, says: text }) => `${node}: ${text}`);
    expect(bridge?.msi.map(({ rid, lastRid }) => [rid, lastRid])).toEqual([
      [8, 8],
      [0x400, 0x400],
    ]);
    expect(says(0)).toEqual([
      'IORT/root-complex@160: RID 0x8 -> StreamID 0x8 at smmuv3@0x9050000',
      'IORT/smmu-v3@72: StreamID 0x8 -> DeviceID 0x2008 at ITS group (0)',
      `${whole.controllers[0]?.path ?? ''}: its0 at 0x8080000`,
    ]);
    expect(says(1)[0]).toBe(
      'IORT/root-complex@160: RID 0x400 -> DeviceID 0x400 at ITS group (0); mapping 0 (0x0..0x400 -> 0x0) takes it too, and Linux passes it over',
    );
  });

  test('a platform device has its path in the namespace', () => {
    expect(whole.platform).toMatchObject([
      {
        path: '\\_SB_.COM0',
        msi: [{ deviceId: 0x2042 }],
        iommu: [{ iommu: 'IORT/smmu-v3@72', streamId: 0x42 }],
      },
    ]);
    expect(whole.platform[0]?.msi[0]).not.toHaveProperty('constant');
  });

  test('a GICv2: the frame, and what the IORT said instead', () => {
    const { bridges, controllers } = explain({ gic: 2, frames: [[0x802_0000n, 80, 64]] }, [8]);
    expect(controllers).toMatchObject([{ kind: 'gicv2m', spis: [[80, 64]] }]);
    expect(controllers[0]).not.toHaveProperty('unused');
    const [answer] = bridges[0]?.msi ?? [];
    expect(answer).toMatchObject({ controller: controllers[0]?.path, doorbell: 0x802_0040n });
    expect(answer?.stages.map(({ says }) => says)).toContain(
      'the MADT has no ITS with the ID that the group names: its0 (DeviceID 0x2008)',
    );
  });

  test('an SMMU with the erratum of Hi161x: messages have the physical address', () => {
    const nodes = NODES.map((node) => (node.kind === 'smmu-v3' ? { ...node, model: 1 } : node));
    const [answer] = explain(gic3, [8], nodes).bridges[0]?.iommu ?? [];
    expect(answer).toMatchObject({ streamId: 8, hwMsi: true });
    expect(whole.bridges[0]?.iommu[0]).not.toHaveProperty('hwMsi');
  });

  test('no MSI: what a root port may still give is said', () => {
    const [answer] = explain(gic3, [0x900]).bridges[0]?.msi ?? [];
    expect(answer?.stages.at(-1)?.says).toMatch(/behind a root port that has an MSI domain/);
  });

  test('JSON has IDs and addresses as 0x strings', () => {
    const text = JSON.stringify(explanationJson(explain(gic3, [0x8])));
    expect(text).toContain('"rid":"0x8","lastRid":"0x8"');
    expect(text).toContain('"deviceId":"0x2008","doorbell":"0x8090040"');
  });

  test('a last bus before the first is one bus', () => {
    const mcfg = writeMcfg([[0x40_1000_0000n, 0, 5, 3]]);
    const machine = readMachine([
      { name: 'IORT', bytes: writeIort(NODES) },
      { name: 'MCFG', bytes: mcfg },
    ]);
    const [bridge] = explainAcpi(machine, { era: '6.12' }).bridges;
    expect(bridge?.busRange).toEqual([5, 5]);
    expect(bridge?.msi.at(-1)?.lastRid).toBe(0x5ff);
  });

  test('nothing at all is an explanation too', () => {
    const { bridges, diagnostics } = explainAcpi(readMachine([]), { era: '7.x' });
    expect(bridges).toEqual([]);
    expect(diagnostics.map(({ code }) => code)).toEqual(['DB657', 'DB657']);
  });
});
