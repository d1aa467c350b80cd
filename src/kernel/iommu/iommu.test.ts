/** Attach and detach, what user space may map, windows, and where the DMA API puts a doorbell. */
import { describe, expect, test } from '@jest/globals';
import type { DesignName } from '../../designs/design.ts';
import {
  attach,
  carryOut,
  detach,
  fire,
  map,
  mappingsOf,
  open,
  registerWindow,
  setup,
  teardown,
  unmap,
  valueOf,
} from '../../testing/drive.ts';
import { ITS, machineWith, pciDevice } from '../../testing/topologies.ts';
import type { Iommu, PciDevice, Topology } from '../../topology/topology.ts';

const BASE = machineWith(ITS);
const smmu = BASE.iommus['smmu'] as Iommu;
const withSmmu = (more: Partial<Iommu>, pageSize = 4096): Topology => ({
  ...BASE,
  kernel: { ...BASE.kernel, pageSize },
  iommus: { smmu: { ...smmu, ...more } as Iommu },
});
const bare: Topology = { ...BASE, domains: { bare: { kind: 'unmanaged' }, host: { kind: 'dma' } } };

describe('attach', () => {
  test('without IOMMU_API, or without an IOMMU: ENODEV', () => {
    const off = open({ ...BASE, kernel: { ...BASE.kernel, iommuApi: false } }, 'rfc-v3');
    expect(off.perform(attach('nic', 'vm')).error).toBe('ENODEV');
    const free: PciDevice = {
      bus: 'pci',
      requesterId: 0x10,
      dmaBits: 64,
      msiParent: { controller: 'msi', deviceId: 0x10 },
      msix: { vectors: 1 },
    };
    const none = open({ ...BASE, devices: { ...BASE.devices, nic: free } }, 'rfc-v3');
    expect(none.perform(attach('nic', 'vm')).error).toBe('ENODEV');
  });

  test('a StreamID that the SMMU does not have: ERANGE', () => {
    expect(open(withSmmu({ streamIdBits: 4 }), 'rfc-v3').perform(attach('nic', 'vm')).error).toBe(
      'ERANGE',
    );
  });

  const scarce = (streamMappingGroups: number, contextBanks: number): Topology => ({
    ...machineWith(ITS, 'smmu-v2'),
    iommus: {
      smmu: {
        ...(machineWith(ITS, 'smmu-v2').iommus['smmu'] as Iommu & { kind: 'smmu-v2' }),
        streamMappingGroups,
        contextBanks,
      },
    },
  });

  test.each([
    ['stream mapping groups', scarce(1, 8)],
    ['context banks', scarce(8, 1)],
  ])('SMMUv2 out of %s: ENOSPC, and the words are those before', (_, topology) => {
    const machine = open(topology, 'rfc-v3');
    carryOut(machine, attach('nic', 'vm'));
    const before = machine.store.snapshot();
    expect(machine.perform(attach('card', 'vm2')).error).toBe('ENOSPC');
    expect(Array.from(machine.store.words)).toEqual(Array.from(before));
    // Neither is needed to join, or to be blocked by a group that is there already.
    expect(machine.perform(attach('nic', 'cage')).error).toBeUndefined();
  });

  test('a domain that was freed: EINVAL; one with devices is not freed', () => {
    const machine = open(BASE, 'rfc-v3');
    carryOut(machine, attach('nic', 'vm'));
    expect(machine.perform({ op: 'free-domain', domain: 'vm' }).error).toBe('EBUSY');
    carryOut(machine, detach('nic'), { op: 'free-domain', domain: 'vm' });
    expect(machine.perform(attach('nic', 'vm')).error).toBe('EINVAL');
    expect(machine.perform({ op: 'free-domain', domain: 'vm' }).error).toBe('EINVAL');
  });

  test('a domain whose tables were made for one SMMU cannot go to another', () => {
    const devices = {
      ...BASE.devices,
      far: { ...pciDevice(0x30), iommu: { iommu: 'other', streamIds: [1] } },
    };
    const machine = open({ ...BASE, devices, iommus: { smmu, other: smmu } }, 'rfc-v3');
    carryOut(machine, attach('nic', 'vm'));
    expect(machine.perform(attach('far', 'vm')).error).toBe('EINVAL');
    expect(machine.perform(attach('far', 'vm2')).error).toBeUndefined();
  });
});

describe('detach goes to the group’s default domain', () => {
  test('its doorbell is mapped there, and a message of the old domain faults', () => {
    const machine = open(BASE, 'linux-5.2');
    carryOut(machine, attach('nic', 'vm'), setup('nic', 1), detach('nic'));
    expect(valueOf(carryOut(machine, fire('nic', 0)).faults())).toMatchObject([
      { name: 'F_TRANSLATION', address: 0x0800_0040n },
    ]);
    const seen = carryOut(machine, teardown('nic'), setup('nic', 1), fire('nic', 0));
    expect(valueOf(seen.interrupts()).length).toBe(1);
    expect(mappingsOf(seen, 'default/nic')).toEqual(['fffff000 -> 8090000 1000 WRITE|NOEXEC|MMIO']);
  });

  test('without a domain: ENODEV', () => {
    expect(open(BASE, 'rfc-v3').perform(detach('nic')).error).toBe('ENODEV');
  });
});

describe('where the DMA API puts a doorbell (seen on booted kernels: 0xfffff000)', () => {
  const first = (topology: Topology, device = 'nic'): string | undefined =>
    mappingsOf(
      carryOut(open(topology, 'linux-5.2'), attach(device, 'host'), setup(device, 1)),
      'host',
    )[0];

  test('the highest page below 4 GiB for PCI, below the mask for others, never page 0', () => {
    expect(first(BASE)).toMatch(/^fffff000 -> 8090000 1000 /);
    expect(first(BASE, 'engine')).toMatch(/^fffff000 /);
    const wide = {
      ...BASE,
      devices: { ...BASE.devices, engine: { ...BASE.devices['engine']!, dmaBits: 64 } },
    };
    expect(first(wide, 'engine')).toMatch(/^fffffffff000 /);
  });

  test('the page is the granule: 16K and 64K kernels', () => {
    expect(first(withSmmu({}, 16384))).toMatch(/^ffffc000 -> 8090000 4000 /);
    expect(first(withSmmu({}, 65536))).toMatch(/^ffff0000 -> 8090000 10000 /);
  });

  test('below what is mapped there; a hole is used; above 4 GiB when nothing below is free', () => {
    const at = (...taken: [bigint, bigint][]): string | undefined => {
      const machine = open(BASE, 'linux-5.2');
      carryOut(machine, attach('nic', 'host'));
      for (const [iova, size] of taken) carryOut(machine, map('host', iova, size));
      const rows = mappingsOf(carryOut(machine, setup('nic', 1)), 'host');
      return rows.find((row) => row.includes('MMIO'))?.split(' ')[0];
    };
    expect(at([0xffff_f000n, 0x1000n])).toBe('ffffe000');
    expect(at([0xffff_f000n, 0x1000n], [0xffff_d000n, 0x1000n])).toBe('ffffe000');
    expect(at([0x1000n, 0xffff_f000n])).toBe('fffffffff000');
  });
});

describe('user space', () => {
  const prepared = (design: DesignName) => {
    const machine = open(BASE, design);
    carryOut(machine, attach('nic', 'vm'), setup('nic', 1), map('vm', 0x4000_0000n, 0x4000n));
    return machine;
  };

  test('unmap takes whole mappings, several at once; to cut one in two is EINVAL', () => {
    const machine = prepared('rfc-v3');
    carryOut(machine, map('vm', 0x4000_4000n, 0x1000n));
    expect(machine.perform(unmap('vm', 0x4000_1000n, 0x1000n)).error).toBe('EINVAL');
    expect(machine.perform(unmap('vm', 0x4000_0000n, 0x2000n)).error).toBe('EINVAL');
    const seen = carryOut(machine, unmap('vm', 0x4000_0000n, 0x1000_0000n));
    expect(mappingsOf(seen, 'vm').length).toBe(1);
  });

  test('unmap of a range with a doorbell alone succeeds and leaves the doorbell', () => {
    for (const design of ['rfc-v3', 'linux-5.2', 'tracked'] as const) {
      const seen = carryOut(prepared(design), unmap('vm', 0n, 0x1_0000_0000n));
      expect(mappingsOf(seen, 'vm').length).toBe(1);
      expect(mappingsOf(seen, 'vm')[0]).toContain('-> 8090000');
    }
  });

  test('map: EEXIST over itself and over the RFC’s window, EINVAL over the kernel’s window', () => {
    expect(prepared('rfc-v3').perform(map('vm', 0x4000_3000n, 0x2000n)).error).toBe('EEXIST');
    expect(prepared('rfc-v3').perform(map('vm', 0x0800_f000n, 0x1000n)).error).toBe('EEXIST');
    expect(prepared('linux-5.2').perform(map('vm', 0x0800_f000n, 0x1000n)).error).toBe('EINVAL');
  });

  test('map: misaligned, empty, neither R nor W: EINVAL; past the input size: ERANGE; no tables: ENODEV', () => {
    const machine = prepared('rfc-v3');
    expect(machine.perform(map('vm', 0x5000_0800n, 0x1000n)).error).toBe('EINVAL');
    expect(machine.perform(map('vm', 0x5000_0000n, 0n)).error).toBe('EINVAL');
    expect(
      machine.perform(map('vm', 0x5000_0000n, 0x1000n, { read: false, write: false })).error,
    ).toBe('EINVAL');
    expect(machine.perform(map('vm', 1n << 48n, 0x1000n)).error).toBe('ERANGE');
    expect(machine.perform(map('vm', (1n << 64n) - 0x1000n, 0x1000n)).error).toBe('ERANGE');
    expect(machine.perform(map('vm2', 0x5000_0000n, 0x1000n)).error).toBe('ENODEV');
    expect(machine.perform(map('pass', 0x5000_0000n, 0x1000n)).error).toBe('EINVAL');
  });
});

describe('window registration', () => {
  const register = (base: bigint, size: bigint, topology = bare, design: DesignName = 'rfc-v3') => {
    const machine = open(topology, design);
    carryOut(machine, attach('nic', 'bare'), map('bare', 0x4000_0000n, 0x10_0000n));
    return machine.perform(registerWindow('bare', base, size)).error;
  };

  test('EINVAL: misaligned base, misaligned size, size 0', () => {
    expect(register(0x800_0800n, 0x1000n)).toBe('EINVAL');
    expect(register(0x800_0000n, 0x1800n)).toBe('EINVAL');
    expect(register(0x800_0000n, 0n)).toBe('EINVAL');
    expect(register(0x800_0000n, 0x1000n)).toBeUndefined();
  });

  test('EEXIST: over a mapping of user space, at either end', () => {
    expect(register(0x400f_f000n, 0x2000n)).toBe('EEXIST');
    expect(register(0x3fff_f000n, 0x2000n)).toBe('EEXIST');
    expect(register(0x3fff_f000n, 0x1000n)).toBeUndefined();
  });

  test('EEXIST: a second window, also after the first was freed and its cookie left', () => {
    const again = (design: DesignName): string | undefined => {
      const machine = open(BASE, design);
      expect(machine.perform(registerWindow('vm', 0x900_0000n, 0x1000n)).error).toBe('EEXIST');
      carryOut(machine, { op: 'free-window', domain: 'vm' });
      return machine.perform(registerWindow('vm', 0x900_0000n, 0x1000n)).error;
    };
    expect(again('rfc-v3')).toBe('EEXIST');
    expect(again('tracked')).toBeUndefined();
  });

  test('EINVAL: kernels with a window of their own, and domains that no container owns', () => {
    expect(register(0x800_0000n, 0x1000n, bare, 'linux-5.2')).toBe('EINVAL');
    expect(open(bare, 'rfc-v3').perform(registerWindow('host', 0x800_0000n, 0x1000n)).error).toBe(
      'EINVAL',
    );
  });

  test('VFIO registers in pages of the host, though the SMMU has smaller ones', () => {
    const large = { ...bare, kernel: { ...bare.kernel, pageSize: 65536 } };
    const only4k = { ...large, iommus: { smmu: { ...smmu, granules: [4096] } as Iommu } };
    expect(register(0x800_1000n, 0x1_0000n, only4k)).toBe('EINVAL');
    expect(register(0x800_0000n, 0x1_0000n, only4k)).toBeUndefined();
  });
});
