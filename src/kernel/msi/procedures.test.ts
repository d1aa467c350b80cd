/**
 * Order of the kernel's atomic steps and of the ITS commands between them. The command sequences
 * are those that QEMU's ITS saw from booted kernels 6.1 and 6.12 (MAPD, MAPTI and INV per vector;
 * INV and DISCARD per vector, MAPD with V=0 at the end).
 */
import { describe, expect, test } from '@jest/globals';
import {
  affinity,
  attach,
  carryOut,
  commandsOf,
  fire,
  open,
  setup,
  stepsOf,
  teardown,
  valueOf,
} from '../../testing/drive.ts';
import { CONTROLLERS, machineWith } from '../../testing/topologies.ts';

const its = (design: Parameters<typeof open>[1] = 'linux-5.2') =>
  open(machineWith(CONTROLLERS.its), design);

const WRITE = ['write_msi_msg: address_lo', 'write_msi_msg: address_hi', 'write_msi_msg: data'];

describe('set-up', () => {
  test('MSI-X: allocate, map the doorbell, MAPTI, compose, write; then the check, MASKALL off, unmask', () => {
    const machine = its();
    carryOut(machine, attach('nic', 'vm'));
    expect(stepsOf(carryOut(machine, setup('nic', 1)))).toEqual([
      'pci_alloc_irq_vectors',
      'msix_capability_init',
      'its_create_device',
      'its_send_mapd',
      '> MAPD',
      'its_alloc_device_irq',
      'iommu_dma_prepare_msi',
      'its_irq_gic_domain_alloc',
      'its_irq_domain_activate',
      '> MAPTI',
      '> SYNC',
      'its_irq_compose_msi_msg',
      'iommu_dma_compose_msi_msg',
      ...WRITE,
      'msi_verify_entries',
      'pci_msix_clear_and_set_ctrl',
      'its_unmask_irq',
      '> INV',
      '> SYNC',
      'pci_msi_unmask_irq',
      'its_set_affinity',
    ]);
  });

  test('MSI: enabled after the message was written and checked, not before', () => {
    const machine = its();
    const steps = stepsOf(carryOut(machine, attach('card', 'vm'), setup('card', 4)));
    const enable = steps.indexOf('pci_msi_set_enable');
    expect(steps.lastIndexOf('write_msi_msg: data')).toBeLessThan(enable);
    expect(steps.indexOf('msi_verify_entries')).toBe(enable - 1);
    expect(steps.indexOf('its_unmask_irq')).toBeGreaterThan(enable);
    // One message for the four, one MAPTI each.
    expect(steps.filter((name) => name === 'write_msi_msg: data').length).toBe(1);
    expect(steps.filter((name) => name === '> MAPTI').length).toBe(4);
    expect(steps.filter((name) => name === 'iommu_dma_prepare_msi').length).toBe(1);
  });

  test('platform: activated by request_irq, after all are allocated', () => {
    const machine = its();
    const steps = stepsOf(carryOut(machine, attach('engine', 'vm'), setup('engine', 2)));
    expect(steps[0]).toBe('platform_device_msi_init_and_alloc_irqs');
    expect(steps.lastIndexOf('its_irq_gic_domain_alloc')).toBeLessThan(
      steps.indexOf('its_irq_domain_activate'),
    );
    expect(steps.filter((name) => name.includes('pci'))).toEqual([]);
  });

  test('commands of two vectors on a machine of one CPU: no MOVI', () => {
    const topology = { ...machineWith(CONTROLLERS.its), cpus: 1 };
    const machine = open(topology, 'linux-5.2');
    const commands = commandsOf(carryOut(machine, attach('nic', 'vm'), setup('nic', 2, [0])));
    expect(commands.filter((name) => name !== 'SYNC')).toEqual([
      'MAPD',
      'MAPTI',
      'MAPTI',
      'INV',
      'INV',
    ]);
  });
});

describe('affinity', () => {
  test('ITS: MOVI and a SYNC to the old redistributor; the message is not touched', () => {
    const machine = its();
    carryOut(machine, attach('nic', 'vm'), setup('nic', 1, [1]));
    const seen = carryOut(machine, affinity('nic', 0, 2));
    expect(stepsOf(seen)).toEqual(['irq_set_affinity', 'its_set_affinity', '> MOVI', '> SYNC']);
    expect(valueOf(seen.commands())).toMatchObject([
      { fields: { icid: 2 } },
      { fields: { rd: 1 } },
    ]);
    expect(commandsOf(carryOut(machine, affinity('nic', 0, 2)))).toEqual([]);
  });

  test('a chip that returns IRQ_SET_MASK_OK: compose, get, write, put, and only then the old identity goes', () => {
    const machine = open(machineWith(CONTROLLERS.percpu), 'tracked');
    carryOut(machine, attach('nic', 'vm'), setup('nic', 1, [0]));
    expect(stepsOf(carryOut(machine, affinity('nic', 0, 2)))).toEqual([
      'irq_set_affinity',
      'percpu_doorbell_set_affinity',
      'percpu_doorbell_compose_msi_msg',
      'msi_track_get',
      'pci_msix_mask',
      ...WRITE,
      'pci_msix_unmask',
      'msi_track_put',
      '> TLBI_NH_VA',
      '> CMD_SYNC',
      'percpu_doorbell_release_old',
    ]);
  });

  test('an interrupt that was never set up: EINVAL, and the chip is not asked', () => {
    const seen = its().perform(affinity('nic', 0, 1));
    expect(seen.error).toBe('EINVAL');
    expect(stepsOf(seen)).toEqual(['irq_set_affinity']);
  });
});

describe('teardown', () => {
  test('mask, INV, zero message, DISCARD per vector; disable; MAPD with V=0 after the last', () => {
    const machine = its();
    carryOut(machine, attach('nic', 'vm'), setup('nic', 2, [0]));
    const seen = carryOut(machine, teardown('nic'));
    const vector = [
      'pci_msi_mask_irq',
      'its_mask_irq',
      '> INV',
      '> SYNC',
      ...WRITE,
      'its_irq_domain_deactivate',
      '> DISCARD',
      '> SYNC',
    ];
    expect(stepsOf(seen)).toEqual([
      'pci_free_irq_vectors',
      ...vector,
      ...vector,
      'pci_msix_shutdown',
      'its_irq_domain_free',
      'its_irq_domain_free',
      'its_free_device',
      '> MAPD',
    ]);
    expect(valueOf(seen.commands()).at(-1)?.fields).toMatchObject({ valid: false, size: 0 });
    expect(valueOf(seen.message('nic', 0))).toEqual({ address: 0n, data: 0 });
  });

  test('free_irq of one vector leaves the others, and the device mapped', () => {
    const machine = its();
    carryOut(machine, attach('nic', 'vm'), setup('nic', 2, [0]));
    const commands = commandsOf(carryOut(machine, teardown('nic', 0)));
    expect(commands.filter((name) => name !== 'SYNC')).toEqual(['INV', 'DISCARD']);
    expect(valueOf(carryOut(machine, fire('nic', 1)).interrupts())).toEqual([
      { vector: 'nic/1', cpu: 0, count: 1 },
    ]);
    // The rest of the teardown does not discard it twice.
    expect(commandsOf(carryOut(machine, teardown('nic'))).filter((c) => c === 'DISCARD')).toEqual([
      'DISCARD',
    ]);
  });

  test('nothing set up: EINVAL, by the name of the bus', () => {
    expect(stepsOf(its().perform(teardown('engine')))).toEqual([
      'platform_device_msi_free_irqs_all',
    ]);
    expect(its().perform(teardown('nic')).error).toBe('EINVAL');
  });
});

describe('a set-up that fails is unwound', () => {
  test('EIO for a 32-bit device whose doorbell lies above 4 GiB, with MSI and with MSI-X', () => {
    for (const capability of ['msi', 'msi-x'] as const) {
      const base = machineWith(CONTROLLERS.its);
      const machine = open(
        {
          ...base,
          devices: {
            ...base.devices,
            old: {
              ...base.devices['nic']!,
              bus: 'pci',
              requesterId: 0x20,
              msiParent: { controller: 'msi', deviceId: 0x20 },
              msi: { vectors: 2, addressBits: 32, maskable: true },
              msix: { vectors: 2 },
            },
          },
          domains: { high: { kind: 'unmanaged', msiWindow: { base: 2 ** 33, size: 2 ** 20 } } },
        },
        'tracked',
      );
      carryOut(machine, attach('old', 'high'));
      const before = machine.store.snapshot();
      const seen = machine.perform(setup('old', 2, [0], capability));
      expect(seen.error).toBe('EIO');
      expect(commandsOf(seen).at(-1)).toBe('MAPD');
      expect(valueOf(seen.mappings('high'))).toEqual([]);
      // Nothing is left but addresses in collections and freed ITT entries.
      const left = machine.store.words.filter((word, i) => word !== before[i]).length;
      expect(left).toBeLessThanOrEqual(4);
    }
  });

  test('more vectors than the device has, or a second set-up', () => {
    const machine = its();
    expect(machine.perform(setup('nic', 5)).error).toBe('ENOSPC');
    carryOut(machine, setup('nic', 1));
    expect(machine.perform(setup('nic', 1)).error).toBe('EINVAL');
    expect(machine.perform(setup('card', 2, [0], 'msi-x')).error).toBe('ENOSPC');
  });
});
