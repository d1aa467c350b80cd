/** A file's bytes, bounded; pipes and devices are refused rather than waited for. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { reason } from '../report/report-sink.ts';

/** Linux on arm64 takes device trees of 2 MiB (MAX_FDT_SIZE); the largest known has 400 KiB. */
export const MAX_BYTES = 4 << 20;

/** @returns The bytes, or a sentence that says why there are none. */
export function readBytes(path: string, most = MAX_BYTES): Uint8Array | string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return reason(error);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile())
      return 'no regular file: what comes from a pipe or a device goes to a file first';
    if (stat.size > most) return `${stat.size} bytes are more than ${most}`;
    // Files of sysfs may say 4096 and hold less, or 0 and hold more: read to the end.
    const parts: Uint8Array[] = [];
    let total = 0;
    for (;;) {
      const part = new Uint8Array(Math.max(4096, stat.size - total));
      const got = readSync(file, part, 0, part.length, null);
      if (got === 0) return joined(parts, total);
      parts.push(part.subarray(0, got));
      total += got;
      if (total > most) return `more than ${most} bytes`;
    }
  } catch (error) {
    return reason(error);
  } finally {
    closeSync(file);
  }
}

function joined(parts: readonly Uint8Array[], total: number): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
