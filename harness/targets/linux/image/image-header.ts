/**
 * What an arm64 Image says of itself: Documentation/arch/arm64/booting.rst, and the banner of an
 * uncompressed kernel.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const HEADER = 64;
const MOST_BANNER = 400;
/** `ARM\x64`. */
const MAGIC = 0x644d_5241;
const MAGIC_AT = 56;
const FLAGS_AT = 24;
/** Bits 2:1 of the flags. */
const PAGE_SIZES = [undefined, 4096, 16384, 65536] as const;

/** Bytes in a page; 4096 where the file does not say (a compressed kernel, one before 4.6). */
export function pageSizeOf(kernel: string): number {
  const header = Buffer.alloc(HEADER);
  const file = openSync(kernel, 'r');
  try {
    readSync(file, header, 0, HEADER, 0);
  } finally {
    closeSync(file);
  }
  if (header.readUInt32LE(MAGIC_AT) !== MAGIC) return 4096;
  return PAGE_SIZES[(header.readUInt8(FLAGS_AT) >> 1) & 3] ?? 4096;
}

/**
 * `Linux version 6.12.117+deb12-arm64 (...)`. A kernel of Debian 12 is called `6.1.0-56-arm64`
 * whichever stable update it is; its banner ends with `Debian 6.1.192-2`, which decides what it
 * has. Then the answer is `6.1.192-2 (6.1.0-56-arm64)`.
 */
export function releaseOf(kernel: string): string {
  const image = readFileSync(kernel);
  const at = image.indexOf('Linux version ');
  const banner = at < 0 ? '' : image.toString('latin1', at, at + MOST_BANNER);
  const inFile = /^Linux version (\d\S*)/.exec(banner)?.[1];
  const [, package_, series] = /\bDebian ((\d+\.\d+)\.[1-9]\d*-\S+) \(/.exec(banner) ?? [];
  if (package_ !== undefined && inFile?.startsWith(`${series}.0-`) === true)
    return `${package_} (${inFile})`;
  return inFile ?? /(\d+\.\d+[\w.+-]*)$/.exec(kernel)?.[1] ?? kernel;
}
