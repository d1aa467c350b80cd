/**
 * Generated specs: a folder as a user would have it, each file 12 steps with what must come of
 * them.
 */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratch } from './scratch.mjs';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const TOPOLOGY = `cpus: 4
msi-controllers:
  its: { kind: gicv3-its, base: 0x0808_0000, event-id-bits: 16, device-id-bits: 16, lpis: 1024 }
iommus:
  smmu: { kind: smmu-v3, granule: [4K], stream-id-bits: 16, stream-table: two-level }
devices:
  nic: { bus: pci, address: "00:02.0", msix: 16, msi-parent: its, iommus: smmu }
domains:
  vm: { kind: unmanaged, msi-window: sw-msi }
`;

/**
 * One design a file: as many cases as files, so that the figures are of specs, not of expansion.
 */
const spec = (number) => `title: Generated spec ${number}, one vector goes round the CPUs
description: A vector is set up, fires on each CPU in turn, and leaves nothing behind.
tags: [generated]
topology: ./topology.yaml
designs: [tracked]
steps:
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 2, cpu: 0 }
    expect:
      mappings: { vm: [ { iova: $page, pa: 0x0809_0000 } ] }
      messages: { nic/0: { address: $page + 0x40, data: 0 } }
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 0, count: 1 } } }
  - affinity: { vector: nic/0, cpu: 1 }
  - fire: nic/0
    expect: { interrupts: { nic/0: { cpu: 1, count: 1 } } }
  - affinity: { vector: nic/0, cpu: 2 }
  - fire: { vector: nic/0, times: ${1 + (number % 7)} }
    expect: { interrupts: { nic/0: { cpu: 2, count: ${1 + (number % 7)} } } }
  - mask: nic/1
  - unmask: nic/1
  - fire: nic/1
    expect: { faults: none }
  - teardown: nic/1
  - teardown: nic
expect:
  mappings: none
  leaks: none
`;

/** A project in a temporary folder with `count` specs; doorbell is linked in as if installed. */
export function project(count) {
  const folder = scratch();
  mkdirSync(join(folder, 'specs'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "bench", "private": true }\n');
  writeFileSync(join(folder, 'specs/topology.yaml'), TOPOLOGY);
  for (let n = 0; n < count; n++) {
    const name = `generated-${String(n).padStart(4, '0')}.spec.yaml`;
    writeFileSync(join(folder, 'specs', name), spec(n));
  }
  return folder;
}

/** Installs what `npm pack` would pack, and Jest by a link. */
export function install(folder) {
  const target = join(folder, 'node_modules/doorbell');
  mkdirSync(target, { recursive: true });
  for (const part of ['dist', 'schemas', 'package.json', 'jest-preset.cjs'])
    cpSync(join(root, part), join(target, part), { recursive: true });
  symlinkSync(join(root, 'node_modules/jest'), join(folder, 'node_modules/jest'));
}
