/**
 * An initramfs: an archive in cpio's "newc" format
 * (Documentation/driver-api/early-userspace/buffer-format.rst), with the same bytes for the same
 * files, so that an image has a hash worth comparing.
 */

export interface ArchiveFile {
  /** Without a leading slash; its folders come first in the list. */
  readonly path: string;
  /**
   * With the type: 0o100755 a program, 0o040755 a folder, 0o120777 a link, 0o020600 a character
   * device.
   */
  readonly mode: number;
  readonly content?: Buffer;
  /** Of a character device. */
  readonly device?: { readonly major: number; readonly minor: number };
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
const padding = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);

function entry(file: ArchiveFile, inode: number): Buffer {
  const content = file.content ?? Buffer.alloc(0);
  const name = Buffer.from(`${file.path}\0`);
  const { major = 0, minor = 0 } = file.device ?? {};
  // ino, mode, uid, gid, nlink, mtime, size, dev (2), rdev (2), length of the name, check sum
  const numbers = [
    inode,
    file.mode,
    0,
    0,
    1,
    0,
    content.length,
    0,
    0,
    major,
    minor,
    name.length,
    0,
  ];
  const head = Buffer.concat([Buffer.from(`070701${numbers.map(hex).join('')}`), name]);
  return Buffer.concat([head, padding(head.length), content, padding(content.length)]);
}

export function archive(files: readonly ArchiveFile[]): Buffer {
  const last = entry({ path: 'TRAILER!!!', mode: 0 }, 0);
  return Buffer.concat([...files.map((file, i) => entry(file, i + 1)), last]);
}

export const folder = (path: string): ArchiveFile => ({ path, mode: 0o040755 });
export const program = (path: string, content: Buffer): ArchiveFile => ({
  path,
  mode: 0o100755,
  content,
});
export const link = (path: string, to: string): ArchiveFile => ({
  path,
  mode: 0o120777,
  content: Buffer.from(to),
});
