/**
 * Words that become more where they are. An array that is replaced by a longer one is copied, with
 * both there for a while, and is still there until the garbage collector comes by. So a large one
 * has address space for all that it may ever be: pages that nobody has touched take no memory.
 * Where so much cannot be had (ulimit -v, strict overcommit), it is copied.
 */
const RESERVED_BYTES = 2 ** 32;
/** Below, copying is cheaper. */
const FROM_BYTES = 2 ** 20;
/**
 * Where in its buffer an array begins, so that it begins with a cache line: glibc gives a large
 * block pages of its own, after a header of 16 bytes. Elsewhere a table is a tenth slower.
 */
const OFFSET_BYTES = 48;

export class GrowingWords {
  words: Int32Array;
  private buffer: ArrayBuffer;

  constructor(length: number) {
    this.buffer = new ArrayBuffer(4 * length + OFFSET_BYTES);
    this.words = new Int32Array(this.buffer, OFFSET_BYTES, length);
  }

  /**
   * Makes it `length` words, zeroes behind what was there. A RangeError if there is no memory. Read
   * `words` anew.
   */
  enlarge(length: number): void {
    const old = this.words;
    const bytes = 4 * length + OFFSET_BYTES;
    const isRoom = bytes <= this.buffer.byteLength;
    if (!isRoom) this.buffer = allocated(bytes);
    this.words = new Int32Array(this.buffer, OFFSET_BYTES, length);
    if (!isRoom) this.words.set(old);
  }
}

function allocated(bytes: number): ArrayBuffer {
  if (bytes < FROM_BYTES || bytes > RESERVED_BYTES) return new ArrayBuffer(bytes);
  try {
    return new ArrayBuffer(RESERVED_BYTES + OFFSET_BYTES);
  } catch (error) {
    if (error instanceof RangeError) return new ArrayBuffer(bytes);
    throw error;
  }
}
