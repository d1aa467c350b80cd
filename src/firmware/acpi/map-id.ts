/**
 * Maps IDs through an IORT until a node of the wanted kind, as `iort_node_map_id` of
 * drivers/acpi/arm64/iort.c does, and keeps the mappings that decided.
 *
 * Works on ranges: a range of inputs is cut wherever a mapping begins or ends, so that every member
 * of a piece takes the same way, and a single ID is a range of one. Arithmetic is that of C's u32.
 */
import type { Era } from '../explanation.ts';
import type { Why } from '../why.ts';
import { match, ownMsiMapping, type Match } from './id-mapping.ts';
import type { IortNode } from './iort-nodes.ts';
import type { Iort } from './iort.ts';

/** One mapping on the way. */
export interface Hop extends Match {
  readonly node: IortNode;
  /** What the first ID of the piece is when it enters `node`. */
  readonly input: number;
}

/** Why an ID reaches no node of the wanted kind. */
export type MapFailure = Extract<
  Why,
  'no-map' | 'no-match' | 'null-reference' | 'bad-reference' | 'loop' | 'too-complex'
>;

export type PieceEnd =
  | {
      readonly node: IortNode;
      /** Output of the piece's first input. */
      readonly id: number;
      /** Every input of the piece gets `id`; otherwise the difference to the input is constant. */
      readonly constant: boolean;
    }
  | { readonly failure: MapFailure; readonly at: IortNode; readonly id: number };

export interface Piece {
  /** Inputs, both ends included. */
  readonly first: number;
  readonly last: number;
  readonly hops: readonly Hop[];
  readonly end: PieceEnd;
}

export type Wanted = 'msi' | 'iommu';

const MAX_HOPS = 64;
/**
 * Mappings looked at for one explanation: enough for two nodes of the largest size behind each
 * other.
 */
const MAX_STEPS = 40_000_000;
/** Inside the table's own header no node can be. */
const FIRST_NODE = 48;

/** Shared by the calls that one explanation makes, so that a hostile table ends. */
export class StepBudget {
  #left = MAX_STEPS;

  take(steps: number): boolean {
    this.#left -= steps;
    return this.#left >= 0;
  }
}

export const isWanted = (node: IortNode, wanted: Wanted): boolean =>
  wanted === 'msi' ? node.kind === 'its-group' : node.kind === 'smmu' || node.kind === 'smmu-v3';

/**
 * Where the IDs `first` to `last` that enter `start` come out: pieces in the order of their inputs
 * that cover all of them. Linux maps an ID that fails to itself; the caller says what follows from
 * that.
 */
export function mapRange(
  iort: Iort,
  start: IortNode,
  range: { readonly first: number; readonly last: number },
  wanted: Wanted,
  era: Era,
  budget = new StepBudget(),
): Piece[] {
  const done: Piece[] = [];
  walk(start, range.first, range.last, range.first, false, []);
  return merge(done);

  function walk(
    node: IortNode,
    first: number,
    last: number,
    id: number,
    constant: boolean,
    hops: readonly Hop[],
  ): void {
    const fail = (failure: MapFailure): void => {
      done.push({ first, last, hops, end: { failure, at: node, id } });
    };
    if (isWanted(node, wanted)) {
      done.push({ first, last, hops, end: { node, id, constant } });
      return;
    }
    if (node.mappings.length === 0) return fail('no-map');
    // Linux checks the reference of the first entry only; a zero in another leads into the header.
    if (node.mappings[0]?.outputReference === 0) return fail('null-reference');
    if (hops.length >= MAX_HOPS) return fail('loop');
    const cuts = constant ? [first] : cutsOf(node, first, last, id);
    if (!budget.take(cuts.length * node.mappings.length)) return fail('too-complex');

    const skipped = ownMsiMapping(node, era);
    for (const [i, from] of cuts.entries()) {
      const to = (cuts[i + 1] ?? last + 1) - 1;
      const input = constant ? id : (id + (from - first)) >>> 0;
      const found = match(node, input, skipped, era);
      if (found === undefined) {
        done.push({
          first: from,
          last: to,
          hops,
          end: { failure: 'no-match', at: node, id: input },
        });
        continue;
      }
      const onward = [...hops, { ...found, node, input }];
      const { outputReference, single } = found.mapping;
      const next = outputReference < FIRST_NODE ? undefined : iort.nodeAt(outputReference);
      if (next === undefined)
        done.push({
          first: from,
          last: to,
          hops: onward,
          end: { failure: 'bad-reference', at: node, id: input },
        });
      else walk(next, from, to, found.output, constant || single, onward);
    }
  }
}

/**
 * The inputs at which the way can change: where a mapping begins, at its last ID (which is
 * tentative), behind it, and where the ID wraps.
 */
function cutsOf(node: IortNode, first: number, last: number, id: number): number[] {
  const cuts = new Set([first]);
  const add = (cut: number): void => {
    // How far behind `first` the ID `cut` is, in u32 arithmetic.
    const distance = (cut - id) >>> 0;
    if (distance <= last - first) cuts.add(first + distance);
  };
  if (first < last)
    for (const { inputBase, idCount, outputBase } of node.mappings) {
      const end = (inputBase + idCount) >>> 0;
      add(inputBase);
      add(end);
      add((end + 1) >>> 0);
      add((inputBase - outputBase) >>> 0);
    }
  add(0);
  return [...cuts].sort((a, b) => a - b);
}

/**
 * Joins neighbours that take the same mappings to the same end: cuts that turned out to change
 * nothing.
 */
function merge(pieces: readonly Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (const piece of pieces) {
    const before = merged.at(-1);
    if (before !== undefined && sameWay(before, piece))
      merged[merged.length - 1] = { ...before, last: piece.last };
    else merged.push(piece);
  }
  return merged;
}

function sameWay(a: Piece, b: Piece): boolean {
  return (
    a.hops.length === b.hops.length &&
    a.hops.every((hop, i) => hop.mapping === b.hops[i]?.mapping) &&
    sameEnd(a.end, b.end, b.first - a.first)
  );
}

function sameEnd(a: PieceEnd, b: PieceEnd, distance: number): boolean {
  if ('failure' in a || 'failure' in b)
    return 'failure' in a && 'failure' in b && a.failure === b.failure && a.at === b.at;
  if (a.node !== b.node || a.constant !== b.constant) return false;
  return b.id === (a.constant ? a.id : a.id + distance);
}
