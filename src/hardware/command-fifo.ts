/**
 * Commands that software has put into a queue and the hardware has not acted on: an ITS's or an
 * SMMU's. They are read in order. What one of them does is certain only when a SYNC after it has
 * completed; until then this queue holds it, which is the case that needs the SYNC. A full queue
 * makes the hardware read its oldest entry.
 *
 * A driver that always waits for a SYNC in the same step has no use for the queue: nobody can look
 * in between. So it has room only where SYNCs are left out, or where somebody explores what happens
 * while a driver waits; without room a command takes effect when it is posted.
 */
import type { Column, Store, WideColumn } from '../state/store.ts';

const OPERANDS = 4;

/** Carries a command out: its opcode and four operands. */
export type Execute = (op: number, a: number, b: number, c: number, d: number) => void;

export class CommandFifo {
  readonly capacity: number;
  private readonly ops: Column;
  private readonly operands: WideColumn;
  /** Of one word, or of none where there is no room. */
  private readonly count: Column;
  /** Entries that a SYNC waits for; only while `waits`. */
  private readonly awaited: Column;
  /**
   * A SYNC waits for the hardware, which reads when it likes; else the hardware reads at the SYNC.
   */
  waits = false;
  private readonly execute: Execute;

  constructor(store: Store, capacity: number, execute: Execute) {
    this.capacity = capacity;
    this.count = store.column(Math.min(1, capacity));
    this.awaited = store.column(Math.min(1, capacity));
    this.ops = store.column(capacity);
    this.operands = store.wideColumn(capacity * OPERANDS);
    this.execute = execute;
  }

  get length(): number {
    return this.capacity === 0 ? 0 : this.count.get(0);
  }

  /** Whether a driver waits for its SYNC. */
  get isAwaited(): boolean {
    return this.capacity !== 0 && this.awaited.get(0) !== 0;
  }

  post(op: number, a: number, b: number, c = 0, d = 0): void {
    if (this.capacity === 0) {
      this.execute(op, a, b, c, d);
      return;
    }
    // In one step of a driver that waits for its SYNCs, the one before has completed.
    if (this.isAwaited) this.drain();
    if (this.length === this.capacity) this.read();
    const at = this.length;
    this.ops.set(at, op);
    [a, b, c, d].forEach((operand, n) => this.operands.set(at * OPERANDS + n, operand));
    this.count.set(0, at + 1);
  }

  /** The command that is read next, of a queue that is not empty. */
  get oldest(): readonly [op: number, ...Operands] {
    return [this.ops.get(0), ...([0, 1, 2, 3].map((n) => this.operands.get(n)) as Operands)];
  }

  /** The oldest command takes effect. */
  read(): void {
    const [op, a, b, c, d] = this.oldest;
    const left = this.length - 1;
    for (let i = 0; i <= left; i++) this.move(i);
    this.count.set(0, left);
    if (this.isAwaited) this.awaited.set(0, this.awaited.get(0) - 1);
    this.execute(op, a, b, c, d);
  }

  /** SYNC: who posted it waits until all that was posted before it has taken effect. */
  sync(): void {
    if (this.waits) this.awaited.set(0, this.length);
    else this.drain();
  }

  /** All that was posted takes effect. */
  drain(): void {
    while (this.length > 0) this.read();
  }

  /** Entry i + 1 to i. What is not in use is zero, so that equal queues are equal words. */
  private move(i: number): void {
    const isLast = i + 1 >= this.length;
    this.ops.set(i, isLast ? 0 : this.ops.get(i + 1));
    for (let n = 0; n < OPERANDS; n++) {
      const operand = isLast ? 0 : this.operands.get((i + 1) * OPERANDS + n);
      this.operands.set(i * OPERANDS + n, operand);
    }
  }
}

type Operands = [number, number, number, number];
