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
  const cuts = maps.filter(({ present }) => present).map((map) => new Cuts(map));
  const constant = cuts.length > 0 && cuts.every((each) => each.constant);
  // One map keeps what another clears: no two IDs behave alike for both.
  const alone = !constant && cuts.some((each) => each.constant);
  const pieces: Piece[] = [];
  for (let from = first; from <= last && pieces.length < most;) {
    const next = alone ? from + 1 : Math.min(last + 1, ...cuts.map((each) => each.after(from)));
    pieces.push({ first: from, last: next - 1, constant });
    from = next;
  }
  return pieces;
}

/**
 * Where one map's answers may change. Low bits that its mask keeps make masked IDs rise within blocks of 2 to
 * the power of their number; low bits that it clears make the IDs of such a block the same. Blocks are told
 * apart by the bits above, so that an entry begins and ends at the same place in each.
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
