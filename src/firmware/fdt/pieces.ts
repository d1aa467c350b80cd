/**
 * Requester IDs by the way they take: a range is cut wherever a map could send its members
 * elsewhere, so that what holds for the first ID of a piece holds for all.
 */
import type { IdMap, MapResult } from './map-id.ts';

export interface Piece {
  readonly first: number;
  readonly last: number;
  /** All members have one masked ID. Otherwise masked IDs rise by one. */
  readonly constant: boolean;
}

/**
 * More pieces than any known board has (an Armada 8040's iommu-map-mask 0x31f makes 1,600); a
 * single ID can always be asked for.
 */
export const MAX_PIECES = 4096;

/**
 * [first, last] in order, cut for all of `maps`. At most `most`; when there are more, the rest is
 * left out.
 */
export function piecesOf(
  maps: readonly IdMap[],
  first: number,
  last: number,
  most = MAX_PIECES,
): Piece[] {
  const cuts = maps.filter(({ present }) => present).map((map) => new Cuts(map));
  const constant = cuts.length > 0 && cuts.every((each) => each.constant);
  // One map keeps what another clears: no two IDs behave alike for both.
  const alone = !constant && cuts.some((each) => each.constant);
  const pieces: Piece[] = [];
  let steps = stepsFor(maps);
  let before: readonly MapResult[] = [];
  for (let from = first; from <= last && steps > 0; steps--) {
    const next = alone ? from + 1 : Math.min(last + 1, ...cuts.map((each) => each.after(from)));
    const results = maps.map((map) => map.map(from));
    const piece = pieces.at(-1);
    const apart = constant ? 0 : from - (piece?.first ?? 0);
    if (piece !== undefined && results.every((result, i) => goesOn(before[i], result, apart)))
      pieces[pieces.length - 1] = { ...piece, last: next - 1 };
    else {
      if (pieces.length >= most) break;
      pieces.push({ first: from, last: next - 1, constant });
      before = results;
    }
    from = next;
  }
  return pieces;
}

/** Cuts that are looked at: a mask makes many, and each costs a scan of the maps. */
const MAX_CUTS = 4096;
const MIN_CUTS = 256;
const MAX_SCANS = 1 << 22;
function stepsFor(maps: readonly IdMap[]): number {
  const entries = maps.reduce((sum, map) => sum + map.entries.length, 1);
  return Math.max(MIN_CUTS, Math.min(MAX_CUTS, Math.floor(MAX_SCANS / entries)));
}

/** The result for an ID that many behind says the same as the one before. */
function goesOn(before: MapResult | undefined, result: MapResult, apart: number): boolean {
  if (before?.kind !== result.kind) return false;
  if (before.kind === 'error' && result.kind === 'error')
    return before.why === result.why && before.at === result.at;
  if (before.kind !== 'match' || result.kind !== 'match') return true;
  return (
    before.entry === result.entry &&
    before.cells.every((cell, i) => (cell + apart) >>> 0 === result.cells[i])
  );
}

/**
 * Where one map's answers may change. Low bits that its mask keeps make masked IDs rise within
 * blocks of 2 to the power of their number; low bits that it clears make the IDs of such a block
 * the same. Blocks are told apart by the bits above, so that an entry begins and ends at the same
 * place in each.
 */
class Cuts {
  readonly constant: boolean;
  readonly #block: number;
  /** Places in a block, ascending, 0 among them. */
  readonly #places: readonly number[];

  constructor({ mask, entries }: IdMap) {
    this.constant = (mask & 1) === 0;
    let bits = 0;
    while (bits < 32 && ((mask >>> bits) & 1) === (this.constant ? 0 : 1)) bits++;
    this.#block = 2 ** bits;
    const places = new Set([0]);
    if (!this.constant)
      for (const { base, end } of entries)
        for (const bound of [base, end]) places.add(bound % this.#block);
    this.#places = [...places].sort((a, b) => a - b);
  }

  /** The first cut behind `id`. */
  after(id: number): number {
    const place = id % this.#block;
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle] as number) <= place) low = middle + 1;
      else high = middle;
    }
    return id - place + (this.#places[low] ?? this.#block);
  }
}
