/** Descriptors of a device in a container: one that was closed is not there for a later step. */
import { describe, expect, test } from '@jest/globals';
import { loadSpecText } from './load.ts';

const problems = (...steps: readonly string[]): readonly string[] =>
  loadSpecText(
    `title: A device is closed in parts
topology:
  cpus: 1
  msi-controllers:
    its: { kind: gicv3-its, base: 0x0808_0000 }
  iommus:
    smmu: { kind: smmu-v3 }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 4, msi-parent: its, iommus: smmu }
  domains:
    box: { kind: unmanaged, msi-window: sw-msi, vfio: true }
designs: [linux-5.2]
steps:
  - attach: { device: nic, domain: box }
  - setup: { device: nic, vectors: 1 }
${steps.map((step) => `  - ${step}\n`).join('')}expect: { leaks: none }
`,
    { file: '/p/a.spec.yaml', root: '/p' },
  ).diagnostics.map(({ code, message }) => `${code} ${message}`);

const DEVICE = 'detach: { device: nic, only: device }';
const GROUP = 'detach: { device: nic, only: group }';

describe('after one of two descriptors', () => {
  test.each([
    [DEVICE, 'setup: { device: nic, vectors: 1 }'],
    [DEVICE, 'fire: nic/0'],
    [DEVICE, GROUP],
    [GROUP, DEVICE],
    [GROUP, GROUP],
  ])('%s: %s is refused', (first, then) => {
    const which = first === DEVICE ? 'device' : 'group';
    expect(problems(first, then)).toEqual([
      `DB312 the ${which} of "nic" was closed by an earlier step`,
    ]);
  });

  test.each([
    [GROUP, 'fire: nic/0'],
    [DEVICE, 'map: { domain: box, iova: 0x4000_0000, pa: 0x8000_0000, size: 4K, prot: R }'],
    [DEVICE, 'detach: nic', 'attach: { device: nic, domain: box }', DEVICE],
    [GROUP, 'attach: { device: nic, domain: box }', 'setup: { device: nic, vectors: 1 }'],
  ])('%s: %s is fine', (...steps) => {
    expect(problems(...steps)).toEqual([]);
  });
});
