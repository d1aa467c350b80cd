import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { shardOf, type WeighedFile } from './shard.ts';

const files = fc.uniqueArray(fc.record({ path: fc.string(), weight: fc.nat({ max: 10_000 }) }), {
  selector: ({ path }) => path,
  maxLength: 40,
});
const parts = (all: readonly WeighedFile[], of: number): string[][] =>
  Array.from({ length: of }, (_, i) => shardOf(all, { index: i + 1, of }));
const count = fc.integer({ min: 1, max: 12 });

test('every file is in one shard, in the order in which it was given', () => {
  fc.assert(
    fc.property(files, count, (all, of) => {
      const paths = all.map(({ path }) => path);
      const shards = parts(all, of);
      expect(shards.flat().sort()).toEqual([...paths].sort());
      for (const shard of shards)
        expect(shard).toEqual(paths.filter((path) => shard.includes(path)));
    }),
  );
});

test('the same files give the same shards, in whatever order they are found', () => {
  fc.assert(
    fc.property(files, count, (all, of) => {
      const sorted = (shards: string[][]): string[][] => shards.map((shard) => [...shard].sort());
      expect(sorted(parts([...all].reverse(), of))).toEqual(sorted(parts(all, of)));
    }),
  );
});

test('no shard is heavier than another by more than one file', () => {
  fc.assert(
    fc.property(files, count, (all, of) => {
      const weights = new Map(all.map(({ path, weight }) => [path, Math.max(1, weight)]));
      const loads = parts(all, of).map((shard) =>
        shard.reduce((sum, path) => sum + (weights.get(path) ?? 0), 0),
      );
      const most = Math.max(0, ...weights.values());
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(most);
    }),
  );
});
