/**
 * What an arm64 Image says of itself: Documentation/arch/arm64/booting.rst, and the banner of an uncompressed kernel.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

const HEADER = 64;
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

/** `Linux version 6.12.117+deb12-arm64 (...)`. */
export function releaseOf(kernel: string): string {
  const image = readFileSync(kernel);
  const at = image.indexOf('Linux version ');
  const banner = at < 0 ? '' : image.toString('latin1', at, at + 200);
  const inFile = /^Linux version (\d\S*)/.exec(banner)?.[1];
  return inFile ?? /(\d+\.\d+[\w.+-]*)$/.exec(kernel)?.[1] ?? kernel;
}
