import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Store } from './store.ts';

const ROWS = 8;

function make() {
  const store = new Store();
  const narrow = store.column(ROWS);
  const wide = store.wideColumn(ROWS);
  store.seal();
  return { store, narrow, wide };
}

type Write = { wide: boolean; row: number; value: number };

const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({
    wide: fc.constant(false),
    row: fc.nat(ROWS - 1),
    value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  }),
  fc.record({
    wide: fc.constant(true),
    row: fc.nat(ROWS - 1),
    value: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  }),
);
const writes = fc.array(write, { maxLength: 400, size: 'max' });

function apply({ narrow, wide }: ReturnType<typeof make>, { wide: isWide, row, value }: Write) {
  (isWide ? wide : narrow).set(row, value);
}

describe('store', () => {
  test('columns return what was last written, whatever else was written', () => {
    fc.assert(
      fc.property(writes, (list) => {
        const made = make();
        const expected = { narrow: new Map<number, number>(), wide: new Map<number, number>() };
        for (const one of list) {
          apply(made, one);
          (one.wide ? expected.wide : expected.narrow).set(one.row, one.value);
        }
        for (let row = 0; row < ROWS; row++) {
          expect(made.narrow.get(row)).toBe(expected.narrow.get(row) ?? 0);
          expect(made.wide.get(row)).toBe(expected.wide.get(row) ?? 0);
        }
      }),
    );
  });

  test('undo goes back to each mark, words and hash', () => {
    fc.assert(
      fc.property(writes, (list) => {
        const made = make();
        made.store.startJournal();
        const marks = list.map((one) => {
          const before = {
            mark: made.store.mark(),
            words: made.store.snapshot(),
            hash: made.store.hash,
          };
          apply(made, one);
          return before;
        });
        for (const { mark, words, hash } of marks.reverse()) {
          made.store.undo(mark);
          expect(Array.from(made.store.words)).toEqual(Array.from(words));
          expect(made.store.hash).toBe(hash);
        }
        expect(made.store.hash).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test('the hash that was kept is the hash that a restore computes', () => {
    fc.assert(
      fc.property(writes, writes, (first, second) => {
        const a = make();
        a.store.startJournal();
        for (const one of first) apply(a, one);
        const { hash } = a.store;
        const words = a.store.snapshot();
        for (const one of second) apply(a, one);
        a.store.restore(words);
        expect(a.store.hash).toBe(hash);
        expect(Array.from(a.store.words)).toEqual(Array.from(words));
        expect(a.store.mark()).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test('one changed word changes the hash', () => {
    const seen = new Set<number>();
    for (let row = 0; row < ROWS; row++) {
      for (const value of [1, 2, -1, 65536]) {
        const made = make();
        made.store.startJournal();
        made.narrow.set(row, value);
        seen.add(made.store.hash);
      }
    }
    expect(seen.size).toBe(4 * ROWS);
    expect(seen.has(0)).toBe(false);
  });

  test('rows outside a column and columns after seal() are refused', () => {
    const { store, narrow, wide } = make();
    for (const row of [-1, ROWS, 0.5 + ROWS]) {
      expect(() => narrow.get(row)).toThrow('IMPOSSIBLE');
      expect(() => wide.set(row, 1)).toThrow('IMPOSSIBLE');
    }
    expect(() => store.column(1)).toThrow('sealed');
  });
});
