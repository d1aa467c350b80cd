/** The two designs that count and give back: msi-iommu, and tracked with what it promises. */
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
import { ITS, machineWith, PERCPU } from '../testing/topologies.ts';
import type { Domain, MsiController, Topology } from '../topology/topology.ts';

const withDomain = (controller: MsiController, vm: Domain): Topology => ({
  ...machineWith(controller),
  domains: { vm, pass: { kind: 'identity' }, cage: { kind: 'blocked' }, host: { kind: 'dma' } },
});
const window = (pages: number, base = 0x800_0000): Domain => ({
  kind: 'unmanaged',
  msiWindow: { base, size: pages * 4096 },
});

describe('msi-iommu', () => {
  test('allocation maps the doorbell of every CPU for every vector; free drops them', () => {
    const machine = open(machineWith(PERCPU), 'msi-iommu');
    const seen = carryOut(machine, attach('nic', 'vm'), setup('nic', 2, [0]));
    expect(mappingsOf(seen, 'vm')).toEqual([
      '800d000 -> 2c002000 1000 WRITE refs 2',
      '800e000 -> 2c001000 1000 WRITE refs 2',
      '800f000 -> 2c000000 1000 WRITE refs 2',
    ]);
    carryOut(machine, affinity('nic', 0, 2));
    expect(valueOf(carryOut(machine, fire('nic', 0)).interrupts())).toMatchObject([{ cpu: 2 }]);
    expect(mappingsOf(carryOut(machine, teardown('nic')), 'vm')).toEqual([]);
  });

  test('a window for fewer pages than doorbells: refused, and what was taken is put', () => {
    const machine = open(withDomain(PERCPU, window(2)), 'msi-iommu');
    carryOut(machine, attach('nic', 'vm'));
    const seen = machine.perform(setup('nic', 1, [0]));
    expect([seen.error, mappingsOf(seen, 'vm')]).toEqual(['ENOSPC', []]);
  });

  test('no window: refused; a DMA domain is left alone and its MSI faults', () => {
    const machine = open(withDomain(ITS, { kind: 'unmanaged' }), 'msi-iommu');
    carryOut(machine, attach('nic', 'vm'));
    expect(machine.perform(setup('nic', 1)).error).toBe('ENOSPC');
    carryOut(machine, attach('card', 'host'), setup('card', 1));
    expect(valueOf(carryOut(machine, fire('card', 0)).faults()).length).toBe(1);
  });

  test('several vectors in one MSI are one allocation', () => {
    const machine = open(machineWith(ITS), 'msi-iommu');
    carryOut(machine, attach('card', 'vm'), setup('card', 4));
    expect(mappingsOf(machine.observe(), 'vm')[0]).toMatch(/refs 1$/);
    expect(mappingsOf(carryOut(machine, teardown('card')), 'vm')).toEqual([]);
  });
});

describe('tracked', () => {
  test('the new page is mapped before the write, the old one dropped after it', () => {
    const machine = open(machineWith(PERCPU), 'tracked');
    carryOut(machine, attach('nic', 'vm'), setup('nic', 1, [0]));
    const seen = carryOut(machine, affinity('nic', 0, 1));
    const steps = stepsOf(seen);
    expect(steps.indexOf('msi_track_get')).toBeLessThan(steps.indexOf('write_msi_msg: address_lo'));
    expect(steps.indexOf('msi_track_put')).toBeGreaterThan(steps.indexOf('write_msi_msg: data'));
    expect(mappingsOf(seen, 'vm')).toEqual(['8001000 -> 2c001000 1000 WRITE|NOEXEC|MMIO refs 1']);
  });

  test('no page for the new message: ENOMEM, and the old one goes on working', () => {
    const machine = open(withDomain(PERCPU, window(1)), 'tracked');
    carryOut(machine, attach('nic', 'vm'), setup('nic', 1, [0]));
    const seen = machine.perform(affinity('nic', 0, 1));
    expect([seen.error, seen.affinity('nic', 0)]).toEqual(['ENOMEM', [0]]);
    expect(valueOf(carryOut(machine, fire('nic', 0)).interrupts())).toMatchObject([{ cpu: 0 }]);
    expect(mappingsOf(carryOut(machine, teardown('nic')), 'vm')).toEqual([]);
  });

  test('platform devices, DMA domains, several vectors in one MSI: one reference per message', () => {
    const machine = open(machineWith(ITS), 'tracked');
    carryOut(machine, attach('engine', 'host'), attach('card', 'host'));
    carryOut(machine, setup('engine', 2), setup('card', 4));
    expect(mappingsOf(machine.observe(), 'host')).toEqual([
      'fffff000 -> 8090000 1000 WRITE|NOEXEC|MMIO refs 3',
    ]);
    for (const [device, index] of [
      ['engine', 1],
      ['card', 3],
    ] as const) {
      expect(valueOf(carryOut(machine, fire(device, index)).interrupts()).length).toBe(1);
    }
    carryOut(machine, teardown('card'), teardown('engine'));
    expect(mappingsOf(machine.observe(), 'host')).toEqual([]);
  });

  test.each(['vm', 'pass', 'cage', 'host'])(
    'a device with live messages in %s stays where it is, and keeps its window',
    (domain) => {
      const machine = open(withDomain(ITS, window(1)), 'tracked');
      carryOut(machine, attach('nic', domain), setup('nic', 1));
      for (const other of ['vm', 'pass', 'cage', 'host']) {
        expect(machine.perform(attach('nic', other)).error).toBe('EBUSY');
      }
      expect(machine.perform(detach('nic')).error).toBe('EBUSY');
      expect(machine.perform({ op: 'free-window', domain: 'vm' }).error).toBe(
        domain === 'vm' ? 'EBUSY' : undefined,
      );
      carryOut(machine, teardown('nic'), detach('nic'));
    },
  );

  test('a window that is aligned to a smaller page than the tables: the aligned part is used', () => {
    const base = withDomain(ITS, window(32, 0x800_1000));
    const machine = open({ ...base, kernel: { ...base.kernel, pageSize: 65536 } }, 'tracked');
    carryOut(machine, attach('nic', 'vm'), setup('nic', 1));
    expect(mappingsOf(machine.observe(), 'vm')[0]).toMatch(/^8010000 -> 8090000 10000/);
  });
});
