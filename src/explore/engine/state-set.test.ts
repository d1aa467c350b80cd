import { expect, test } from '@jest/globals';
import { StateSet } from './state-set.ts';

/** Numbers that look random, the same each time. */
function numbers(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
    return x >> 12;
  };
}

/** What is wrong with a set after it grew with these keys, a batch at a time. */
function wrong(slotBits: number, seed: number): string[] {
  const next = numbers(seed);
  const set = new StateSet(slotBits);
  const met = new Map<string, readonly [number, number]>();
  const faults: string[] = [];
  for (let batch = 0; batch < 12; batch++) {
    const keys = Int32Array.from({ length: 2 * (1 + (seed % 23)) }, () => next() % 37);
    const firsts: number[] = [];
    for (let k = 0; k < keys.length; k += 2) {
      const [lo = 0, hi = 0] = keys.subarray(k);
      if (!met.has(`${lo} ${hi}`)) firsts.push(k / 2);
      met.set(`${lo} ${hi}`, [lo, hi]);
    }
    set.reserve(keys.length / 2);
    const added = set.addAll(keys, 0, keys.length / 2);
    const fresh = Array.from(set.fresh.subarray(0, added));
    if (fresh.join() !== firsts.join())
      faults.push(`new were ${firsts.join()}, not ${fresh.join()} (seed ${seed})`);
    for (const [key, [lo, hi]] of met)
      if (!set.has(lo, hi)) faults.push(`${key} was lost (seed ${seed})`);
    for (let lo = -3; lo < 6; lo++)
      if (set.has(lo, 0) !== met.has(`${lo} 0`)) faults.push(`${lo} 0 came by itself`);
  }
  return faults;
}

// Tables of a few lines: searches go over the end of a line, and of the table, all the time.
test.each([3, 4, 6])(
  'a table that begins with 2^%d slots has what was put in while it grows',
  (slotBits) => {
    const faults = Array.from({ length: 300 }, (_, n) => wrong(slotBits, n + 1)).flat();
    expect(faults).toEqual([]);
  },
);
