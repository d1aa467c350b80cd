/** The command that runs a machine, and the same as text for a shell. */
import type { GuestImage } from '../guest.ts';
import { EVENTS } from '../probes.ts';
import { firmwarePath } from './firmware.ts';
import type { QemuPort } from './buses.ts';
import { type QemuDevice, type QemuMachine, rockerPorts } from './machine.ts';

export const QEMU = 'qemu-system-aarch64';

/**
 * What the hardware did. The names are QEMU's (hw/intc/trace-events, hw/arm/trace-events); an event
 * that a version does not have is a warning there and nothing more.
 */
const TRACE_EVENTS = [
  'gicv3_its_cmd_*',
  'gicv3_its_translation_write',
  'smmuv3_translate_success',
  'smmuv3_translate_bypass',
  'smmuv3_translate_abort',
  'smmuv3_record_event',
] as const;

/**
 * panic=-1 and -no-reboot: a panic ends QEMU. iomem=relaxed: registers of a device that a driver
 * has. trace_event: what probes.ts asks for is on from the start, which later costs a wait for all
 * CPUs for each.
 */
const KERNEL_ARGUMENTS = `console=ttyAMA0 panic=-1 nokaslr iomem=relaxed trace_event=${EVENTS.map((name) => name.replace('/', ':')).join(',')}`;

/**
 * Root ports send no MSIs: theirs would take the first LPIs, or SPIs of the GICv2m, and those of a
 * case are to be its devices'. By INTx QEMU tells of no hotplug; so pciehp looks by itself, every
 * second.
 */
const PORT_ARGUMENT = 'pcie_pme=nomsi pciehp.pciehp_poll_mode=1 pciehp.pciehp_poll_time=1';

/**
 * The bridge is in the group of what is behind it, and VFIO takes no group of which a driver like
 * shpchp has a part.
 */
const BRIDGE_ARGUMENT = 'initcall_blacklist=shpcd_init';

export interface CommandOptions {
  readonly image: GuestImage;
  readonly machine: QemuMachine;
  /** Where QEMU writes the console and its trace. */
  readonly console: string;
  readonly trace: string;
  /** The device tree, where QEMU's own is not the one (`machine.spis`). */
  readonly tree?: string;
  /** Added to the kernel's command line. */
  readonly append?: string;
  /** The descriptor of the monitor's socket, which QEMU inherits. */
  readonly monitor?: number;
  /** Without trace events, for a comparison of times. */
  readonly quiet?: boolean;
}

export function commandLine(options: CommandOptions): readonly string[] {
  const { image, machine, append, tree } = options;
  const hasPorts = machine.ports.length > 0;
  const hasBridges = machine.ports.some(({ conventional }) => conventional === true);
  const kernelArguments = [
    KERNEL_ARGUMENTS,
    ...(hasPorts ? [PORT_ARGUMENT] : []),
    ...(hasBridges ? [BRIDGE_ARGUMENT] : []),
    ...(append === undefined || append === '' ? [] : [append]),
  ].join(' ');
  return [
    QEMU,
    '-machine',
    ...treeWords(image, machine),
    ...(tree === undefined ? [] : ['-dtb', tree]),
    ...(hasPorts ? ['-bios', firmwarePath()] : []),
    ...(options.monitor === undefined
      ? []
      : ['-chardev', `socket,id=qmp,fd=${options.monitor}`, '-mon', 'chardev=qmp,mode=control']),
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    ...['-kernel', image.kernel, '-initrd', image.initramfs, '-append', kernelArguments],
    ...[
      '-chardev',
      `file,id=console,path=${commas(options.console)}`,
      '-serial',
      'chardev:console',
    ],
    // The agent's stream is QEMU's standard input and output. On virtio-mmio: it sends no MSI of
    // its own.
    ...['-chardev', 'stdio,id=agent,signal=off'],
    ...['-device', 'virtio-serial-device', '-device', 'virtconsole,chardev=agent'],
    ...rockers(machine.devices),
    ...machine.ports.flatMap((port) => ['-device', portText(port)]),
    ...machine.devices.flatMap((device) => ['-device', deviceText(device)]),
    ...['-D', options.trace],
    ...(options.quiet === true ? [] : TRACE_EVENTS.flatMap((event) => ['-trace', event])),
  ];
}

/** What decides the device tree: -machine's value, and the options that follow it. */
export function treeWords(image: GuestImage, machine: QemuMachine): [string, ...string[]] {
  const gic = machine.msi === 'its' ? 'gic-version=3,its=on' : 'gic-version=2';
  return [
    `virt,${gic}${machine.smmu ? ',iommu=smmuv3' : ''}`,
    ...['-cpu', cpuFor(image), '-smp', String(machine.cpus), '-m', '512'],
  ];
}

/**
 * The model is the big lever on the time to boot under TCG: cortex-a57 1.8 s, max 4.5 s. The former
 * has no 16K granule.
 */
const cpuFor = ({ pageSize }: GuestImage): string => (pageSize === 16384 ? 'max' : 'cortex-a57');

/**
 * The number of ports is a property of all rockers: on -device it would come after the ports (QEMU
 * 7.2).
 */
function rockers(devices: readonly QemuDevice[]): readonly string[] {
  const all = devices.filter(({ kind }) => kind === 'rocker');
  if (all.length === 0) return [];
  const ports = Math.max(...all.map(({ vectors = 4 }) => rockerPorts(vectors)));
  return ['-global', `rocker.len-ports=${ports}`];
}

/** The bridge's own MSI would be that of its hotplug driver, shpchp. */
const portText = ({ name, slot, bus, conventional }: QemuPort): string => {
  const place = `bus=pcie.0,addr=0x${slot.toString(16)}`;
  return conventional === true
    ? `pcie-pci-bridge,id=${name},msi=off,${place}`
    : `pcie-root-port,id=${name},chassis=${bus},slot=${bus},${place}`;
};

const deviceText = (device: QemuDevice): string =>
  Object.entries(deviceProperties(device))
    .map(([name, value]) => (name === 'driver' ? value : `${name}=${value}`))
    .join(',');

/** As `device_add` of the monitor takes them, too. */
export function deviceProperties(device: QemuDevice): Readonly<Record<string, string>> {
  const { name, kind, slot, behind } = device;
  // Without its ROM e1000e needs no package of boot ROMs; nothing boots from it.
  const xhci = { driver: 'nec-usb-xhci', msi: 'on', msix: 'off' };
  const own = { rocker: { name }, e1000e: { romfile: '' }, edu: {}, xhci };
  const id = behind === undefined || slot > 0 ? {} : { id: deviceId(behind) };
  const place = { bus: behind ?? 'pcie.0', addr: `0x${slot.toString(16)}` };
  return { driver: kind, ...own[kind], ...id, ...place };
}

/** What QEMU calls the device behind a port. */
export const deviceId = (port: string): string => `in-${port}`;

/** A comma within an option's value is written twice. */
const commas = (text: string): string => text.replaceAll(',', ',,');

/** To be pasted into a shell. */
export const shellText = (command: readonly string[]): string =>
  command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
