/** Reading a file of the project: bounded, and never outside it. */
import { isUtf8 } from 'node:buffer';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  existsSync,
  statSync,
} from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { SourceFile } from './source-file.ts';

export const MAX_BYTES = 1 << 20;

export type ReadResult =
  | { readonly ok: true; readonly file: SourceFile }
  | {
      readonly ok: false;
      readonly code: 'DB101' | 'DB102' | 'DB103' | 'DB308';
      readonly message: string;
    };

/**
 * The nearest folder above (or at) `path` with a package.json or .git; else the folder of `path`.
 */
export function findRoot(path: string): string {
  const start =
    existsSync(path) && statSync(path).isDirectory() ? resolve(path) : dirname(resolve(path));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) || existsSync(join(folder, '.git'))) return folder;
    if (dirname(folder) === folder) return start;
  }
}

export const nameIn = (root: string, path: string): string =>
  relative(root, path).split(sep).join('/');

/** `confined`: refuse what lies outside the root, through symbolic links too. */
export function readSource(path: string, root: string, confined: boolean): ReadResult {
  const name = nameIn(root, path);
  let fd: number;
  try {
    if (confined && !isInside(realpathSync(path), realpathSync(root))) {
      return { ok: false, code: 'DB308', message: `${name} lies outside the project` };
    }
    // Without O_NONBLOCK a named pipe would wait for a writer for ever.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { ok: false, code: 'DB101', message: `cannot read ${name}: ${reason(error)}` };
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory())
      return { ok: false, code: 'DB101', message: `${name} is a folder, a file is expected` };
    if (!stat.isFile())
      return { ok: false, code: 'DB101', message: `${name} is not a regular file` };
    if (stat.size > MAX_BYTES) {
      return {
        ok: false,
        code: 'DB102',
        message: `${name} has ${stat.size} bytes; at most ${MAX_BYTES} are read`,
      };
    }
    // The files of /proc say that they are empty.
    return decode(contents(fd, stat.size || MAX_BYTES), name, path);
  } catch (error) {
    return { ok: false, code: 'DB101', message: `cannot read ${name}: ${reason(error)}` };
  } finally {
    closeSync(fd);
  }
}

/** At most `size` bytes: what is appended while we read is not of the file that was measured. */
function contents(fd: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const read = readSync(fd, bytes, length, size - length, null);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

/** EF BB BF, which some editors put before the text. */
const hasByteOrderMark = (bytes: Buffer): boolean =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

function decode(bytes: Buffer, name: string, path: string): ReadResult {
  const nul = bytes.indexOf(0);
  if (nul >= 0)
    return { ok: false, code: 'DB103', message: `${name} holds a NUL byte at offset ${nul}` };
  if (isUtf8(bytes)) {
    const text = bytes.toString('utf8', hasByteOrderMark(bytes) ? 3 : 0);
    return { ok: true, file: new SourceFile(name, path, text) };
  }
  return {
    ok: false,
    code: 'DB103',
    message: `${name} is not UTF-8: bad byte at offset ${firstBadByte(bytes)}`,
  };
}

/** Offset of the first byte that is not part of valid UTF-8. */
function firstBadByte(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  // The longest prefix that decodes; `stream` lets it end inside a character.
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      low = middle;
    } catch {
      high = middle - 1;
    }
  }
  return low;
}

const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder + sep);

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

function reason(error: unknown): string {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return WORDS[code] ?? (code || String(error));
}
