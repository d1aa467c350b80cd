/**
 * Runs threads. `run` takes a procedure from entry to end; `stepOnce` takes one atomic step, for
 * whoever interleaves several threads.
 */
import { EVENT } from '../events/event-log.ts';
import type { Kernel } from './kernel.ts';
import { type Instruction, OPCODE } from './procedure.ts';
import type { Thread } from './thread.ts';

/** Glue and branches between two steps: more than this is a loop that never ends, a bug. */
const MAX_GLUE = 1_000_000;

/**
 * Runs bookkeeping from an instruction on until the next one is a step, the taking of a lock or the
 * end: that one.
 */
function advance(k: Kernel, t: Thread, from: number): Instruction {
  const { code } = k.program;
  let pc = from;
  for (let n = 0; n < MAX_GLUE; n++) {
    const instruction = code[pc];
    if (instruction === undefined) throw new Error(`IMPOSSIBLE: program counter ${pc}`);
    if (instruction.opcode === OPCODE.glue) {
      instruction.run(k, t);
      pc = instruction.next;
    } else if (instruction.opcode === OPCODE.branch) {
      pc = instruction.test(k, t) ? instruction.next : instruction.otherwise;
    } else {
      t.pc = pc;
      return instruction;
    }
  }
  throw new Error('IMPOSSIBLE: a procedure does not come to its next step');
}

export const isAtEnd = (k: Kernel, t: Thread): boolean =>
  k.program.code[t.pc]?.opcode === OPCODE.end;

/** A held lock that the thread waits for, or -1. */
export function awaitedLock(k: Kernel, t: Thread): number {
  const instruction = k.program.code[t.pc];
  const lock = instruction?.opcode === OPCODE.acquire ? instruction.lock(k, t) : -1;
  return lock < 0 || k.locks.isFree(lock) ? -1 : lock;
}

/** Whether the thread can go on: the lock that it wants is free. */
export function isRunnable(k: Kernel, t: Thread): boolean {
  const instruction = k.program.code[t.pc];
  return instruction?.opcode !== OPCODE.acquire || k.locks.isFree(instruction.lock(k, t));
}

/** Whether the step that is next waits for the device's writes in flight. */
export const flushesNext = (k: Kernel, t: Thread): boolean =>
  k.program.code[t.pc]?.flushes(k, t) ?? false;

/**
 * One atomic step. The taking of a lock belongs to the step after it, and its release to the step
 * before it: nobody could tell them apart.
 */
export function stepOnce(k: Kernel, t: Thread): void {
  const instruction = k.program.code[t.pc];
  if (instruction === undefined) throw new Error(`IMPOSSIBLE: program counter ${t.pc}`);
  stepFrom(k, t, instruction);
}

/** The step at an instruction, which is the thread's next; returns the one that is next then. */
function stepFrom(k: Kernel, t: Thread, from: Instruction): Instruction {
  let instruction = from;
  while (instruction.opcode === OPCODE.acquire) {
    k.locks.take(instruction.lock(k, t), t.index);
    instruction = advance(k, t, instruction.next);
    if (instruction.opcode === OPCODE.end) return instruction;
    if (instruction.opcode === OPCODE.acquire && !k.locks.isFree(instruction.lock(k, t)))
      return instruction;
  }
  if (instruction.opcode !== OPCODE.step)
    throw new Error('IMPOSSIBLE: the thread is not at a step');
  k.log.emit(EVENT.step, t.index, instruction.name, t.device + 1, t.vector + 1);
  const result = instruction.run(k, t);
  if (typeof result !== 'number' || result >= 0) return advance(k, t, instruction.next);
  t.error = result;
  return advance(k, t, instruction.onError);
}

/** Starts a procedure. The thread's other registers are the operation's operands. */
export const start = (k: Kernel, t: Thread, entry: number): void => void advance(k, t, entry);

/** From entry to end. Returns 0 or minus errno. */
export function run(k: Kernel, t: Thread, entry: number): number {
  let instruction = advance(k, t, entry);
  while (instruction.opcode !== OPCODE.end) instruction = stepFrom(k, t, instruction);
  return t.error;
}
