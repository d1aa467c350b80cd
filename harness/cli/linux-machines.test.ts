/** Which machines a spec's cases are run in, without booting one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { casesOf } from '../testing/samples.ts';
import { machinesOf } from './linux-machines.ts';

const folder = mkdtempSync(join(tmpdir(), 'doorbell-machines-'));
const kernel = join(folder, 'Image');
writeFileSync(kernel, 'Linux version 6.12.117+deb12-arm64 (x@y)\n');
afterAll(() => rmSync(folder, { recursive: true }));

const SPEC = `
title: A sample
topology:
  cpus: 2
  msi-controllers:
    its: { kind: gicv3-its, base: 0x0808_0000, lpis: 8192 }
    v2m: { kind: gicv2m, base: 0x0802_0000, base-spi: 80, count: 64 }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K, stream-table: two-level }
  devices:
    nic: { bus: pci, address: "02:00.0", msix: 16, msi-parent: "\${controller}", iommus: smmu }
  domains:
    vm: { kind: unmanaged, msi-window: sw-msi }
matrix:
  controller: [its, v2m]
  vectors: [1, 2]
designs: [linux-5.2, tracked]
steps:
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: "\${vectors}" }
expect: { leaks: none }
`;

describe('the machines of a spec', () => {
  const { machines, skipped } = machinesOf(casesOf(SPEC), {
    name: '6.12',
    kernel,
    initramfs: '/none',
  });

  test('cases that need the same one share it', () => {
    expect(
      machines.map(({ machine, cases }) => [machine.msi, machine.ports.length, cases.length]),
    ).toEqual([
      ['its', 2, 2],
      ['gicv2m', 2, 2],
    ]);
  });

  test('what cannot be run is named, with the reason', () => {
    expect(skipped.length).toBe(4);
    expect(skipped[0]).toMatchObject({
      id: expect.stringContaining('[tracked]'),
      why: expect.stringContaining('is for tracked'),
    });
  });
});
