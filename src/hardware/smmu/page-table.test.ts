/** The sorted ranges against a map from page to page. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EventLog } from '../../events/event-log.ts';
import { ERRNO } from '../../observation.ts';
import { Store } from '../../state/store.ts';
import { PageTables, PROT } from './page-table.ts';

const PAGE = 4096;
const PAGES = 24;

function make(): PageTables {
  const store = new Store();
  const tables = new PageTables(store, new EventLog(), 2, 2 * PAGES);
  store.seal();
  return tables;
}

interface Action {
  map: boolean;
  page: number;
  count: number;
  pa: number;
  prot: number;
}

const action: fc.Arbitrary<Action> = fc.record({
  map: fc.boolean(),
  page: fc.nat(PAGES - 1),
  count: fc.integer({ min: 1, max: 6 }),
  // Above 4 GiB too.
  pa: fc.nat(2 ** 20).map((n) => n * 2 ** 20),
  prot: fc.constantFrom(PROT.READ, PROT.WRITE, PROT.READ | PROT.WRITE),
});

describe('page tables', () => {
  test('map, unmap and find do as a map of single pages does', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60, size: 'max' }), (actions) => {
        const tables = make();
        const naive = new Map<number, { pa: number; prot: number }>();
        for (const { map, page, count, pa, prot } of actions) {
          const pages = Array.from({ length: count }, (_, n) => page + n);
          const present = pages.filter((p) => naive.has(p));
          if (map) {
            const result = tables.map(1, page * PAGE, pa, count * PAGE, prot);
            expect(result).toBe(present.length > 0 ? -ERRNO.EEXIST : 0);
            if (result === 0) {
              for (const [n, p] of pages.entries()) naive.set(p, { pa: pa + n * PAGE, prot });
            }
          } else {
            expect(tables.unmap(1, page * PAGE, count * PAGE)).toBe(present.length * PAGE);
            for (const p of pages) naive.delete(p);
          }
          // One comparison for all pages: Jest's are slow.
          const answers = Array.from({ length: PAGES + 6 }, (_, p) => {
            const at = tables.find(1, p * PAGE + 0x40);
            if (at < 0) return '-';
            return `${tables.pa(1, at) + (p * PAGE - tables.iova(1, at))} ${tables.prot(1, at)}`;
          });
          const wanted = answers.map((_, p) => {
            const known = naive.get(p);
            return known === undefined ? '-' : `${known.pa} ${known.prot}`;
          });
          expect(answers.join()).toBe(wanted.join());
        }
        expect(tables.count(0)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test('equal mappings are equal words, whatever came before', () => {
    const words = (...order: number[]): number[] => {
      const store = new Store();
      const tables = new PageTables(store, new EventLog(), 1, 8);
      store.seal();
      tables.map(0, 0x9000, 0, PAGE, PROT.READ);
      tables.unmap(0, 0x9000, PAGE);
      for (const page of order) tables.map(0, page * PAGE, page * PAGE, PAGE, PROT.WRITE);
      return Array.from(store.words);
    };
    expect(words(3, 1, 2)).toEqual(words(1, 2, 3));
  });

  test('clear forgets one domain', () => {
    const tables = make();
    tables.map(0, 0, 0, PAGE, PROT.READ);
    tables.map(1, 0, 0, PAGE, PROT.READ);
    tables.clear(1);
    expect([tables.find(0, 0), tables.find(1, 0)]).toEqual([0, -1]);
  });
});
