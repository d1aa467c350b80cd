/**
 * What the guest runs: the agent, which is its init (if it dies the kernel panics, and that is
 * seen), modules, and a shell for requests that need one.
 */
import { archive, type ArchiveFile, folder, link, program } from './cpio.ts';
import type { Module } from './modules.ts';

const APPLETS = ['sh', 'ls', 'cat', 'sort', 'ip', 'echo', 'sleep', 'grep', 'head'];

export function initramfs(busybox: Buffer, agent: Buffer, modules: readonly Module[]): Buffer {
  const order = modules.map(({ name }) => `${name}\n`).join('');
  const files: ArchiveFile[] = [
    ...['bin', 'dev', 'modules', 'proc', 'sys', 'tmp', 'root'].map(folder),
    // Where the kernel's own messages go before devtmpfs is there.
    { path: 'dev/console', mode: 0o020600, device: { major: 5, minor: 1 } },
    program('init', agent),
    program('bin/busybox', busybox),
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
