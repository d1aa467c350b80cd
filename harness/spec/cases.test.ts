import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadSpecText } from './load.ts';
import type { Case } from './case.ts';
import { deserialize, deserializeCase, serialize, serializeCase } from './serialize.ts';

const TEXT = `title: A spec that uses all there is
tags: [a, b]
topology:
  cpus: 2
  kernel: { page-size: "\${page}" }
  msi-controllers:
    its: { kind: gicv3-its, base: 0x0808_0000 }
  iommus:
    smmu: { kind: smmu-v3 }
  devices:
    nic: { bus: pci, address: "01:02.3", msix: 4, msi-parent: its, iommus: smmu }
  domains:
    vm: { kind: unmanaged, msi-window: sw-msi }
define:
  begin:
    params: [device, vectors]
    steps:
      - attach: { device: "\${device}", domain: vm }
      - setup: { device: "\${device}", vectors: "\${vectors}" }
        expect: { mappings: { vm: [ { iova: $page + 0, size: "\${page}" } ] } }
matrix:
  page: [4K, 64K]
designs: [tracked, rfc-v3, { rfc-v3: { initial-count: 2 } }]
xfail: { reason: counts from two, design: rfc-v3(initial-count=2), when: { page: 64K } }
steps:
  - use: begin
    with: { device: nic, vectors: 2 }
  - map: { domain: vm, iova: 0xffff_ffff_ffff_f000, pa: 18446744073709547520, size: 4K, prot: R }
    expect:
      - error: EINVAL
        why: it reaches the end
      - design: tracked
        when: { page: [64K] }
        leaks: { vm: 0..0xffff_ffff_ffff_ffff }
  - fire: nic/1
    expect: { interrupts: { nic/1: { count: 1 } } }
expect:
  - design: [tracked, rfc-v3]
    mappings: none
`;

const load = (text = TEXT): readonly Case[] => {
  const { cases, diagnostics } = loadSpecText(text, { file: '/p/a.spec.yaml', root: '/p' });
  expect(diagnostics).toEqual([]);
  return cases;
};
const find = (id: string): Case => {
  const found = load().find((c) => c.id === `a.spec.yaml ${id}`);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
};

describe('cases', () => {
  test('one for each matrix point and design, with stable names', () => {
    expect(load().map((c) => c.id)).toEqual([
      'a.spec.yaml [tracked] page=4K',
      'a.spec.yaml [rfc-v3] page=4K',
      'a.spec.yaml [rfc-v3(initial-count=2)] page=4K',
      'a.spec.yaml [tracked] page=64K',
      'a.spec.yaml [rfc-v3] page=64K',
      'a.spec.yaml [rfc-v3(initial-count=2)] page=64K',
    ]);
    expect(find('[rfc-v3(initial-count=2)] page=4K').design).toEqual({
      name: 'rfc-v3',
      initialCount: 2,
    });
  });

  test('defaults of the topology are filled in, and parameters replaced', () => {
    const { topology, point } = find('[tracked] page=64K');
    expect(point).toEqual({ page: '64K' });
    expect(topology.kernel).toEqual({
      pageSize: 65536,
      physAddrBits: 64,
      dmaAddrBits: 64,
      iommuApi: true,
      pciMsiIrqDomain: true,
    });
    expect(topology.devices['nic']).toEqual({
      bus: 'pci',
      requesterId: 0x113,
      msiParent: { controller: 'its', deviceId: 0x113 },
      iommu: { iommu: 'smmu', streamIds: [0x113] },
      dmaBits: 64,
      msix: { vectors: 4 },
    });
    expect(topology.domains['vm']).toEqual({
      kind: 'unmanaged',
      msiWindow: { base: 0x0800_0000, size: 0x10_0000 },
    });
  });

  test('named steps are put in place, and 64-bit numbers are exact', () => {
    const { steps } = find('[rfc-v3] page=4K');
    expect(steps.map((s) => s.operation)).toEqual([
      { op: 'attach', device: 'nic', domain: 'vm' },
      { op: 'setup', device: 'nic', vectors: 2 },
      {
        op: 'map',
        domain: 'vm',
        iova: 0xffff_ffff_ffff_f000n,
        pa: 0xffff_ffff_ffff_f000n,
        size: 4096n,
        prot: { read: true, write: false },
      },
      { op: 'fire', vector: { device: 'nic', index: 1 }, times: 1 },
    ]);
    expect(steps[1]?.expect).toMatchObject([
      { kind: 'mappings', domain: 'vm', entries: [{ size: { kind: 'value', value: 4096n } }] },
    ]);
  });

  test('blocks count for their designs and values only', () => {
    const kinds = (id: string): string[] => (find(id).steps[2]?.expect ?? []).map((e) => e.kind);
    expect(kinds('[tracked] page=64K')).toEqual(['error', 'leaks']);
    expect(kinds('[tracked] page=4K')).toEqual(['error']);
    expect(kinds('[rfc-v3] page=64K')).toEqual(['error']);
    expect(find('[rfc-v3] page=4K').expect).toHaveLength(1);
    expect(find('[rfc-v3(initial-count=2)] page=4K').expect).toHaveLength(0);
    expect(load().map((c) => c.xfail?.reason)).toEqual([...Array<undefined>(5), 'counts from two']);
  });

  test('every place points at the text that it is about', () => {
    const lines = TEXT.split('\n');
    for (const { place, steps, expect: end } of load()) {
      expect(lines[place.line - 1]?.slice(place.col - 1, place.endCol - 1)).toBe(
        'A spec that uses all there is',
      );
      for (const step of steps) {
        const at = step.place;
        expect(lines[at.line - 1]?.slice(at.col - 1, at.endCol - 1)).toBe(step.operation.op);
      }
      for (const e of [...end, ...steps.flatMap((s) => s.expect)]) {
        const word = lines[e.place.line - 1]?.slice(e.place.col - 1, e.place.endCol - 1);
        expect(['vm', 'error', 'mappings', 'nic/1']).toContain(word);
      }
    }
  });

  test('a case survives JSON, whatever the number', () => {
    for (const one of load()) expect(deserializeCase(serializeCase(one))).toEqual(one);
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 64n), max: 1n << 64n }), fc.string(), (n, text) => {
        expect(deserialize(serialize({ n, list: [n], text }))).toEqual({ n, list: [n], text });
      }),
    );
  });

  test('a case holds nothing of the YAML document', () => {
    const symbols = (value: unknown): symbol[] =>
      typeof value === 'object' && value !== null
        ? [...Object.getOwnPropertySymbols(value), ...Object.values(value).flatMap(symbols)]
        : [];
    expect(load().flatMap(symbols)).toEqual([]);
  });

  test('named steps see the matrix too', () => {
    const text = TEXT.replace('params: [device, vectors]', 'params: [device]')
      .replace('vectors: "${vectors}"', 'vectors: "${n}"')
      .replace(', vectors: 2 }', ' }')
      .replace('matrix:\n', 'matrix:\n  n: [1, 3]\n');
    const counts = load(text).map((c) => c.steps[1]?.operation);
    expect(new Set(counts.map((o) => (o?.op === 'setup' ? o.vectors : 0)))).toEqual(
      new Set([1, 3]),
    );
  });
});
