/** What each irqchip driver allocates, and what it does when there is no more. */
import { describe, expect, test } from '@jest/globals';
import {
  affinity,
  attach,
  carryOut,
  commandsOf,
  fire,
  mask,
  open,
  setup,
  teardown,
  unmask,
  valueOf,
} from '../../testing/drive.ts';
import { ITS, machineWith, pciDevice, PERCPU, V2M } from '../../testing/topologies.ts';
import type { MsiController } from '../../topology/topology.ts';

function machine(controller: MsiController, design: Parameters<typeof open>[1] = 'linux-5.2') {
  const base = machineWith(controller);
  const devices = {
    ...base.devices,
    big: pciDevice(0x20, { msix: { vectors: 64 } }),
    multi: pciDevice(0x28, { msi: { vectors: 8, addressBits: 64, maskable: true } }),
  };
  const made = open({ ...base, devices }, design);
  // Behind an SMMU that lets all pass: what counts here is the controller.
  for (const device of Object.keys(devices)) carryOut(made, attach(device, 'pass'));
  return made;
}

describe('GICv2m (irq-gic-v2m.c)', () => {
  const frames = (...counts: number[]): MsiController => ({
    kind: 'gicv2m',
    frames: counts.map((count, n) => ({
      base: 0x0802_0000 + n * 0x1000,
      baseSpi: 80 + 40 * n,
      count,
    })),
  });

  test('the data is the SPI number; the first frame with room serves, whatever frame is asked for', () => {
    const m = machine(frames(2, 8));
    const seen = carryOut(m, setup('nic', 4));
    expect([0, 1, 2, 3].map((v) => valueOf(seen.message('nic', v)))).toEqual([
      { address: 0x0802_0040n, data: 80 },
      { address: 0x0802_0040n, data: 81 },
      { address: 0x0802_1040n, data: 120 },
      { address: 0x0802_1040n, data: 121 },
    ]);
  });

  test('no SPI left: ENOSPC, all that was taken is given back', () => {
    const m = machine(frames(3));
    expect(m.perform(setup('nic', 4)).error).toBe('ENOSPC');
    expect(m.perform(setup('nic', 3)).error).toBeUndefined();
  });

  test('a block of four is aligned in SPI numbers', () => {
    const m = machine({ kind: 'gicv2m', frames: [{ base: 0x0802_0000, baseSpi: 82, count: 16 }] });
    expect(valueOf(carryOut(m, setup('card', 4)).message('card', 0)).data).toBe(84);
  });

  test('a block of three frees four: the neighbour loses its SPI', () => {
    const m = machine(V2M);
    carryOut(m, setup('multi', 3), setup('nic', 1), teardown('multi'));
    // nic/0 has SPI 83, which the release of [80, 84) has given to whoever comes next.
    const seen = carryOut(m, setup('card', 4));
    expect(valueOf(seen.message('card', 3)).data).toBe(83);
    expect(valueOf(seen.message('nic', 0)).data).toBe(83);
  });

  test('SPIs that were taken before iommu_dma_prepare_msi failed are lost', () => {
    const base = machineWith(frames(1));
    const m = open(
      {
        ...base,
        domains: { far: { kind: 'unmanaged', msiWindow: { base: 2 ** 48, size: 4096 } } },
      },
      'linux-5.2',
    );
    carryOut(m, attach('nic', 'far'));
    expect(m.perform(setup('nic', 1)).error).toBe('ENOSPC');
    carryOut(m, { op: 'detach', device: 'nic' });
    expect(m.perform(setup('nic', 1)).error).toBe('ENOSPC');
  });
});

describe('ITS (irq-gic-v3-its.c)', () => {
  const mapds = (seen: ReturnType<typeof carryOut>): unknown[] =>
    valueOf(seen.commands())
      .filter(({ name }) => name === 'MAPD')
      .map(({ fields }) => fields['size']);

  test('MAPD.Size is the EventID bits less one, of a power of two, at least two entries', () => {
    for (const [vectors, size] of [
      [1, 0],
      [2, 0],
      [3, 1],
      [64, 5],
    ] as const) {
      expect(mapds(carryOut(machine(ITS), setup('big', vectors)))).toEqual([size]);
    }
    // A platform device asks for at least 32.
    expect(mapds(carryOut(machine(ITS), setup('engine', 1)))).toEqual([4]);
  });

  test('too few LPIs: the request is halved, the ITT is not, and MAPD says the same at both ends', () => {
    const m = machine({ ...ITS, lpis: 24 });
    const up = m.perform(setup('big', 20));
    expect(up.error).toBe('ENOSPC');
    expect(mapds(up)).toEqual([4, 4]);
    expect(m.perform(setup('big', 16)).error).toBeUndefined();
  });

  test('no LPI at all: ENOMEM from msi_prepare, which is not made ENOSPC', () => {
    const m = machine({ ...ITS, lpis: 16 });
    carryOut(m, setup('big', 16));
    expect(m.perform(setup('nic', 1)).error).toBe('ENOMEM');
  });

  test('a DeviceID that the device table has no room for: ENOMEM and no command', () => {
    const m = machine({ ...ITS, deviceIdBits: 4 });
    const seen = m.perform(setup('nic', 1));
    expect([seen.error, commandsOf(seen)]).toEqual(['ENOMEM', []]);
  });

  test('activation goes to the CPU with the fewest LPIs, of all CPUs; the affinity moves it afterwards', () => {
    const m = machine(ITS);
    const up = carryOut(m, setup('nic', 4));
    const icids = valueOf(up.commands())
      .filter(({ name }) => name === 'MAPTI')
      .map(({ fields }) => fields['icid']);
    expect(icids).toEqual([0, 1, 2, 0]);
    const cpus = [0, 1, 2, 3].map((v) => valueOf(carryOut(m, fire('nic', v)).interrupts())[0]?.cpu);
    expect(cpus).toEqual([0, 1, 2, 0]);
    carryOut(m, teardown('nic'), setup('nic', 1, [2]));
    expect(valueOf(carryOut(m, fire('nic', 0)).interrupts())).toMatchObject([{ cpu: 2 }]);
  });

  test('EventIDs that were taken before iommu_dma_prepare_msi failed keep the ITT mapped', () => {
    const base = machineWith(ITS);
    const m = open(
      {
        ...base,
        domains: { far: { kind: 'unmanaged', msiWindow: { base: 2 ** 48, size: 4096 } } },
      },
      'linux-5.2',
    );
    carryOut(m, attach('nic', 'far'));
    const seen = m.perform(setup('nic', 1));
    expect([seen.error, commandsOf(seen)]).toEqual(['ENOSPC', ['MAPD']]);
    carryOut(m, { op: 'detach', device: 'nic' });
    // The device is found again, taken for an alias, and its only event is gone.
    const again = m.perform(setup('nic', 1));
    expect([again.error, commandsOf(again)]).toEqual(['ENOSPC', []]);
  });
});

describe('per-CPU doorbells', () => {
  test('an identity of the target CPU; several vectors in one MSI are refused', () => {
    const m = machine(PERCPU);
    expect(m.perform(setup('multi', 2)).error).toBe('ENOSPC');
    const seen = carryOut(m, setup('nic', 2, [1]));
    expect(valueOf(seen.message('nic', 1))).toEqual({ address: 0x2c00_1040n, data: 1 });
  });

  test('identities run out: ENOSPC, at set-up and at a move, which changes nothing', () => {
    const m = machine({ ...PERCPU, identities: 2 });
    carryOut(m, setup('nic', 2, [0]), setup('engine', 2, [1]));
    expect(m.perform(setup('card', 1, [0])).error).toBe('ENOSPC');
    const seen = m.perform(affinity('nic', 0, 1));
    expect(seen.error).toBe('ENOSPC');
    expect(seen.affinity('nic', 0)).toEqual([0]);
    expect(valueOf(carryOut(m, fire('nic', 0)).interrupts())).toMatchObject([{ cpu: 0 }]);
  });

  test('a current CPU within the mask: no move', () => {
    const m = machine(PERCPU);
    carryOut(m, setup('nic', 1, [1]), affinity('nic', 0, 0, 1));
    expect(valueOf(carryOut(m, fire('nic', 0)).interrupts())).toMatchObject([{ cpu: 1 }]);
  });

  test('what was pending at the old identity comes out at the new one', () => {
    const m = machine(PERCPU, 'tracked');
    // A platform device cannot mask: the interrupt waits in the controller.
    carryOut(m, attach('engine', 'vm'), setup('engine', 1, [0]), mask('engine', 0));
    carryOut(m, fire('engine', 0), affinity('engine', 0, 2));
    expect(valueOf(carryOut(m, unmask('engine', 0)).interrupts())).toEqual([
      { vector: 'engine/0', cpu: 2, count: 1 },
    ]);
  });

  test('IRQ_SET_MASK_OK_DONE: the message is not written, and the old identity is nobody’s', () => {
    const m = machine({ ...PERCPU, affinityReturns: 'IRQ_SET_MASK_OK_DONE' });
    carryOut(m, setup('nic', 1, [0]));
    const seen = carryOut(m, affinity('nic', 0, 2));
    expect(valueOf(seen.message('nic', 0)).address).toBe(0x2c00_0040n);
    const fired = carryOut(m, fire('nic', 0));
    expect(valueOf(fired.interrupts())).toEqual([]);
    expect(fired.explainPath('nic', 0).at(-1)).toContain('disabled: it waits as pending, nobody');
  });
});

test('masked at the device: pending there, sent at unmask, once', () => {
  for (const controller of [ITS, V2M, PERCPU]) {
    const m = machine(controller);
    carryOut(m, setup('nic', 1), mask('nic', 0));
    expect(valueOf(carryOut(m, fire('nic', 0, 3)).interrupts())).toEqual([]);
    expect(valueOf(carryOut(m, unmask('nic', 0)).interrupts())).toMatchObject([{ count: 1 }]);
    expect(valueOf(carryOut(m, fire('nic', 0)).interrupts())).toMatchObject([{ count: 1 }]);
  }
});
