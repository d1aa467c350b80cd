/**
 * The search against trying everything: all values of the captures, all ways to give items to
 * patterns.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ValueExpr } from '../spec/case.ts';
import { assign, MAX_TRIES, type Problem } from './assignment.ts';
import { Captures } from './captures.ts';

interface Pattern {
  readonly value: ValueExpr;
  readonly min: number;
  readonly max: number;
}

interface Item {
  readonly value: bigint;
  readonly supply: number;
}

const capture = (name: string, offset = 0n): ValueExpr => ({
  kind: 'capture',
  name,
  offset,
  text: `$${name}`,
});
const value = (n: bigint): ValueExpr => ({ kind: 'value', value: n, text: String(n) });

const exprs: fc.Arbitrary<ValueExpr> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n }).map(value),
  fc.tuple(fc.constantFrom('a', 'b'), fc.bigInt({ min: 0n, max: 1n })).map((of) => capture(...of)),
  fc.constant<ValueExpr>({ kind: 'any', text: 'any' }),
);
const patterns: fc.Arbitrary<Pattern> = fc
  .tuple(exprs, fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 }))
  .map(([of, min, more]) => ({ value: of, min, max: min + more }));
const items: fc.Arbitrary<Item> = fc.record({
  value: fc.bigInt({ min: 0n, max: 3n }),
  supply: fc.integer({ min: 1, max: 2 }),
});

function problemOf(of: readonly Pattern[], observed: readonly Item[]): Problem<Pattern, Item> {
  const captures = new Captures();
  return {
    patterns: of,
    items: observed,
    captures,
    exact: true,
    match: (pattern, item) => captures.meets(pattern.value, item.value),
    isFree: (pattern) => captures.isFree(pattern.value),
    demand: ({ min, max }) => ({ min, max }),
    supply: (item) => item.supply,
  };
}

interface Best {
  readonly met: boolean;
  readonly total: number;
}

/** Each single observation goes to a pattern that it fits, or to none. */
function bruteForce(of: readonly Pattern[], observed: readonly Item[]): Best {
  const singles = observed.flatMap((item) => Array<bigint>(item.supply).fill(item.value));
  const bindings = [undefined, 0n, 1n, 2n, 3n];
  let best: Best = { met: false, total: -1 };
  for (const a of bindings)
    for (const b of bindings) {
      const fits = ({ value: expr }: Pattern, single: bigint): boolean => {
        if (expr.kind === 'any') return true;
        if (expr.kind === 'value') return expr.value === single;
        if (expr.kind === 'range') throw new Error('not drawn');
        const base = expr.name === 'a' ? a : b;
        return base !== undefined && base + expr.offset === single;
      };
      const give = (n: number, has: readonly number[]): void => {
        const single = singles[n];
        if (single === undefined) {
          const met = of.every(({ min }, p) => (has[p] ?? 0) >= min);
          const total = has.reduce((sum, one) => sum + one, 0);
          if ((met && !best.met) || (met === best.met && total > best.total)) best = { met, total };
          return;
        }
        give(n + 1, has);
        of.forEach((pattern, p) => {
          if ((has[p] ?? 0) < pattern.max && fits(pattern, single))
            give(
              n + 1,
              has.map((one, at) => one + Number(at === p)),
            );
        });
      };
      give(
        0,
        of.map(() => 0),
      );
    }
  return best;
}

describe('assigning what was observed to what was expected', () => {
  test('is as good as trying everything, and gives no observation twice', () => {
    fc.assert(
      fc.property(
        fc.array(patterns, { maxLength: 3 }),
        fc.array(items, { maxLength: 3 }),
        (of, observed) => {
          const problem = problemOf(of, observed);
          const found = assign(problem);
          const { met, total } = bruteForce(of, observed);
          expect({ met: found.met, total: found.total }).toEqual({ met, total });
          expect(found.gaveUp).toBe(false);
          const left = observed.map(
            (item, i) => item.supply - found.flow.reduce((sum, row) => sum + (row[i] ?? 0), 0),
          );
          expect(left.every((n) => n >= 0)).toBe(true);
          expect(found.complete).toBe(left.every((n) => n === 0));
          // What the captures hold now is what the flow was made with.
          for (const [p, row] of found.flow.entries()) {
            const has = row.reduce((sum, n) => sum + n, 0);
            expect(has).toBeLessThanOrEqual(of[p]?.max ?? 0);
            for (const [i, n] of row.entries())
              if (n > 0) expect(problem.match(of[p] as Pattern, observed[i] as Item)).toBe(true);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('of two patterns that fit one item, the other item goes to the one that can take it', () => {
    const one = { min: 1, max: 1 };
    const found = assign(
      problemOf(
        [
          { value: { kind: 'any', text: 'any' }, ...one },
          { value: value(1n), ...one },
        ],
        [
          { value: 1n, supply: 1 },
          { value: 2n, supply: 1 },
        ],
      ),
    );
    expect(found.flow).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  test('says so if it gave up', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const of = [...names.map((name) => capture(name)), value(99n)];
    const observed = [0n, 1n, 2n, 3n, 4n, 5n].map((n) => ({ value: n, supply: 1 }));
    let leaves = 0;
    const problem = problemOf(
      of.map((expr) => ({ value: expr, min: 1, max: 1 })),
      observed,
    );
    const found = assign({
      ...problem,
      demand: (pattern) => {
        // Asked once for each pattern and bound, and once more at the end.
        leaves += Number(pattern.value === of[0]);
        return problem.demand(pattern);
      },
    });
    expect(found).toMatchObject({ met: false, gaveUp: true, total: 5 });
    expect(leaves).toBe(3 * MAX_TRIES);
  });

  test('looks no further than needed where other observations do not matter', () => {
    const problem = problemOf(
      ['a', 'b', 'c'].map((name) => ({ value: capture(name), min: 1, max: 1 })),
      Array.from({ length: 20 }, (_, n) => ({ value: BigInt(n), supply: 1 })),
    );
    expect(assign({ ...problem, exact: false })).toMatchObject({ met: true, gaveUp: false });
    expect(problem.captures.snapshot()).toEqual(
      new Map([
        ['a', 0n],
        ['b', 1n],
        ['c', 2n],
      ]),
    );
  });
});
