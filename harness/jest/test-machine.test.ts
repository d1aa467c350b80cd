/** The machine of hand-written tests: what it takes, what it refuses, what it tells. */
import { describe, expect, test } from '@jest/globals';
import { type MachineOptions, openMachine, type TestMachine } from './extend.ts';

const ITS = '../../specs/topologies/virt-its.yaml';
const open = (more: Partial<MachineOptions> = {}): TestMachine =>
  openMachine({ topology: ITS, design: 'tracked', ...more });
const ready = (): TestMachine =>
  open().perform(
    { attach: { device: 'nic', domain: 'vm' } },
    { setup: { device: 'nic', vectors: 1, cpu: 3 } },
  );

describe('openMachine', () => {
  test.each([
    [{ topology: '../../specs/topologies/virt-itz.yaml' }, 'virt-itz.yaml'],
    [
      { topology: { cpus: 2, device: {} } as never },
      'unknown key "device"; did you mean "devices"?',
    ],
    [{ design: 'traked' }, 'no design "traked"; did you mean "tracked"?'],
    [{ kernel: '6.x' }, '"6.x" is no kernel version'],
    [{ changes: { 'its-balanc': 'off' } }, 'did you mean "its-balance"?'],
    [{ topologie: ITS } as never, 'unknown option "topologie"'],
    [{ topology: undefined } as never, 'topology is undefined'],
    [{ design: undefined } as never, 'openMachine needs design, or kernel'],
  ] as const)('%j is an error', (options, message) => {
    expect(() => open(options)).toThrow(message);
  });

  test('a mistake in the topology file is told with its place there', () => {
    const path = '../../specs/fault/topologies/no-such.yaml';
    expect(() => open({ topology: path })).toThrow(
      'cannot read specs/fault/topologies/no-such.yaml',
    );
  });

  test('a kernel implies its design, a parameter stands in the topology', () => {
    const machine = openMachine({
      topology: { ...SMALL, cpus: '${cpus}' },
      kernel: '5.2',
      parameters: { cpus: 8 },
    });
    const setup = { setup: { device: 'nic', vectors: 1, cpu: 7 } };
    machine.perform({ attach: { device: 'nic', domain: 'vm' } }, setup, { fire: 'nic/0' });
    expect(machine).toHaveDelivered('nic/0', { cpu: 7 });
    // linux-5.2 keeps the mapping of a doorbell for as long as the domain lives.
    expect(machine.perform({ teardown: 'nic' })).not.toHaveNoMappings('vm');
  });

  test('a design that the topology cannot have is an error', () => {
    expect(() => openMachine({ topology: { ...SMALL, cpus: 0 }, design: 'tracked' })).toThrow(
      'cpus',
    );
  });
});

const SMALL = {
  cpus: 2,
  'msi-controllers': { its: { kind: 'gicv3-its', base: 0x0809_0000 } },
  iommus: { smmu: { kind: 'smmu-v3', granule: '4K' } },
  devices: {
    nic: { bus: 'pci', address: '00:02.0', msix: 4, 'msi-parent': 'its', iommus: 'smmu' },
  },
  domains: { vm: { kind: 'unmanaged', 'msi-window': 'sw-msi' } },
} as const;

describe('perform', () => {
  test('checks what the step expects, and shows the line of the test', () => {
    const machine = ready();
    machine.perform({ fire: 'nic/0', expect: { interrupts: { 'nic/0': { cpu: 3 } } } });
    const wrong = { fire: 'nic/0', expect: { interrupts: { 'nic/0': { cpu: 1 } } } } as const;
    const error = thrown(() => machine.perform(wrong));
    expect(error.message).toContain('≠ at CPU 1, 1 time   none');
    expect(error.stack?.split('\n').find((line) => /^ +at /.test(line))).toContain(
      'test-machine.test.ts',
    );
  });

  test('fails of an error, a fault and an MSI that is lost, and says how to mean it', () => {
    const fault = { 'dma-write': { device: 'nic', address: 0x4000_0000 } } as const;
    for (const [step, message] of [
      [{ setup: { device: 'nic', vectors: 200 } }, 'the step returned'],
      [fault, 'a fault was recorded'],
    ] as const) {
      const { message: told } = thrown(() => ready().perform(step));
      expect(told).toContain(message);
      expect(told).toContain('attempt({ ... }) leaves it to the matchers');
    }
    const lost = thrown(() => ready().perform({ reset: 'nic' }, { fire: 'nic/0' }));
    expect(lost.message).toContain('was raised 1 time and arrived 0 times');
    ready().perform({ ...fault, expect: { faults: [{ device: 'nic' }] } });
    expect(ready().attempt(fault)).toHaveFaulted({ device: 'nic' });
  });

  test.each([
    [{ fier: 'nic/0' }, 'unknown key "fier"; did you mean "fire"?'],
    [{ fire: 'disk/0' }, 'no step before this one sets up vectors of "disk"'],
    [{ fire: 'nic/0', mask: 'nic/0' }, 'a step with 2 operations: fire, mask'],
    [{}, 'DB205'],
    [{ use: 'bind' }, 'named steps are of specs'],
    [{ fire: undefined }, 'fire is undefined'],
    [{ fire: 'nic/0', expect: {} }, 'DB205'],
  ])('%j is an error', (step, message) => {
    expect(() => ready().perform(step as never)).toThrow(message);
  });

  test('attempt takes no expect: it would not be checked', () => {
    const step = { fire: 'nic/0', expect: { faults: 'none' } };
    expect(() => ready().attempt(step as never)).toThrow(
      'attempt: a step with expect is for perform',
    );
  });

  test('an expectation that cannot be seen is no pass', () => {
    const machine = open({ design: 'linux-5.2' }).perform({
      attach: { device: 'nic', domain: 'vm' },
    });
    const step = {
      setup: { device: 'nic', vectors: 1 },
      expect: { mappings: { vm: [{ refs: 1 }] } },
    } as const;
    expect(() => machine.perform(step)).toThrow(/^setup nic, 1 vector: .*count/);
  });

  test('a freed domain is not used again', () => {
    const machine = open().perform({ 'free-domain': 'vm' });
    const attach = { attach: { device: 'nic', domain: 'vm' } };
    expect(() => machine.perform(attach)).toThrow('domain "vm" was freed by an earlier step');
  });
});

describe('observations', () => {
  test('are the same each time, and leave the machine as it is', async () => {
    const machine = ready().perform({ fire: 'nic/0' });
    const first = String(await machine.observations());
    expect(String(await machine.observations())).toBe(first);
    expect(machine).toHaveDelivered('nic/0', { cpu: 3 });
    expect(first).toContain('  interrupt nic/0 cpu 3      x1\n');
  });

  test('in a snapshot are text', async () => {
    const machine = open().perform({ attach: { device: 'nic', domain: 'vm' } });
    machine.attempt({ 'dma-write': { device: 'nic', address: 0x4000_0000 } });
    expect(await machine.observations()).toMatchInlineSnapshot(`
step 1  attach nic -> vm
  invalidation  CFGI_STE streamId=0x10
  invalidation  CMD_SYNC

step 2  dma-write nic 0x40000000 data 0x0
  fault nic  F_TRANSLATION sid 0x10 0x40000000
`);
  });
});

function thrown(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
