/**
 * What happened, as fixed-size records of integers: cheap enough to be always on, bounded, decoded
 * into words (`decode.ts`) only when somebody asks.
 *
 * A record is RECORD_WORDS words: kind, serial number of the operation, and up to eight operands
 * whose meaning depends on the kind. The log holds the newest MAX_RECORDS; older ones are
 * overwritten.
 */

export const EVENT = {
  /** thread, step name, device + 1, vector + 1, errno */
  step: 1,
  /** ITS, opcode, DeviceID, EventID, intid or size, icid or valid or rd, error */
  command: 2,
  /** device, vector + 1, address hi, address lo, data */
  write: 3,
  /** device, StreamID, address hi, address lo, fault name */
  fault: 4,
  /** vector + 1 (0: nobody's), cpu, intid or identity, vPE + 1 that takes it (0: the host) */
  interrupt: 5,
  /** domain, iova hi, iova lo, pa hi, pa lo, size in 4K units, prot */
  map: 6,
  /** domain, iova hi, iova lo, size in 4K units */
  unmap: 7,
  /** domain, iova hi, iova lo, references before, after, vector + 1 */
  ref: 8,
  /** vector + 1, reason */
  lost: 9,
  /** SMMU, command, ASID or StreamID, address hi, address lo, size in 4K units */
  smmu: 10,
} as const;
export type EventKind = (typeof EVENT)[keyof typeof EVENT];

export const RECORD_WORDS = 10;
const START_RECORDS = 32;
/** 2**18 records are 10 MiB: one operation on 2048 vectors fits. */
const MAX_RECORDS = 1 << 18;

export class EventLog {
  /** Serial number of the operation that is under way, from 1; 0 is boot. */
  operation = 0;
  enabled = true;
  private words = new Int32Array(START_RECORDS * RECORD_WORDS);
  private capacity = START_RECORDS;
  /** Records ever written. */
  private written = 0;
  private firstOfOperation = 0;
  /** Records of the operation under way, by kind: most steps have none of most kinds. */
  private readonly counts = new Int32Array(16);

  /** Forgets everything; the words stay. */
  clear(): void {
    this.operation = 0;
    this.written = 0;
    this.firstOfOperation = 0;
    this.counts.fill(0);
  }

  beginOperation(): void {
    this.operation++;
    this.firstOfOperation = this.written;
    this.counts.fill(0);
  }

  /** Whether the operation under way has a record of this kind. */
  has(kind: EventKind): boolean {
    return this.counts[kind] !== 0;
  }

  emit(kind: EventKind, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0): void {
    if (!this.enabled) return;
    if (this.written >= this.capacity && this.capacity < MAX_RECORDS) this.grow();
    const at = (this.written & (this.capacity - 1)) * RECORD_WORDS;
    const w = this.words;
    w[at] = kind;
    w[at + 1] = this.operation;
    w[at + 2] = a;
    w[at + 3] = b;
    w[at + 4] = c;
    w[at + 5] = d;
    w[at + 6] = e;
    w[at + 7] = f;
    w[at + 8] = g;
    this.written++;
    this.counts[kind] = (this.counts[kind] as number) + 1;
  }

  /** Calls `visit` with the log's words and each record's offset, oldest first. */
  forEach(visit: (words: Int32Array, at: number) => void, ofOperation = false): void {
    const oldest = Math.max(0, this.written - this.capacity);
    const first = ofOperation ? Math.max(oldest, this.firstOfOperation) : oldest;
    for (let i = first; i < this.written; i++) {
      visit(this.words, (i & (this.capacity - 1)) * RECORD_WORDS);
    }
  }

  private grow(): void {
    const words = new Int32Array(2 * this.capacity * RECORD_WORDS);
    words.set(this.words);
    this.words = words;
    this.capacity *= 2;
  }
}
