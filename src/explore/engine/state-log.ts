/**
 * An append-only list of 32-bit words in pages, so that growing copies nothing and takes no more memory than
 * one page too much. At most 2^32 words.
 */
const PAGE_BITS = 16;
export const PAGE_WORDS = 1 << PAGE_BITS;

export class WordLog {
  readonly pages: Int32Array[] = [];
  length = 0;

  push(word: number): void {
    const at = this.length & (PAGE_WORDS - 1);
    if (at === 0) this.pages.push(new Int32Array(PAGE_WORDS));
    (this.pages[this.length >>> PAGE_BITS] as Int32Array)[at] = word;
    this.length++;
  }

  at(index: number): number {
    return this.page(index)[index & (PAGE_WORDS - 1)] as number;
  }

  /** The page that holds the word; it is at `index & (PAGE_WORDS - 1)` there. */
  page(index: number): Int32Array {
    return this.pages[index >>> PAGE_BITS] as Int32Array;
  }

  /** Forgets all. */
  clear(): void {
    this.pages.length = 0;
    this.length = 0;
  }

  get bytes(): number {
    return 4 * PAGE_WORDS * this.pages.length;
  }
}
