/**
 * Requester IDs by the way they take: a range is cut wherever a map could send its members elsewhere, so
 * that what holds for the first ID of a piece holds for all.
 */
import type { IdMap } from './map-id.ts';

export interface Piece {
  readonly first: number;
  readonly last: number;
  /** All members have one masked ID. Otherwise masked IDs rise by one. */
  readonly constant: boolean;
}

/** More pieces than a person or a program wants to read; a single ID can always be asked for. */
export const MAX_PIECES = 256;

/**
 * [first, last] in order, cut for all of `maps`. At most `most`; when there are more, the rest is left
 * out.
 */
export function piecesOf(
  maps: readonly IdMap[],
  first: number,
  last: number,
  most = MAX_PIECES,
): Piece[] {
  const masks = maps.filter(({ present }) => present).map(({ mask }) => runOf(mask));
  const run = masks.length === 0 ? WHOLE : masks.reduce(finer);
  const bounds = new Set<number>();
  for (const { entries, mask } of maps)
    for (const { base, end } of entries)
      for (const id of boundsUnderMask(base, end, mask)) {
        if (id > first && id <= last) bounds.add(id);
        if (bounds.size > MAX_PIECES * 4) break;
      }
  const sorted = [...bounds].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  let next = 0;
  for (let from = first; from <= last && pieces.length < most;) {
    while (next < sorted.length && (sorted[next] as number) <= from) next++;
    const cut = Math.min(sorted[next] ?? last + 1, Math.floor(from / run.size + 1) * run.size);
    const to = Math.min(last, cut - 1);
    pieces.push({ first: from, last: to, constant: run.constant });
    from = to + 1;
  }
  return pieces;
}

interface Run {
  /** Blocks of this many IDs, aligned, behave alike. */
  readonly size: number;
  readonly constant: boolean;
}
const WHOLE: Run = { size: 2 ** 32, constant: false };

/** Low bits that the mask keeps make masked IDs rise; low bits that it clears keep them the same. */
function runOf(mask: number): Run {
  if ((mask & 0xffff_ffff) === -1) return WHOLE;
  const constant = (mask & 1) === 0;
  let bits = 0;
  while (bits < 32 && ((mask >>> bits) & 1) === (constant ? 0 : 1)) bits++;
  return { size: 2 ** bits, constant };
}

const finer = (a: Run, b: Run): Run => (b.size < a.size ? b : a);

/** An entry's bounds among unmasked IDs; where the mask repeats them, blocks cut there anyway. */
const boundsUnderMask = (base: number, end: number, mask: number): number[] => {
  const run = runOf(mask);
  if (run === WHOLE) return [base, end];
  if (run.constant) return [base, Math.ceil(end / run.size) * run.size];
  // Within each aligned block the entry begins and ends at the same offsets.
  const blocks: number[] = [];
  for (let block = 0; block < 0x1_0000 && blocks.length < MAX_PIECES * 4; block += run.size)
    blocks.push(block + (base % run.size), block + (end % run.size));
  return blocks;
};
