/** Requester IDs as people write them. */

export interface AskedRid {
  readonly rid: number;
  /** Of `0000:00:01.0`; without it, all bridges are meant. */
  readonly segment?: number;
}

/**
 * `0x8`, `8`, `00:01.0` or `0000:00:01.0`; nothing for anything else. fsl-mc ICIDs are 32 bits
 * wide.
 */
export function parseRid(text: string): AskedRid | undefined {
  if (/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) {
    const rid = Number(text);
    return rid <= 0xffff_ffff ? { rid } : undefined;
  }
  const bdf = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{1,2}):([01]?[0-9a-f])\.([0-7])$/i.exec(text);
  if (bdf === null) return undefined;
  const [, segment, bus, device, fn] = bdf;
  const rid =
    (parseInt(bus as string, 16) << 8) | (parseInt(device as string, 16) << 3) | Number(fn);
  return { rid, ...(segment === undefined ? {} : { segment: parseInt(segment, 16) }) };
}

/** `00:01.0`; an ID beyond 16 bits stays a number. */
export function bdf(rid: number): string {
  if (rid > 0xffff) return `0x${rid.toString(16)}`;
  const pad = (value: number): string => value.toString(16).padStart(2, '0');
  return `${pad(rid >> 8)}:${pad((rid >> 3) & 31)}.${rid & 7}`;
}
