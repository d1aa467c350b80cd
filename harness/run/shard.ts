/**
 * A part of the spec files for each of several runs: the same parts everywhere for the same files,
 * of about the same weight, every file in one of them.
 */
import type { Shard } from './events.ts';

export interface WeighedFile {
  readonly path: string;
  /** Bytes of it stand for what it takes to load and run. */
  readonly weight: number;
}

/**
 * The heaviest file first, each to the shard that has least: no shard is heavier than another by
 * more than one file. In the order in which they were given.
 */
export function shardOf(files: readonly WeighedFile[], { index, of }: Shard): string[] {
  const loads = new Array<number>(of).fill(0);
  const mine = new Set<string>();
  const heaviest = [...files].sort((a, b) => b.weight - a.weight || (a.path < b.path ? -1 : 1));
  for (const { path, weight } of heaviest) {
    const least = loads.indexOf(Math.min(...loads));
    // A file of no bytes still has to be opened.
    loads[least] = (loads[least] ?? 0) + Math.max(1, weight);
    if (least === index - 1) mine.add(path);
  }
  return files.map(({ path }) => path).filter((path) => mine.has(path));
}
