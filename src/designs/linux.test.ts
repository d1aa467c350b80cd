/**
 * The three mainline designs: when a page is mapped, for which domains, and what a failure looks
 * like.
 */
import { describe, expect, test } from '@jest/globals';
import {
  affinity,
  attach,
  carryOut,
  detach,
  fire,
  mappingsOf,
  open,
  setup,
  stepsOf,
  teardown,
  valueOf,
} from '../testing/drive.ts';
import { ITS, machineWith, PERCPU, V2M } from '../testing/topologies.ts';
import type { Domain, Iommu, Topology } from '../topology/topology.ts';

const LINUX = ['linux-4.9', 'linux-5.2', 'linux-6.15'] as const;
const DOORBELL = 0x0809_0040n;

const withDomain = (
  vm: Domain,
  controller = ITS as Topology['msiControllers'][string],
): Topology => ({
  ...machineWith(controller),
  domains: { vm, vm2: { kind: 'unmanaged', msiWindow: { base: 0x900_0000, size: 0x1000 } } },
});

describe.each(LINUX)('%s', (design) => {
  test('window: the first page, WRITE|NOEXEC|MMIO, once for all devices, never unmapped', () => {
    const machine = open(machineWith(ITS), design);
    carryOut(
      machine,
      attach('nic', 'vm'),
      attach('engine', 'vm'),
      setup('nic', 2),
      setup('engine', 1),
    );
    const seen = carryOut(
      machine,
      teardown('nic'),
      teardown('engine'),
      setup('nic', 1),
      teardown('nic'),
    );
    expect(mappingsOf(seen, 'vm')).toEqual(['8000000 -> 8090000 1000 WRITE|NOEXEC|MMIO']);
  });

  test('identity: the physical address, delivered', () => {
    const machine = open(withDomain({ kind: 'identity' }), design);
    const seen = carryOut(machine, attach('nic', 'vm'), setup('nic', 1));
    expect(valueOf(seen.message('nic', 0)).address).toBe(DOORBELL);
    expect(valueOf(carryOut(machine, fire('nic', 0)).interrupts()).length).toBe(1);
  });

  test.each(['blocked', 'unmanaged'] as const)('%s without a cookie', (kind) => {
    const machine = open(withDomain({ kind }), design);
    carryOut(machine, attach('nic', 'vm'));
    const seen = machine.perform(setup('nic', 1));
    if (design === 'linux-6.15') {
      // -EOPNOTSUPP, which msi_handle_pci_fail makes -ENOSPC.
      expect(seen.error).toBe('ENOSPC');
    } else {
      expect(seen.error).toBeUndefined();
      expect(valueOf(seen.message('nic', 0)).address).toBe(DOORBELL);
      const fired = carryOut(machine, fire('nic', 0));
      expect(valueOf(fired.faults()).length).toBe(kind === 'blocked' ? 0 : 1);
      expect(valueOf(fired.interrupts())).toEqual([]);
    }
  });

  test('a page that cannot be mapped: all ones from compose, an error from prepare', () => {
    const machine = open(
      withDomain({ kind: 'unmanaged', msiWindow: { base: 2 ** 48, size: 4096 } }),
      design,
    );
    carryOut(machine, attach('nic', 'vm'));
    const seen = machine.perform(setup('nic', 1));
    expect(seen.error).toBe(design === 'linux-4.9' ? undefined : 'ENOSPC');
    if (design !== 'linux-4.9') return;
    expect(valueOf(seen.message('nic', 0))).toEqual({
      // Address bits 1:0 are not there in the device.
      address: 0xffff_ffff_ffff_fffcn,
      data: 0xffff_ffff,
    });
    expect(valueOf(carryOut(machine, fire('nic', 0)).faults())).toMatchObject([
      { address: 0xffff_ffff_ffff_fffcn },
    ]);
  });

  test('the bump allocator knows no end of the window', () => {
    const machine = open(
      withDomain({ kind: 'unmanaged', msiWindow: { base: 0x800_0000, size: 0x1000 } }, PERCPU),
      design,
    );
    carryOut(machine, attach('nic', 'vm'));
    for (const [index, cpu] of [0, 1, 2].entries()) {
      carryOut(machine, { ...setup('nic', 1, [cpu]) });
      if (index < 2) carryOut(machine, teardown('nic'));
    }
    expect(mappingsOf(machine.observe(), 'vm').map((row) => row.slice(0, 19))).toEqual([
      '8000000 -> 2c000000',
      '8001000 -> 2c001000',
      '8002000 -> 2c002000',
    ]);
  });

  test('PAGE_SIZE is the page of an MSI cookie: refused by an SMMU of larger pages', () => {
    const base = machineWith(ITS);
    const iommus = { smmu: { ...(base.iommus['smmu'] as Iommu), granules: [65536] as const } };
    const machine = open({ ...base, iommus }, design);
    carryOut(machine, attach('nic', 'vm'));
    const seen = machine.perform(setup('nic', 1));
    expect(mappingsOf(seen, 'vm')).toEqual([]);
    expect(seen.error).toBe(design === 'linux-4.9' ? undefined : 'ENOSPC');
  });

  test('two frames in one page of the tables are one mapping', () => {
    const frames = [0, 1].map((n) => ({
      base: 0x0802_0000 + n * 0x1000,
      baseSpi: 80 + n,
      count: 1,
    }));
    const base = machineWith({ kind: 'gicv2m', frames });
    const machine = open({ ...base, kernel: { ...base.kernel, pageSize: 65536 } }, design);
    carryOut(machine, attach('nic', 'vm'), setup('nic', 2));
    expect(mappingsOf(machine.observe(), 'vm')).toEqual([
      '8000000 -> 8020000 10000 WRITE|NOEXEC|MMIO',
    ]);
    for (const index of [0, 1]) {
      expect(valueOf(carryOut(machine, fire('nic', index)).interrupts()).length).toBe(1);
    }
  });
});

describe('what differs between them', () => {
  test('when: 4.9 in compose, the others at allocation', () => {
    const order = (design: (typeof LINUX)[number]): number[] => {
      const steps = stepsOf(
        carryOut(open(machineWith(V2M), design), attach('nic', 'vm'), setup('nic', 1)),
      );
      return ['iommu_dma_map_msi_msg', 'iommu_dma_prepare_msi', 'gicv2m_compose_msi_msg'].map(
        (name) => steps.indexOf(name),
      );
    };
    const [map, prepare, compose] = order('linux-4.9') as [number, number, number];
    expect([prepare, map > compose]).toEqual([-1, true]);
    for (const design of ['linux-5.2', 'linux-6.15'] as const) {
      const [late, early, then] = order(design) as [number, number, number];
      expect([late, early >= 0 && early < then]).toEqual([-1, true]);
    }
  });

  test('a re-target to another doorbell: 4.9 maps it; 5.2 and 6.15 keep the IOVA of the first', () => {
    for (const design of LINUX) {
      const machine = open(machineWith(PERCPU), design);
      carryOut(machine, attach('nic', 'vm'), setup('nic', 1, [0]), affinity('nic', 0, 2));
      const arrived = valueOf(carryOut(machine, fire('nic', 0)).interrupts());
      expect(mappingsOf(machine.observe(), 'vm').length).toBe(design === 'linux-4.9' ? 2 : 1);
      expect(arrived.map(({ cpu }) => cpu)).toEqual(design === 'linux-4.9' ? [2] : []);
    }
  });

  test('5.2 has a pointer into the domain: compose after the domain went reads freed memory', () => {
    for (const design of ['linux-5.2', 'linux-6.15'] as const) {
      const machine = open(machineWith(PERCPU), design);
      carryOut(machine, attach('nic', 'vm'), setup('nic', 1, [0]), detach('nic'));
      carryOut(machine, { op: 'free-domain', domain: 'vm' });
      const faults = valueOf(carryOut(machine, affinity('nic', 0, 1)).faults());
      expect(faults.map(({ name }) => name)).toEqual(
        design === 'linux-5.2' ? ['use-after-free'] : [],
      );
    }
  });
});

describe('linux-6.15 under iommufd', () => {
  const vm = {
    kind: 'unmanaged',
    iommufd: 'fd',
    msiWindow: { base: 0x800_0000, size: 0x10_0000 },
  } as const;
  const topology = {
    ...machineWith(PERCPU),
    domains: { vm, vm2: vm, other: { kind: 'unmanaged' as const } },
  };

  test('READ|WRITE|MMIO, and the domain that a device moves to has its pages before it arrives', () => {
    const machine = open(topology, 'linux-6.15');
    carryOut(machine, attach('nic', 'vm'), setup('nic', 1, [1]));
    expect(mappingsOf(machine.observe(), 'vm')).toEqual([
      '8000000 -> 2c001000 1000 READ|WRITE|MMIO',
    ]);
    const moved = carryOut(machine, attach('nic', 'vm2'));
    expect(mappingsOf(moved, 'vm2')).toEqual(['8000000 -> 2c001000 1000 READ|WRITE|MMIO']);
    expect(stepsOf(moved).indexOf('iommufd_group_setup_msi')).toBeLessThan(
      stepsOf(moved).indexOf('arm_smmu_attach_dev'),
    );
    expect(valueOf(carryOut(machine, fire('nic', 0)).interrupts()).length).toBe(1);
  });

  test('offsets belong to the file descriptor and are never used again', () => {
    const machine = open(topology, 'linux-6.15');
    carryOut(machine, attach('nic', 'vm'), attach('engine', 'vm2'));
    carryOut(machine, setup('nic', 1, [0]), setup('engine', 1, [2]));
    expect(mappingsOf(machine.observe(), 'vm2')[0]).toMatch(/^8001000 -> 2c002000/);
    carryOut(machine, teardown('nic'), setup('nic', 1, [1]));
    expect(mappingsOf(machine.observe(), 'vm').map((row) => row.slice(0, 7))).toEqual([
      '8000000',
      '8002000',
    ]);
  });

  test('5.2 does not survive the same move', () => {
    const machine = open(topology, 'linux-5.2');
    carryOut(machine, attach('nic', 'vm'), setup('nic', 1, [1]), attach('nic', 'vm2'));
    expect(valueOf(carryOut(machine, fire('nic', 0)).faults()).length).toBe(1);
  });

  test('64 pages to a file descriptor, then EOVERFLOW, which set-up reports as ENOSPC', () => {
    const machine = open({ ...topology, cpus: 66 }, 'linux-6.15');
    carryOut(machine, attach('nic', 'vm'));
    for (let cpu = 0; cpu < 64; cpu++) carryOut(machine, setup('nic', 1, [cpu]), teardown('nic'));
    expect(machine.perform(setup('nic', 1, [64])).error).toBe('ENOSPC');
    expect(machine.perform(setup('nic', 1, [63])).error).toBeUndefined();
  });
});
