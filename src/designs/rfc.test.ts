/**
 * rfc-v3, and compose which shares its bindings. Counts and errors as in dma-reserved-iommu.c of
 * the RFC.
 */
import { describe, expect, test } from '@jest/globals';
import {
  affinity,
  attach,
  carryOut,
  detach,
  fire,
  map,
  mappingsOf,
  open,
  setup,
  teardown,
  valueOf,
} from '../testing/drive.ts';
import { ITS, machineWith, PERCPU, V2M } from '../testing/topologies.ts';
import type { Iommu, MsiController, Topology } from '../topology/topology.ts';

const on = (controller: MsiController, initialCount: 1 | 2 = 1, change: Partial<Topology> = {}) => {
  const machine = open({ ...machineWith(controller), ...change }, 'rfc-v3', initialCount);
  carryOut(machine, attach('nic', 'vm'));
  return machine;
};

describe('rfc-v3', () => {
  test('maps in write_msi_msg, WRITE only, the last page of the window, one reference per vector', () => {
    const machine = on(ITS);
    expect(mappingsOf(carryOut(machine, setup('nic', 3)), 'vm')).toEqual([
      '800f000 -> 8090000 1000 WRITE refs 3',
    ]);
    expect(mappingsOf(carryOut(machine, teardown('nic')), 'vm')).toEqual([]);
  });

  test('the stored code takes two references at the first get: never unmapped', () => {
    const machine = on(ITS, 2);
    expect(mappingsOf(carryOut(machine, setup('nic', 3)), 'vm')[0]).toMatch(/refs 4$/);
    const seen = carryOut(machine, teardown('nic'));
    expect(mappingsOf(seen, 'vm')[0]).toMatch(/refs 1$/);
    expect(valueOf(seen.leaks('vm'))).toBe(1);
  });

  test('each re-target between per-CPU doorbells leaves a reference on the old page', () => {
    const machine = on(PERCPU);
    carryOut(machine, setup('nic', 1, [0]), affinity('nic', 0, 1));
    const seen = carryOut(machine, affinity('nic', 0, 2));
    expect(mappingsOf(seen, 'vm')).toEqual([
      '800d000 -> 2c002000 1000 WRITE refs 1',
      '800e000 -> 2c001000 1000 WRITE refs 1',
      '800f000 -> 2c000000 1000 WRITE refs 1',
    ]);
    expect(valueOf(seen.leaks('vm'))).toBe(2);
    expect(valueOf(carryOut(machine, teardown('nic')).leaks('vm'))).toBe(2);
  });

  test('there and back: the count of the page rises by one a time', () => {
    const machine = on(PERCPU);
    carryOut(machine, setup('nic', 1, [0]));
    for (const cpu of [1, 0, 1, 0]) carryOut(machine, affinity('nic', 0, cpu));
    expect(mappingsOf(machine.observe(), 'vm')).toEqual([
      '800e000 -> 2c001000 1000 WRITE refs 2',
      '800f000 -> 2c000000 1000 WRITE refs 3',
    ]);
  });

  test('a chip that returns IRQ_SET_MASK_OK_DONE does not leak', () => {
    const machine = on(V2M);
    carryOut(machine, setup('nic', 1, [0]), affinity('nic', 0, 1), affinity('nic', 0, 2));
    expect(mappingsOf(machine.observe(), 'vm')[0]).toMatch(/refs 1$/);
  });

  test('several vectors in one MSI: a get each; vector 0 first leaves all but one, last leaves none', () => {
    const machine = on(ITS);
    carryOut(machine, attach('card', 'vm'), setup('card', 4));
    expect(mappingsOf(machine.observe(), 'vm')[0]).toMatch(/refs 4$/);
    expect(valueOf(carryOut(machine, teardown('card')).leaks('vm'))).toBe(3);

    const other = on(ITS);
    carryOut(other, attach('card', 'vm'), setup('card', 4));
    for (const index of [3, 2, 1, 0]) carryOut(other, teardown('card', index));
    expect(mappingsOf(carryOut(other, teardown('card')), 'vm')).toEqual([]);
  });

  test('platform devices are not served: the physical address faults', () => {
    const machine = on(ITS);
    carryOut(machine, attach('engine', 'vm'), setup('engine', 1));
    expect(valueOf(carryOut(machine, fire('engine', 0)).faults())).toMatchObject([
      { name: 'F_TRANSLATION', address: 0x0809_0040n },
    ]);
  });

  test('errors are ignored: no window, a full one, and one that the tables cannot reach', () => {
    for (const [controller, domains] of [
      [ITS, { vm: { kind: 'unmanaged' } }],
      [ITS, { vm: { kind: 'dma' } }],
      [ITS, { vm: { kind: 'unmanaged', msiWindow: { base: 2 ** 48, size: 4096 } } }],
    ] as const) {
      const machine = on(controller, 1, { domains });
      const seen = carryOut(machine, setup('nic', 1));
      expect(valueOf(seen.message('nic', 0)).address).toBe(0x0809_0040n);
      expect(mappingsOf(seen, 'vm')).toEqual([]);
    }
    const full = on(PERCPU, 1, {
      domains: { vm: { kind: 'unmanaged', msiWindow: { base: 0x800_0000, size: 4096 } } },
    });
    carryOut(full, setup('nic', 1, [0]));
    const seen = carryOut(full, affinity('nic', 0, 1));
    expect(valueOf(seen.message('nic', 0)).address).toBe(0x2c00_1040n);
    expect(valueOf(carryOut(full, fire('nic', 0)).faults()).length).toBe(1);
  });

  test('64K host pages and an SMMU of 4K only: the IOVA lies outside the window', () => {
    const base = machineWith(ITS);
    const machine = on(ITS, 1, {
      kernel: { ...base.kernel, pageSize: 65536 },
      iommus: { smmu: { ...(base.iommus['smmu'] as Iommu), granules: [4096] } },
      domains: { vm: { kind: 'unmanaged', msiWindow: { base: 0x800_0000, size: 0x10_0000 } } },
    });
    // pfn 0x80f of the window's 64K pages, shifted by the SMMU's 4K.
    expect(mappingsOf(carryOut(machine, setup('nic', 1)), 'vm')).toEqual([
      '80f000 -> 8090000 1000 WRITE refs 1',
    ]);
  });

  test('32-bit dma_addr_t: the upper half of the IOVA is cut off, and never put again', () => {
    const base = machineWith(ITS);
    const machine = on(ITS, 1, {
      kernel: { ...base.kernel, dmaAddrBits: 32 },
      domains: { vm: { kind: 'unmanaged', msiWindow: { base: 2 ** 32, size: 4096 } } },
    });
    const seen = carryOut(machine, setup('nic', 1));
    expect(mappingsOf(seen, 'vm')).toEqual(['100000000 -> 8090000 1000 WRITE refs 1']);
    expect(valueOf(seen.message('nic', 0)).address).toBe(0x40n);
    expect(valueOf(carryOut(machine, teardown('nic')).leaks('vm'))).toBe(1);
  });

  test('32-bit phys_addr_t: the upper half of the doorbell is not looked at', () => {
    const base = machineWith(ITS);
    const machine = on({ ...ITS, base: 0x1_0808_0000 }, 1, {
      kernel: { ...base.kernel, physAddrBits: 32 },
    });
    expect(mappingsOf(carryOut(machine, setup('nic', 1)), 'vm')[0]).toContain('-> 8090000 ');
  });

  test('without PCI_MSI_IRQ_DOMAIN there is no PCI MSI; without IOMMU_API no hook', () => {
    const base = machineWith(ITS);
    const kernel = { ...base.kernel, pciMsiIrqDomain: false };
    expect(on(ITS, 1, { kernel }).perform(setup('nic', 1)).error).toBe('EINVAL');
    const off = open({ ...base, kernel: { ...base.kernel, iommuApi: false } }, 'rfc-v3');
    const seen = carryOut(off, setup('nic', 1), fire('nic', 0));
    expect(valueOf(seen.interrupts()).length).toBe(1);
  });

  test('a teardown in another domain finds nothing to put', () => {
    const machine = on(ITS);
    carryOut(machine, setup('nic', 1), detach('nic'), teardown('nic'));
    expect(valueOf(machine.observe().leaks('vm'))).toBe(1);
  });

  test('after the window was freed: the binding stays, its last put and a new page touch freed memory', () => {
    const machine = on(PERCPU);
    carryOut(machine, setup('nic', 1, [0]), { op: 'free-window', domain: 'vm' });
    const faults = (...operations: Parameters<typeof carryOut>[1][]): string[] =>
      valueOf(carryOut(machine, ...operations).faults()).map(({ name }) => name);
    expect(faults(fire('nic', 0))).toEqual([]);
    expect(faults(affinity('nic', 0, 1))).toEqual(['use-after-free']);
    expect(faults(teardown('nic'))).toEqual(['use-after-free']);
  });
});

describe('compose', () => {
  test('serves platform devices too, and never drops', () => {
    const machine = open(machineWith(ITS), 'compose');
    carryOut(machine, attach('engine', 'vm'), setup('engine', 2));
    expect(mappingsOf(machine.observe(), 'vm')[0]).toMatch(/refs 2$/);
    expect(valueOf(carryOut(machine, fire('engine', 1)).interrupts()).length).toBe(1);
    expect(valueOf(carryOut(machine, teardown('engine')).leaks('vm'))).toBe(2);
  });
});

test('unmapped: the physical address, which is right only where nothing translates', () => {
  const machine = open(machineWith(V2M), 'unmapped');
  carryOut(machine, attach('nic', 'vm'), map('vm', 0x4000_0000n, 0x1000n), setup('nic', 1));
  expect(valueOf(carryOut(machine, fire('nic', 0)).faults()).length).toBe(1);
  carryOut(machine, attach('nic', 'pass'));
  expect(valueOf(carryOut(machine, fire('nic', 0)).interrupts()).length).toBe(1);
});
