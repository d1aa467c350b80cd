/**
 * Which expected row is which observed row. Rows come in any order, a row may stand for several
 * observations (a fault that came three times), and captures bind to whatever makes the whole list
 * fit; so this is a search for the captures around a flow for the rest.
 */
import type { Captures } from './captures.ts';

export interface Problem<P, I> {
  readonly patterns: readonly P[];
  readonly items: readonly I[];
  readonly captures: Captures;
  /** Whether the item fits; binds free captures. */
  readonly match: (pattern: P, item: I) => boolean;
  readonly isFree: (pattern: P) => boolean;
  /** How many observations the pattern wants. */
  readonly demand: (pattern: P) => { readonly min: number; readonly max: number };
  /** Whether an item without a pattern matters. */
  readonly exact: boolean;
  /** How often the item was observed. */
  readonly supply: (item: I) => number;
}

export interface Assignment {
  /** Every pattern has what it wants. */
  readonly met: boolean;
  /** Every observation belongs to a pattern. */
  readonly complete: boolean;
  /** Observations of item i that belong to pattern p: flow[p][i]. */
  readonly flow: readonly (readonly number[])[];
  readonly total: number;
  /** Not all ways to bind the captures were tried: a better assignment may exist. */
  readonly gaveUp: boolean;
}

/** Leaves of the search for captures. Lists in specs are short; who is given up on is told. */
export const MAX_TRIES = 2_000;

export const GAVE_UP = `the captures of the list can be bound in more than ${MAX_TRIES} ways, and not all were tried; give more fields of its rows`;

/** The best assignment; captures keep what it bound. */
export function assign<P, I>(problem: Problem<P, I>): Assignment {
  return plain(problem) ?? searched(problem);
}

/** Nothing against nothing, or one that fits one: most expectations are of these kinds. */
function plain<P, I>(problem: Problem<P, I>): Assignment | undefined {
  const [pattern] = problem.patterns;
  const [item] = problem.items;
  if (problem.patterns.length > 1 || problem.items.length > 1) return undefined;
  if (pattern === undefined && item === undefined)
    return { met: true, complete: true, flow: [], total: 0, gaveUp: false };
  if (pattern === undefined || item === undefined) return undefined;
  const supply = problem.supply(item);
  const { min, max } = problem.demand(pattern);
  if (supply < min || supply > max) return undefined;
  const before = problem.captures.snapshot();
  if (problem.match(pattern, item))
    return { met: true, complete: true, flow: [[supply]], total: supply, gaveUp: false };
  problem.captures.restore(before);
  return undefined;
}

function searched<P, I>(problem: Problem<P, I>): Assignment {
  const { patterns, items, captures } = problem;
  let best: { assignment: Flow; bound: ReadonlyMap<string, bigint> } | undefined;
  let tries = 0;

  const leaf = (unassigned: ReadonlySet<number>): void => {
    tries++;
    const assignment = flowOf(problem, unassigned);
    if (best === undefined || better(assignment, best.assignment))
      best = { assignment, bound: captures.snapshot() };
  };
  const found = (): boolean =>
    best !== undefined && best.assignment.met && (best.assignment.complete || !problem.exact);
  const done = (): boolean => tries >= MAX_TRIES || found();

  const search = (unassigned: ReadonlySet<number>): void => {
    const next = patterns.findIndex((p, index) => !unassigned.has(index) && problem.isFree(p));
    if (next < 0) return leaf(unassigned);
    const before = captures.snapshot();
    for (const item of items) {
      if (done()) return;
      if (problem.match(patterns[next] as P, item)) search(unassigned);
      captures.restore(before);
    }
    if (!done()) search(new Set([...unassigned, next]));
  };

  search(new Set());
  if (best === undefined) throw new Error('IMPOSSIBLE: a search without a leaf');
  captures.restore(best.bound);
  return { ...best.assignment, gaveUp: tries >= MAX_TRIES && !found() };
}

type Flow = Omit<Assignment, 'gaveUp'>;

function better(a: Flow, b: Flow): boolean {
  if (a.met !== b.met) return a.met;
  return a.total > b.total;
}

function flowOf<P, I>(problem: Problem<P, I>, unassigned: ReadonlySet<number>): Flow {
  const { patterns, items } = problem;
  const fits = patterns.map((pattern, p) =>
    items.map((item) => !unassigned.has(p) && problem.match(pattern, item)),
  );
  const flow = patterns.map(() => items.map(() => 0));
  const left = items.map((item) => problem.supply(item));
  const has = patterns.map(() => 0);

  /**
   * One path from a pattern to an item with something left, moving others' observations if need be.
   */
  const augment = (p: number, want: number, visited: Set<number>): number => {
    visited.add(p);
    const own = flow[p] as number[];
    for (let i = 0; i < items.length; i++) {
      if (!fits[p]?.[i]) continue;
      const free = Math.min(want, left[i] as number);
      if (free > 0) {
        left[i] = (left[i] as number) - free;
        own[i] = (own[i] as number) + free;
        return free;
      }
    }
    for (let i = 0; i < items.length; i++) {
      if (!fits[p]?.[i]) continue;
      for (let other = 0; other < patterns.length; other++) {
        const theirs = flow[other] as number[];
        if (visited.has(other) || (theirs[i] as number) === 0) continue;
        const moved = augment(other, Math.min(want, theirs[i] as number), visited);
        if (moved === 0) continue;
        theirs[i] = (theirs[i] as number) - moved;
        own[i] = (own[i] as number) + moved;
        return moved;
      }
    }
    return 0;
  };

  const fill = (upTo: 'min' | 'max'): void => {
    patterns.forEach((pattern, p) => {
      const wanted = problem.demand(pattern)[upTo];
      while ((has[p] as number) < wanted) {
        const got = augment(p, wanted - (has[p] as number), new Set());
        if (got === 0) break;
        has[p] = (has[p] as number) + got;
      }
    });
  };
  // Minima first: what is left over then goes to those that can take more.
  fill('min');
  fill('max');
  return {
    met: patterns.every((pattern, p) => (has[p] as number) >= problem.demand(pattern).min),
    complete: left.every((n) => n === 0),
    flow,
    total: has.reduce((sum, n) => sum + n, 0),
  };
}
