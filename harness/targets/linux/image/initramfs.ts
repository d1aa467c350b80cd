/** What the guest runs: a shell, the agent, modules, and an init that does as little as it can. */
import { archive, type ArchiveFile, folder, link, program } from './cpio.ts';
import type { Module } from './modules.ts';

/**
 * PCI devices get no driver by themselves: a device that none had is a case of its own. (Root ports have theirs by now.)
 * The agent becomes process 1: if it dies the kernel panics, and that is seen.
 */
const INIT = `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tracefs tracefs /sys/kernel/tracing
echo 0 > /sys/bus/pci/drivers_autoprobe
while read m; do insmod "/modules/$m.ko" || echo "doorbell: $m is not loaded"; done < /modules/order
n=0
while [ ! -c /dev/hvc0 ] && [ $n -lt 500 ]; do usleep 10000; n=$((n + 1)); done
[ -c /dev/hvc0 ] || echo "doorbell: no console for the agent: virtio_mmio and virtio_console are needed"
exec /bin/agent /dev/hvc0 -
`;

const APPLETS = [
  'sh',
  'mount',
  'insmod',
  'usleep',
  'ls',
  'cat',
  'sort',
  'ip',
  'echo',
  'sleep',
  'grep',
  'head',
];

export function initramfs(busybox: Buffer, agent: Buffer, modules: readonly Module[]): Buffer {
  const order = modules.map(({ name }) => `${name}\n`).join('');
  const files: ArchiveFile[] = [
    ...['bin', 'dev', 'modules', 'proc', 'sys', 'tmp', 'root'].map(folder),
    // Where the kernel's own messages go before devtmpfs is there.
    { path: 'dev/console', mode: 0o020600, device: { major: 5, minor: 1 } },
    program('init', Buffer.from(INIT)),
    program('bin/busybox', busybox),
    program('bin/agent', agent),
    ...APPLETS.map((name) => link(`bin/${name}`, 'busybox')),
    { path: 'modules/order', mode: 0o100644, content: Buffer.from(order) },
    ...modules.map(({ name, content }) => ({
      path: `modules/${name}.ko`,
      mode: 0o100644,
      content,
    })),
  ];
  return archive(files);
}
