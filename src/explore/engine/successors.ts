/**
 * Where a system writes the steps that are enabled in a state. One buffer serves a whole search:
 * nothing is allocated per state.
 */
export class Successors {
  /** 32-bit words of a state. */
  readonly width: number;
  /** `count` states of `width` words each. Another array after room(): read it anew. */
  words: Int32Array;
  /** The step that leads to each. Another array after room(): read it anew. */
  labels: Int32Array;
  /** Property (1 or more) that each step itself breaks; 0 for none. */
  blames: Uint8Array;
  count = 0;
  /** Steps that leave the state as it is: counted, not stored. */
  loops = 0;
  /** Bit per situation that was seen; the engine collects them over all states. */
  situations = 0;
  /** Steps among these that break a property. */
  blamed = 0;

  constructor(width: number, capacity = 64) {
    this.width = width;
    this.words = new Int32Array(capacity * width);
    this.labels = new Int32Array(capacity);
    this.blames = new Uint8Array(capacity);
  }

  /**
   * Makes room for `more` states beyond `count`. Who writes into the arrays directly calls this
   * first.
   */
  room(more: number): void {
    if (this.count + more <= this.labels.length) return;
    const capacity = 2 * (this.count + more);
    this.words = longer(this.words, new Int32Array(capacity * this.width));
    this.labels = longer(this.labels, new Int32Array(capacity));
    this.blames = longer(this.blames, new Uint8Array(capacity));
  }

  /**
   * A step to the state at `from[at]`; the state itself for a step that changes nothing but must be
   * seen.
   */
  push(label: number, from: Int32Array, at = 0): void {
    this.room(1);
    const base = this.count * this.width;
    // Of wide states, copying one takes as long as the step itself unless it is done as a block.
    if (from.length === this.width) this.words.set(from, base);
    else for (let w = 0; w < this.width; w++) this.words[base + w] = from[at + w] as number;
    this.labels[this.count++] = label;
  }

  /** The step pushed last breaks `property` (1 or more), whatever state it leads to. */
  blame(property: number): void {
    this.blames[this.count - 1] = property;
    this.blamed++;
  }

  clear(): void {
    if (this.blamed > 0) this.blames.fill(0);
    this.count = this.loops = this.situations = this.blamed = 0;
  }
}

function longer<A extends Int32Array | Uint8Array>(old: A, next: A): A {
  next.set(old);
  return next;
}
