/** From a topology to QEMU's command line, and what is refused on the way. */
import { describe, expect, test } from '@jest/globals';
import type { Device, Topology } from '../../../../src/topology/topology.ts';
import { commandLine, shellText } from './command-line.ts';
import { machineOf, type QemuMachine, refusal } from './machine.ts';

const image = { name: '6.12', kernel: '/k/Image', initramfs: '/k/init rd.cpio' };
const nic: Device = {
  bus: 'pci',
  requesterId: 0x20,
  msix: { vectors: 16 },
  msiParent: { controller: 'its', deviceId: 0x20 },
  dmaBits: 64,
};
const topology: Topology = {
  cpus: 2,
  kernel: {
    pageSize: 4096,
    physAddrBits: 64,
    dmaAddrBits: 64,
    iommuApi: true,
    pciMsiIrqDomain: true,
  },
  msiControllers: {
    its: { kind: 'gicv3-its', base: 0x0808_0000, eventIdBits: 16, deviceIdBits: 16, lpis: 57_344 },
  },
  iommus: {},
  devices: { nic },
  domains: {},
};
const empty: QemuMachine = { cpus: 1, msi: 'its', smmu: false, ports: [], devices: [] };
const text = (machine: QemuMachine): string =>
  shellText(commandLine({ image, machine, console: '/l/a,b', trace: '/l/trace' }));

describe('the command line', () => {
  test('has the machine, the devices and the events', () => {
    const made = machineOf(topology, { nic: 'rocker' }, 1);
    if ('refused' in made) throw new Error(made.refused);
    const line = text(made.machine);
    expect(line).toContain('-machine virt,gic-version=3,its=on -cpu');
    expect(line).toContain('-smp 2');
    expect(line).toContain(
      '-global rocker.len-ports=6 -device rocker,name=nic,bus=pcie.0,addr=0x4',
    );
    expect(line).toContain('-device rocker,name=spare31,bus=pcie.0,addr=0x1f');
    expect(line).toContain("-trace 'gicv3_its_cmd_*'");
    expect(line).toContain("-initrd '/k/init rd.cpio'");
    expect(line).toContain('path=/l/a,,b');
    expect(made.spares.map(({ slot }) => slot)).toEqual([31]);
  });

  test('a GICv2m comes with a GICv2; an SMMU when there is one; ports before what is behind them', () => {
    const line = text({
      ...empty,
      msi: 'gicv2m',
      smmu: true,
      ports: [{ name: 'rp1', slot: 1, bus: 1 }],
      devices: [{ name: 'net', kind: 'e1000e', slot: 0, behind: 'rp1' }],
    });
    expect(line).toContain('virt,gic-version=2,iommu=smmuv3');
    expect(line).toContain(
      '-device pcie-root-port,id=rp1,chassis=1,slot=1,bus=pcie.0,addr=0x1 -device e1000e,romfile=,id=in-rp1,bus=rp1,addr=0x0',
    );
    expect(line).not.toContain('rocker');
  });
});

test('many messages are those of an xHCI controller, without its MSI-X', () => {
  const usb: Device = {
    bus: 'pci',
    requesterId: 0x10,
    msi: { vectors: 8, addressBits: 64, maskable: false },
    msiParent: { controller: 'its', deviceId: 0x10 },
    dmaBits: 64,
  };
  const made = machineOf({ ...topology, devices: { usb } }, { usb: 'xhci' });
  if ('refused' in made) throw new Error(made.refused);
  const line = commandLine({ image, machine: made.machine, console: '/c', trace: '/t' });
  expect(shellText(line)).toContain('-device nec-usb-xhci,msi=on,msix=off,bus=pcie.0,addr=0x2');
});

test('root ports are made for the buses that addresses name, those between them too, in slots that are free', () => {
  const devices = { nic: { ...nic, requesterId: 0x300 }, disk: { ...nic, requesterId: 0x8 } };
  const made = machineOf({ ...topology, devices }, { nic: 'e1000e', disk: 'rocker' }, 1);
  if ('refused' in made) throw new Error(made.refused);
  expect(made.machine.ports).toEqual([
    { name: 'rp1', slot: 2, bus: 1 },
    { name: 'rp2', slot: 3, bus: 2 },
    { name: 'rp3', slot: 4, bus: 3 },
  ]);
  expect(made.machine.devices[0]).toMatchObject({ name: 'nic', slot: 0, behind: 'rp3' });
  expect(made.spares.map(({ slot }) => slot)).toEqual([31]);
  const options = { image, machine: made.machine, console: '/c', trace: '/t' };
  const line = shellText(commandLine({ ...options, monitor: 3 }));
  expect(line).toContain('-bios ');
  expect(line).toContain('-chardev socket,id=qmp,fd=3 -mon chardev=qmp,mode=control');
  expect(line).toContain('pcie_pme=nomsi');
  // Shown, and not run: who pastes it has no descriptor 3.
  expect(shellText(commandLine(options))).not.toContain('qmp');
});

describe('a bridge', () => {
  const behind = { ...nic, behind: 0x28 };
  const made = (devices: Record<string, Device>, kinds: Record<string, 'rocker'> = {}) =>
    machineOf({ ...topology, devices }, kinds);

  test('stands in its slot, with root ports for the buses before and after it', () => {
    const machine = made({
      left: { ...behind, requesterId: 0x208 },
      right: { ...behind, requesterId: 0x210 },
      far: { ...nic, requesterId: 0x300 },
    });
    if ('refused' in machine) throw new Error(machine.refused);
    expect(machine.machine.ports).toEqual([
      { name: 'rp1', slot: 1, bus: 1 },
      { name: 'rp2', slot: 5, bus: 2, conventional: true },
      { name: 'rp3', slot: 6, bus: 3 },
    ]);
    const options = { image, machine: machine.machine, console: '/c', trace: '/t' };
    const line = shellText(commandLine(options));
    expect(line).toContain('-device pcie-pci-bridge,id=rp2,msi=off,bus=pcie.0,addr=0x5 ');
    expect(line).toMatch(/-device rocker,name=right,bus=rp2,addr=0x2 /);
    expect(line).toContain('initcall_blacklist=shpcd_init');
  });

  test('that cannot have its bus number, or is two, is refused', () => {
    const first = { ...behind, behind: 0x8, requesterId: 0x208 };
    expect(made({ first })).toEqual({ refused: expect.stringContaining('slot by slot') });
    const left = { ...behind, requesterId: 0x108 };
    const right = { ...behind, requesterId: 0x208 };
    expect(made({ left, right })).toEqual({ refused: expect.stringContaining('one bridge') });
  });
});

test('a GICv2m frame with other SPIs than QEMU gives it needs a device tree of its own', () => {
  const withFrame = (count: number) =>
    machineOf(
      {
        ...topology,
        msiControllers: {
          its: { kind: 'gicv2m', frames: [{ base: 0x0802_0000, baseSpi: 80, count }] },
        },
      },
      { nic: 'rocker' },
    );
  expect(withFrame(16)).toMatchObject({
    machine: { msi: 'gicv2m', spis: { base: 80, count: 16 } },
  });
  expect(withFrame(64)).not.toHaveProperty('machine.spis');
  const line = commandLine({ image, machine: empty, console: '/c', trace: '/t', tree: '/l/tree' });
  expect(shellText(line)).toContain('-m 512 -dtb /l/tree -nodefaults');
});

describe('refused before anything starts', () => {
  const rocker = { name: 'a', kind: 'rocker', slot: 4 } as const;

  test.each<[string, Partial<QemuMachine>, string]>([
    ['too many CPUs', { cpus: 9 }, '9 CPUs'],
    [
      'two in a slot',
      { devices: [rocker, { ...rocker, name: 'b' }] },
      'b and a are both in slot 4',
    ],
    ['the host bridge', { devices: [{ ...rocker, slot: 0 }] }, 'slot 0'],
    ['vectors', { devices: [{ ...rocker, vectors: 129 }] }, 'rocker has 128 at most'],
    ['a port that is not there', { devices: [{ ...rocker, behind: 'rp' }] }, 'not there'],
  ])('%s', (_, change, why) => expect(refusal({ ...empty, ...change })).toContain(why));

  test('the machine itself is fine', () => {
    expect(refusal({ ...empty, devices: [rocker] })).toBeUndefined();
  });

  test('what is not in QEMU: platform devices, other controllers, other buses', () => {
    const platform: Device = {
      bus: 'platform',
      msis: 1,
      msiParent: { controller: 'its', deviceId: 1 },
      dmaBits: 64,
    };
    expect(machineOf({ ...topology, devices: { uart: platform } }, {})).toEqual({
      refused: expect.stringContaining('platform device'),
    });
    expect(machineOf({ ...topology, msiControllers: {} }, {})).toEqual({
      refused: expect.stringContaining('0 MSI controllers'),
    });
    expect(
      machineOf({ ...topology, devices: { nic: { ...nic, requesterId: 0x108 } } }, {}),
    ).toEqual({
      refused: expect.stringContaining('0x108'),
    });
    expect(
      machineOf({ ...topology, devices: { nic: { ...nic, requesterId: 0x900 } } }, {}),
    ).toEqual({ refused: '9 root ports; the guest has 8 at most' });
  });
});
