/** What a board answers, and which topologies it is. Lines as a guest with an ITS printed them. */
import { describe, expect, test } from '@jest/globals';
import { casesOf } from '../../../testing/samples.ts';
import { checkBoard, factsOf, recipesOf } from './facts.ts';

const LINES = [
  'pci 0000:00:00.0 0x1b36 0x0008',
  'pci 0000:00:02.0 0x1b36 0x0006',
  'pci 0000:00:03.0 0x8086 0x1572',
  'iommu smmu3.0x0000000009050000',
  'msi arm,gic-v3-its',
];
const facts = factsOf({ cpus: 4, pageSize: 4096 }, LINES);

const TOPOLOGY = `
  cpus: 4
  msi-controllers:
    its: { kind: gicv3-its, base: 0x0808_0000, lpis: 8192 }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 16, msi-parent: its, iommus: smmu }
`;
function topologyOf(text: string) {
  const [spec] = casesOf(
    `title: t\ntopology:${text}designs: [linux-5.2]\nsteps:\n  - setup: { device: nic, vectors: 1 }\nexpect: { leaks: none }\n`,
  );
  if (spec === undefined) throw new Error('no case');
  return spec.topology;
}

describe('a board', () => {
  test('that is the topology', () => {
    expect(checkBoard(topologyOf(TOPOLOGY), facts)).toBeUndefined();
    expect(recipesOf(topologyOf(TOPOLOGY), facts)).toEqual({ nic: 'rocker' });
  });

  test.each([
    ['cpus: 4', 'cpus: 2', '2 CPUs; the board has 4'],
    ['00:02.0', '00:04.0', 'nic: the board has no device 0000:00:04.0'],
    ['00:02.0', '00:03.0', /^nic at 0000:00:03\.0 is 8086:1572, for which there is no recipe/],
    [
      'its: { kind: gicv3-its, base: 0x0808_0000, lpis: 8192 }',
      'its: { kind: gicv2m, base: 0x0802_0000, base-spi: 80, count: 64 }',
      'its is a gicv2m; the board has gicv3-its',
    ],
    [', iommus: smmu }', ' }', undefined],
  ])('with %s as %s', (from, to, reason) => {
    const why = checkBoard(topologyOf(TOPOLOGY.replace(from, to)), facts);
    if (reason instanceof RegExp) expect(why).toMatch(reason);
    else expect(why).toBe(reason);
  });

  test('without an IOMMU, where the topology has one', () => {
    const bare = factsOf(
      { cpus: 4, pageSize: 4096 },
      LINES.filter((line) => !/^iommu/.test(line)),
    );
    expect(checkBoard(topologyOf(TOPOLOGY), bare)).toBe('1 IOMMUs; the board has 0');
  });
});
