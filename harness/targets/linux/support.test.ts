/** What is skipped before anything boots, and with which reason. */
import { describe, expect, test } from '@jest/globals';
import { requestOf } from '../../run/run-case.ts';
import { casesOf } from '../../testing/samples.ts';
import { traitsOf } from './kernels.ts';
import { type Support, supportOf } from './support.ts';

const V612 = '6.12.111+deb12-arm64';

const TOPOLOGY = `
  cpus: 2
  msi-controllers:
    its: { kind: gicv3-its, base: 0x0808_0000, lpis: 8192 }
  iommus:
    smmu: { kind: smmu-v3, granule: 4K, stream-table: two-level }
  devices:
    nic: { bus: pci, address: "00:02.0", msix: 16, msi-parent: its, iommus: smmu }
    old: { bus: pci, address: "00:03.0", msi: { vectors: 1, maskable: false }, msi-parent: its, iommus: smmu }
  domains:
    vm: { kind: unmanaged, msi-window: sw-msi }
    bare: { kind: unmanaged }
    cage: { kind: blocked }
    wary: { kind: unmanaged, msi-window: sw-msi, unsafe-interrupts: refuse }
    host: { kind: dma }
    pass: { kind: identity }
`;

function support(steps: string, topology = TOPOLOGY, design = 'linux-5.2'): Support {
  const text = `title: A sample\ntopology:${topology}designs: [${design}]\nsteps:${steps}\nexpect: { leaks: none }\n`;
  const spec = casesOf(text)[0];
  if (spec === undefined) throw new Error('no case');
  return supportOf(requestOf(spec), V612);
}

const reason = (...given: Parameters<typeof support>): string => {
  const answer = support(...given);
  return 'unsupported' in answer ? answer.unsupported : 'supported';
};

const VFIO = `
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 4 }
  - fire: nic/0`;

describe('which design a kernel is', () => {
  test.each([
    ['6.1.0-56-arm64', 'linux-5.2'],
    ['6.12.111+deb12-arm64', 'linux-5.2'],
    ['6.15.0-rc1', 'linux-6.15'],
    ['7.3.4', 'linux-6.15'],
    ['5.1.21', 'linux-4.9'],
    ['4.8.0', 'unmapped'],
  ])('%s is %s', (release, design) => expect(traitsOf(release)?.design).toBe(design));

  test('what is no version has no row', () => expect(traitsOf('next-2025')).toBeUndefined());
});

describe('a case that can run', () => {
  test('VFIO: the device is a rocker, its domain a container', () => {
    expect(support(VFIO)).toMatchObject({
      plan: { recipes: { nic: 'rocker', old: 'edu' }, containers: ['vm'], unprobed: [] },
    });
  });

  test('outside VFIO the device is an e1000e', () => {
    const steps = `
  - attach: { device: nic, domain: host }
  - setup: { device: nic, vectors: 3 }
  - fire: nic/1`;
    expect(support(steps)).toMatchObject({ plan: { recipes: { nic: 'e1000e' } } });
  });

  test('a card that is taken out of a slot is one that QEMU can take out, and what it cannot be besides is refused', () => {
    const inSlot = TOPOLOGY.replace('00:02.0', '01:00.0');
    const out = `
  - attach: { device: nic, domain: vm }
  - setup: { device: nic, vectors: 5 }
  - teardown: nic
  - unplug: nic
  - plug: nic`;
    expect(support(out, inSlot)).toMatchObject({ plan: { recipes: { nic: 'e1000e' } } });
    expect(support(out)).toMatchObject({ plan: { recipes: { nic: 'rocker' } } });
    expect(reason(out.replace('vectors: 5', 'vectors: 6'), inSlot)).toMatch(/taken out.*more than/);
    const other = `
  - attach: { device: old, domain: vm }
  - unplug: old`;
    const oldInSlot = TOPOLOGY.replace('00:03.0', '02:00.0');
    expect(support(other, oldInSlot)).toMatchObject({ plan: { recipes: { old: 'edu' } } });
  });

  test('MSI with many messages', () => {
    const many = TOPOLOGY.replace('vectors: 1, m', 'vectors: 4, m');
    const steps = `
  - attach: { device: old, domain: vm }
  - setup: { device: old, vectors: 3 }`;
    expect(support(steps, many)).toMatchObject({ plan: { recipes: { old: 'xhci' } } });
    const write = '\n  - dma-write: { device: old, address: 0x1000 }';
    expect(reason(steps + write, many)).toMatch(/^step \d+, dma-write .*old has MSI/);
  });

  test('vectors that VFIO is to refuse, if the device of QEMU does not have them either', () => {
    const few = TOPOLOGY.replace('kind: unmanaged, msi-window: sw-msi }', '$&, vfio: true }')
      .replace('sw-msi }, vfio', 'sw-msi, vfio')
      .replace('msix: 16', 'msix: 5');
    const ask = (vectors: number) =>
      `\n  - attach: { device: nic, domain: vm }\n  - setup: { device: nic, vectors: ${vectors} }`;
    expect(reason(ask(6), few)).toMatch(/refused 6 vectors, and QEMU's rocker has 6/);
    expect(support(ask(7), few)).toHaveProperty('plan');
    expect(support(ask(5), few)).toHaveProperty('plan');
  });

  test('a reset past the kernel, behind a root port and while VFIO has the device', () => {
    const inSlot = TOPOLOGY.replace('00:02.0', '01:00.0');
    const steps = `${VFIO}\n  - reset: nic\n  - restore: nic`;
    expect(support(steps, inSlot)).toMatchObject({ plan: { recipes: { nic: 'rocker' } } });
    expect(reason('\n  - reset: nic', inSlot)).toMatch(/not VFIO's/);
    const message = `${VFIO}\n  - write-message: { vector: nic/3, address: 0x1000 }`;
    expect(support(message)).toHaveProperty('plan');
  });

  test('DMA of a device that no driver had needs a guest where none had it', () => {
    expect(support('\n  - dma-write: { device: nic, address: 0x1000 }')).toMatchObject({
      plan: { unprobed: ['nic'] },
    });
  });
});

describe('behind a bridge', () => {
  const bridged = (own: string, more = 'kind: pcie-to-pci', bridge = '00:05.0') =>
    TOPOLOGY.replace('"00:02.0"', `"${own}", behind: { ${more}, address: "${bridge}" }`);

  test('a device in a container', () =>
    expect(support(VFIO, bridged('01:01.0'))).toMatchObject({
      plan: { recipes: { nic: 'rocker' } },
    }));

  test.each([
    ['\n  - unplug: nic', /slots of root ports/],
    [`${VFIO}\n  - reset: nic`, /with all that is on it/],
    ['\n  - attach: { device: nic, domain: host }', /group of its bridge/],
    ['\n  - setup: { device: nic, vectors: 3 }', /group of its bridge/],
  ])('%s', (steps, expected) => expect(reason(steps, bridged('01:01.0'))).toMatch(expected));

  test.each([
    [bridged('01:01.0', 'kind: pci'), /conventional bridge/],
    [bridged('01:00.0'), /slots 1 to 31 of buses 1 to 8/],
    [bridged('01:01.1'), /slots 1 to 31 of buses 1 to 8/],
    [bridged('09:01.0'), /slots 1 to 31 of buses 1 to 8/],
    [bridged('02:01.0', 'kind: pcie-to-pci', '01:00.0'), /function 0 of slots 1 to 31 of bus 0/],
    [
      bridged('01:01.0').replace(
        '"00:03.0"',
        '"01:02.0", behind: { kind: pcie-to-pci, address: "00:05.0" }',
      ),
      /old and nic have one StreamID/,
    ],
    [bridged('01:01.0').replace('msix: 16', 'msix: 4'), /with 4 vectors, and QEMU's .* have 6/],
    [
      bridged('01:01.0').replace('msix: 16', 'msi: { vectors: 8, maskable: false }'),
      /with 8 vectors, and QEMU's .* have 16/,
    ],
  ])('no such machine: %#', (topology, expected) => {
    expect(reason(VFIO, topology)).toMatch(expected);
  });
});

describe('a case that cannot', () => {
  test.each([
    ['\n  - attach: { device: nic, domain: bare }', /VFIO always gives it one/],
    ['\n  - attach: { device: nic, domain: cage }', /blocked domain/],
    [`${VFIO}\n  - mask: nic/0`, /no system call masks/],
    [`${VFIO}\n  - detach: nic`, /with vectors set up/],
    [`${VFIO}\n  - attach: { device: nic, domain: host }`, /with vectors set up/],
    [`${VFIO}\n  - setup: { device: nic, vectors: 1 }`, /set up already/],
    [`${VFIO}\n  - dma-write: { device: nic, address: 0x1000 }`, /raises vector 2/],
    [`${VFIO}\n  - detach: { device: nic, only: group }`, /in no domain with vfio: true/],
    ['\n  - attach: { device: nic, domain: wary }', /its keeper would be refused/],
    [`${VFIO}\n  - free-domain: vm`, /when its last device leaves/],
    ['\n  - setup: { device: nic, vectors: 1 }', /e1000e sets up 3/],
    [`${VFIO}\n  - reset: nic`, /on bus 0/],
    [`${VFIO}\n  - restore: nic`, /was not reset/],
    [`${VFIO}\n  - suspend: nic`, /ends in the same call/],
    [`${VFIO}\n  - write-message: { vector: nic/4, data: 1 }`, /nic\/4 is not set up/],
    ['\n  - map: { domain: vm, iova: 0x1000, pa: 0x1000, size: 4K, prot: RW }', /has no device/],
  ])('%s', (steps, expected) => expect(reason(steps)).toMatch(expected));

  test('a kernel whose version cannot be told', () => {
    const spec = casesOf(
      `title: A sample\ntopology:${TOPOLOGY}designs: [linux-5.2]\nsteps:${VFIO}\nexpect: { leaks: none }\n`,
    )[0];
    if (spec === undefined) throw new Error('no case');
    expect(supportOf(requestOf(spec), '/src/Image')).toEqual({
      unsupported: expect.stringMatching(/^which version of Linux \/src\/Image is cannot be told/),
    });
  });

  test('a design that the kernel is not', () => {
    expect(reason(VFIO, TOPOLOGY, 'tracked')).toMatch(
      /is for tracked, and this kernel .* as linux-5.2$/,
    );
  });

  test.each([
    ['base: 0x0808_0000', 'base: 0x0a08_0000', /QEMU's ITS is at 0x8080000/],
    ['lpis: 8192', 'lpis: 64', /57344/],
    ['two-level', 'linear', /two-level/],
    ['granule: 4K', 'granule: 64K', /no 4K granule/],
    ['00:03.0', '00:03.1', /function 0/],
    ['00:03.0', '01:01.0', /slot 0 of buses 1 to 8/],
    ['00:03.0', '09:00.0', /slot 0 of buses 1 to 8/],
    ['cpus: 2', 'cpus: 16', /at most 8/],
    ['vectors: 1, m', 'vectors: 32, m', /up to 16 vectors/],
    ['maskable: false', 'maskable: true', /without mask bits/],
  ])('a machine with %s -> %s', (from, to, expected) => {
    expect(reason(VFIO, TOPOLOGY.replace(from, to))).toMatch(expected);
  });
});
