/**
 * Matching a list of patterns against a list of observed things, in any order, with captures: finds an
 * assignment in which every pattern has a partner of its own.
 */
import type { Captures } from './values.ts';

export interface Assignment {
  /** By pattern: index of its partner, or -1. */
  readonly partner: readonly number[];
  /** Observed things that no pattern took. */
  readonly extra: readonly number[];
}

/** Patterns are few (a page of YAML); this bounds what a hostile spec can make of the search. */
const MAX_TRIES = 100_000;

/**
 * The best assignment: all patterns matched if that is possible. `captures` is updated by what was matched. Pure
 * but for that.
 */
export function assign<P, T>(
  patterns: readonly P[],
  things: readonly T[],
  captures: Captures,
  fits: (pattern: P, thing: T, captures: Captures) => boolean,
): Assignment {
  const partner: number[] = patterns.map(() => -1);
  const taken = new Set<number>();
  let tries = 0;
  let best: { partner: number[]; matched: number; captures: Captures } = {
    partner: [...partner],
    matched: 0,
    captures: new Map(captures),
  };

  const search = (p: number, matched: number, bound: Captures): boolean => {
    if (matched > best.matched) best = { partner: [...partner], matched, captures: bound };
    if (p === patterns.length) return matched === patterns.length;
    for (const [t, thing] of things.entries()) {
      if (taken.has(t) || ++tries > MAX_TRIES) continue;
      const trial: Captures = new Map(bound);
      if (!fits(patterns[p] as P, thing, trial)) continue;
      partner[p] = t;
      taken.add(t);
      if (search(p + 1, matched + 1, trial)) return true;
      taken.delete(t);
      partner[p] = -1;
    }
    return search(p + 1, matched, bound);
  };
  search(0, 0, new Map(captures));
  for (const [name, value] of best.captures) captures.set(name, value);
  const used = new Set(best.partner);
  return { partner: best.partner, extra: things.map((_, t) => t).filter((t) => !used.has(t)) };
}
