/**
 * Which bits of a state hold which field. A system declares its fields once, in order; none crosses
 * a word, so that reading one is a shift and a mask.
 */
export interface Field {
  readonly name: string;
  readonly word: number;
  readonly shift: number;
  readonly bits: number;
  /** `bits` ones, at the bottom. */
  readonly mask: number;
}

/** Bits that hold 0 to `greatest`. */
export const bitsFor = (greatest: number): number => 32 - Math.clz32(greatest);

export class Layout {
  readonly fields: Field[] = [];
  private readonly used: number[] = [];

  /** The first word that has room for it. `bits` is 0 (a field that is always 0) to 32. */
  add(name: string, bits: number): Field {
    if (bits < 0 || bits > 32) throw new Error(`IMPOSSIBLE: a field ${name} of ${bits} bits`);
    let word = this.used.findIndex((used) => used + bits <= 32);
    if (word < 0) word = this.used.push(0) - 1;
    const shift = this.used[word] as number;
    this.used[word] = shift + bits;
    const mask = bits === 32 ? -1 : (1 << bits) - 1;
    const field = { name, word, shift: shift & 31, bits, mask };
    this.fields.push(field);
    return field;
  }

  get width(): number {
    return this.used.length;
  }

  get bits(): number {
    return this.fields.reduce((sum, { bits }) => sum + bits, 0);
  }
}
