/**
 * An append-only list of 32-bit words in pages, so that growing copies nothing and takes no more
 * memory than one page too much. At most 2^32 words. Most searches are short: the first page grows
 * to its size.
 */
const PAGE_BITS = 16;
export const PAGE_WORDS = 1 << PAGE_BITS;
const FIRST_WORDS = 1 << 10;

export class WordLog {
  readonly pages: Int32Array[] = [];
  length = 0;

  push(word: number): void {
    const at = this.length & (PAGE_WORDS - 1);
    const n = this.length >>> PAGE_BITS;
    const page = this.pages[n];
    if (page === undefined || at === page.length) this.enlarge(n);
    (this.pages[n] as Int32Array)[at] = word;
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
    const { pages } = this;
    return pages.length === 0
      ? 0
      : 4 * ((pages[0] as Int32Array).length + PAGE_WORDS * (pages.length - 1));
  }

  private enlarge(n: number): void {
    const page = this.pages[n];
    const longer = new Int32Array(
      n > 0 ? PAGE_WORDS : page === undefined ? FIRST_WORDS : 2 * page.length,
    );
    if (page !== undefined) longer.set(page);
    this.pages[n] = longer;
  }
}
