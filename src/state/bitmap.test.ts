import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Bitmap } from './bitmap.ts';
import { Store } from './store.ts';

function make(bits: number): Bitmap {
  const store = new Store();
  const bitmap = new Bitmap(store, bits);
  store.seal();
  return bitmap;
}

test('a search finds the first area that is free, aligned and inside', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(99), { maxLength: 60 }),
      // Whole words too.
      fc.nat(90),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(0, 1, 3, 7, 15),
      fc.nat(40),
      fc.integer({ min: 0, max: 100 }),
      (some, full, count, alignMask, offset, limit) => {
        const taken = [...some, ...Array.from({ length: full }, (_, bit) => bit)];
        const bitmap = make(100);
        for (const bit of taken) bitmap.set(bit);
        const fits = (start: number): boolean =>
          start + count <= limit &&
          ((start + offset) & alignMask) === 0 &&
          !taken.some((bit) => bit >= start && bit < start + count);
        const first = Array.from({ length: 100 }, (_, start) => start).find(fits) ?? -1;
        expect(bitmap.findZeroArea(count, alignMask, offset, limit)).toBe(first);
      },
    ),
    { numRuns: 500 },
  );
});

test('a mask that is no power of two less one aligns to what its bits say, as __ALIGN_MASK does', () => {
  // gicv2m: three SPIs from 80 on. (0 + 80 + 2) & ~2 is 80; after one is taken, (1 + 80 + 2) & ~2
  // is 81.
  const bitmap = make(8);
  expect(bitmap.findZeroArea(3, 2, 80)).toBe(0);
  bitmap.set(0);
  expect(bitmap.findZeroArea(3, 2, 80)).toBe(1);
});

test('set, clear and weight; clearing past the end is harmless', () => {
  const bitmap = make(40);
  bitmap.set(30, 10);
  expect(bitmap.weight()).toBe(10);
  bitmap.clear(38, 8);
  expect(bitmap.weight()).toBe(8);
  expect(bitmap.isEmpty()).toBe(false);
  bitmap.clear(0, 40);
  expect(bitmap.isEmpty()).toBe(true);
});
