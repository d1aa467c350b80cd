/**
 * States on their way from the worker that met them to the one that is responsible for them. One
 * writer and one reader, never at the same time: the workers take turns (team.ts). Works on shared
 * or ordinary memory.
 *
 * Words: how many states are in it; then, for each, its own words and the number of the state it
 * comes from.
 */
import type { Successors } from './successors.ts';

export class Mailbox {
  private readonly words: Int32Array;
  private readonly entry: number;
  private readonly capacity: number;

  constructor(words: Int32Array, width: number) {
    this.words = words;
    this.entry = width + 1;
    this.capacity = Math.floor((words.length - 1) / this.entry);
  }

  get count(): number {
    return this.words[0] as number;
  }

  /** False if it is full. */
  put(from: Int32Array, at: number, origin: number): boolean {
    const { words, entry, count } = this;
    if (count === this.capacity) return false;
    const base = 1 + count * entry;
    for (let w = 0; w < entry - 1; w++) words[base + w] = from[at + w] as number;
    words[base + entry - 1] = origin;
    words[0] = count + 1;
    return true;
  }

  /**
   * Puts all that is in it into `out`, which is empty, and empties it. Returns where each comes
   * from.
   */
  take(out: Successors): Int32Array<ArrayBuffer> {
    const { words, entry, count } = this;
    const origins = new Int32Array(count);
    out.room(count);
    for (let n = 0; n < count; n++) {
      const base = 1 + n * entry;
      for (let w = 0; w < out.width; w++) out.words[n * out.width + w] = words[base + w] as number;
      origins[n] = words[base + entry - 1] as number;
    }
    out.count = count;
    this.clear();
    return origins;
  }

  clear(): void {
    this.words[0] = 0;
  }
}
