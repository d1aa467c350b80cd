/** States as the two words under which they are stored, and back. Exact both ways. */
import type { Successors } from './successors.ts';
import type { WordLog } from './state-log.ts';
import { FoldCodec } from './fold.ts';

export interface Codec {
  /** Keys of all states in `out`, two words each; valid until the next call. */
  encode(out: Successors): Int32Array;
  /** Successors after which a batch is encoded; 1: those of one state at a time. */
  readonly batch: number;
  /** Puts the state of a key into `words[at]`. */
  decode(page: Int32Array, index: number): void;
  /** Where decode put the state. */
  readonly words: Int32Array;
  readonly at: number;
  /** Bytes held beside the keys. */
  readonly bytes: number;
  /** What keys refer to, if anything. */
  readonly log?: WordLog;
  /** After the log was filled from outside. */
  restore(): void;
}

/**
 * Enough that the table's cache misses overlap, few enough that a batch stays in the first cache.
 */
const BATCH = 1024;

export function codecFor(width: number): Codec {
  if (width === 1) return new OneWord();
  return width === 2 ? new TwoWords() : new FoldCodec(width);
}

/** The key is the state. */
class TwoWords implements Codec {
  words: Int32Array = new Int32Array(2);
  at = 0;
  readonly bytes = 0;
  readonly batch = BATCH;

  encode(out: Successors): Int32Array {
    return out.words;
  }

  decode(page: Int32Array, index: number): void {
    this.words = page;
    this.at = index;
  }

  restore(): void {
    // Nothing is kept.
  }
}

class OneWord implements Codec {
  words: Int32Array = new Int32Array(1);
  at = 0;
  readonly bytes = 0;
  readonly batch = BATCH;
  private keys = new Int32Array(0);

  encode({ words, count }: Successors): Int32Array {
    if (this.keys.length < 2 * count) this.keys = new Int32Array(4 * count);
    for (let n = 0; n < count; n++) this.keys[2 * n] = words[n] as number;
    return this.keys;
  }

  decode(page: Int32Array, index: number): void {
    this.words = page;
    this.at = index;
  }

  restore(): void {
    // Nothing is kept.
  }
}
