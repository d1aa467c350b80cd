/**
 * What follows from a block of bits, as words: worked out when the block is first met, and kept
 * behind one another in one array.
 */
export class Compiled {
  /** Another array after of(): read it anew. */
  words = new Int32Array(1 << 12);
  private length = 1;
  /** By block; 0: not yet. */
  private readonly first: Int32Array;
  private readonly compile: (block: number) => readonly number[];

  constructor(bits: number, compile: (block: number) => readonly number[]) {
    this.first = new Int32Array(1 << bits);
    this.compile = compile;
  }

  /** Where in `words` those of the block begin. */
  of(block: number): number {
    const known = this.first[block] as number;
    return known === 0 ? this.add(block) : known;
  }

  private add(block: number): number {
    const words = this.compile(block);
    const start = this.length;
    this.length += words.length;
    if (this.length > this.words.length) {
      const longer = new Int32Array(2 * this.length);
      longer.set(this.words);
      this.words = longer;
    }
    this.words.set(words, start);
    return (this.first[block] = start);
  }
}
