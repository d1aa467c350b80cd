/**
 * The words of a device's block and of the block of bindings. A step flips bits: those of the
 * device's block are told by the one, those of the bindings, and the slot that is read there, by
 * the other. To put them together takes no branch.
 */
import type { Claims } from './claims.ts';
import { Compiled } from './compiled.ts';
import { BINDING, movesOf, STEPS, type Binding, type Move } from './moves.ts';
import type { Parameters } from './parameters.ts';
import { of, type StateFields } from './state.ts';

/**
 * Of a device: what its vectors need; active vectors, and BUSY if its thread is not idle; words of
 * moves, which follow.
 */
export const DEVICE = { needs: 0, sum: 1, size: 2, moves: 3 } as const;
export const BUSY = 1 << 8;
/**
 * Of a move: the place of its use of a binding among the words of the bindings, and the slot's
 * shift; the bits that it flips; the label.
 */
export const MOVE_WORDS = 3;
export const USE_MASK = 0xff;
export const SLOT_SHIFT = 8;

/**
 * Of the bindings: what they offer; their references, or MALFORMED; then two words for each use.
 */
export const BINDINGS = { offers: 0, references: 1, uses: 2 } as const;
export const MALFORMED = -1;
/**
 * Of a use: the bits that it flips in the bindings, and the slot that it reads. Or CHOICE, and
 * where the list of its ways begins among the words of the bindings: bits, and the slot that is
 * taken; then NO_MORE.
 */
const USE_WORDS = 2;
export const CHOICE = -1;
export const NO_MORE = -2;

/** Where a use of the binding of a page is among the words of the bindings. */
function placeOf(p: Parameters, binding: Binding, page: number): number {
  const use = binding === BINDING.none ? 0 : 1 + (binding - 1) * p.pages + page;
  return BINDINGS.uses + USE_WORDS * use;
}

/**
 * A label is (device x labelsPerDevice(p) + the label of a move) x labels of a slot + the slot
 * taken.
 */
export const labelsPerDevice = (p: Parameters): number => STEPS.length * p.vectors * p.cpus;
export const slotLabels = (f: StateFields): number => (f.bindings[0]?.slot.mask ?? 0) + 1;

export function deviceTable(p: Parameters, f: StateFields, claims: Claims): Compiled {
  const words = (block: number, move: Move): number[] => {
    const slot = f.vectors[move.vector]?.slot.shift ?? 0;
    return [
      placeOf(p, move.binding, move.page) | (slot << SLOT_SHIFT),
      block ^ move.next,
      ((move.step * p.vectors + move.vector) * p.cpus + move.cpu) * slotLabels(f),
    ];
  };
  return new Compiled(f.deviceBits, (block) => {
    const moves = movesOf(p, f, block).flatMap((move) => words(block, move));
    const sum = claims.active(block) + (claims.isIdle(block) ? 0 : BUSY);
    return [claims.needs(block), sum, moves.length, ...moves];
  });
}

export function bindingsTable(p: Parameters, f: StateFields, claims: Claims): Compiled {
  const pages = f.bindings.map((_, page) => page);
  return new Compiled(f.bindingsBlock.bits, (bindings) => {
    const uses = [
      ...[0, 0],
      ...pages.flatMap((page) => [getChange(f, bindings, page), 0]),
      ...pages.flatMap((page) => [putChange(f, bindings, page), 0]),
      ...f.bindings.flatMap(({ slot }) => [0, of(bindings, slot)]),
    ];
    const references = claims.isWellFormed(bindings) ? claims.references(bindings) : MALFORMED;
    const words = [claims.offers(bindings), references, ...uses];
    for (const page of pages) {
      const use = placeOf(p, BINDING.get, page);
      if (words[use] !== CHOICE) continue;
      words[use + 1] = words.length;
      words.push(...firstReferences(p, f, claims, bindings, page), NO_MORE);
    }
    return words;
  });
}

/**
 * One more reference; the first one has a choice, and if there can be no more, it is between
 * nothing.
 */
function getChange(f: StateFields, bindings: number, page: number): number {
  const { ref } = fieldsOf(f, page);
  const refs = of(bindings, ref);
  return refs === 0 || refs === f.mostRefs ? CHOICE : (refs ^ (refs + 1)) << ref.shift;
}

/** The first reference takes a free slot, whichever. */
function firstReferences(
  p: Parameters,
  f: StateFields,
  claims: Claims,
  bindings: number,
  page: number,
): number[] {
  const { ref, slot } = fieldsOf(f, page);
  if (of(bindings, ref) > 0) return [];
  const taken = claims.offers(bindings);
  return Array.from({ length: p.slots }, (_, n) => n + 1)
    .filter((n) => (taken & (1 << (n - 1))) === 0)
    .flatMap((n) => [(1 << ref.shift) | (n << slot.shift), n]);
}

/** The last reference frees the slot. */
function putChange(f: StateFields, bindings: number, page: number): number {
  const { ref, slot } = fieldsOf(f, page);
  const refs = of(bindings, ref);
  // Who puts a reference holds one.
  if (refs === 0) return 0;
  const change = (refs ^ (refs - 1)) << ref.shift;
  return refs === 1 ? change | (bindings & (slot.mask << slot.shift)) : change;
}

function fieldsOf(f: StateFields, page: number): StateFields['bindings'][number] {
  const fields = f.bindings[page];
  if (fields === undefined) throw new Error(`IMPOSSIBLE: page ${page}`);
  return fields;
}
