/**
 * Kernel procedures as lists of named atomic steps.
 *
 * A procedure is written as a tree (steps, conditions, loops over vectors, undo on error) and
 * compiled once into a flat list of instructions, so that a thread is a program counter and a few
 * registers, and can stop between any two steps. Conditions and loop counters run together with the
 * step before them: they read the thread's own registers and what its locks protect.
 */
import type { Kernel } from './kernel.ts';
import type { LockOf } from './locks.ts';
import type { Thread } from './thread.ts';

/** A step's work; a negative return is minus an errno and leaves the procedure by its undo path. */
export type Run = (k: Kernel, t: Thread) => number | void;
export type Test = (k: Kernel, t: Thread) => boolean;

export type Node =
  | { readonly kind: 'step'; readonly name: string; readonly run: Run; readonly flushes: Test }
  | { readonly kind: 'glue'; readonly run: (k: Kernel, t: Thread) => void }
  | {
      readonly kind: 'when';
      readonly test: Test;
      readonly then: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly kind: 'attempt'; readonly body: readonly Node[]; readonly undo: readonly Node[] }
  | { readonly kind: 'locked'; readonly lock: LockOf; readonly body: readonly Node[] }
  | { readonly kind: 'while'; readonly test: Test; readonly body: readonly Node[] };

const never: Test = () => false;

/**
 * One atomic step, by the kernel's own name for it. `flushes`: it ends with a read from the device
 * or is a configuration write, and the completion pushes the device's earlier posted writes before
 * it (PCIe ordering: a completion does not pass a posted write), so that it waits for what is in
 * flight.
 */
export const step = (name: string, run: Run, flushes: Test = never): Node => ({
  kind: 'step',
  name,
  run,
  flushes,
});

/** Bookkeeping of registers that is no step of its own. */
export const glue = (run: (k: Kernel, t: Thread) => void): Node => ({ kind: 'glue', run });

export const when = (test: Test, then: readonly Node[], otherwise: readonly Node[] = []): Node => ({
  kind: 'when',
  test,
  then,
  otherwise,
});

/** If a step of `body` fails, `undo` runs and the failure goes on outwards; `undo` sees t.error. */
export const attempt = (body: readonly Node[], undo: readonly Node[]): Node => ({
  kind: 'attempt',
  body,
  undo,
});

/**
 * `body` with the lock held: nobody else gets past their own taking of it until the body ends, well
 * or not.
 */
export const locked = (lock: LockOf, body: readonly Node[]): Node => ({
  kind: 'locked',
  lock,
  body,
});

/**
 * `body` for each vector of the operation in ascending order (msi_for_each_desc), in t.vector; -1
 * after it.
 */
export function forEachVector(body: readonly Node[]): Node[] {
  return [
    glue((k, t) => (t.vector = k.firstVector(t.device))),
    {
      kind: 'while',
      test: (k, t) => t.vector < k.firstVector(t.device) + t.count,
      body: [...body, glue((_, t) => void t.vector++)],
    },
    glue((_, t) => (t.vector = -1)),
  ];
}

export const OPCODE = { step: 0, glue: 1, branch: 2, end: 3, acquire: 4 } as const;

export interface Instruction {
  readonly opcode: (typeof OPCODE)[keyof typeof OPCODE];
  /** Step name's number in `stepNames`. */
  readonly name: number;
  readonly run: Run;
  readonly test: Test;
  readonly flushes: Test;
  readonly lock: LockOf;
  /** Where to go: after success; a branch that does not hold; an error. */
  readonly next: number;
  readonly otherwise: number;
  readonly onError: number;
}

/** Names of all steps that were ever compiled; event records carry the index. */
export const stepNames: string[] = [];
const stepNumbers = new Map<string, number>();

function stepNumber(name: string): number {
  let number = stepNumbers.get(name);
  if (number === undefined) {
    number = stepNames.push(name) - 1;
    stepNumbers.set(name, number);
  }
  return number;
}

type Draft = { -readonly [K in keyof Instruction]: Instruction[K] };

const nothing: Run = () => undefined;
const always: Test = () => true;
const noLock: LockOf = () => -1;

/**
 * Code of several procedures in one list, so that a program counter alone says where a thread is.
 */
export class Program {
  readonly code: Instruction[] = [];
  private readonly entries = new Map<string, number>();

  /** Entry of a procedure that is compiled when it is first asked for. */
  entry(name: string, tree: () => readonly Node[]): number {
    const known = this.entries.get(name);
    if (known !== undefined) return known;
    const end = this.draft({ opcode: OPCODE.end });
    const first = this.compile(tree(), end, end);
    this.entries.set(name, first);
    return first;
  }

  /** Emits `nodes` so that control goes on at `next`; returns the first instruction. */
  private compile(nodes: readonly Node[], next: number, onError: number): number {
    let following = next;
    for (let i = nodes.length - 1; i >= 0; i--)
      following = this.node(nodes[i] as Node, following, onError);
    return following;
  }

  private node(node: Node, next: number, onError: number): number {
    switch (node.kind) {
      case 'step':
        return this.draft({
          opcode: OPCODE.step,
          name: stepNumber(node.name),
          run: node.run,
          flushes: node.flushes,
          next,
          onError,
        });
      case 'locked': {
        const release = (k: Kernel, t: Thread): void => k.locks.release(node.lock(k, t));
        const done = this.draft({ opcode: OPCODE.glue, run: release, next });
        const failed = this.draft({ opcode: OPCODE.glue, run: release, next: onError });
        const body = this.compile(node.body, done, failed);
        return this.draft({ opcode: OPCODE.acquire, lock: node.lock, next: body });
      }
      case 'glue':
        return this.draft({ opcode: OPCODE.glue, run: node.run, next });
      case 'when':
        return this.draft({
          opcode: OPCODE.branch,
          test: node.test,
          next: this.compile(node.then, next, onError),
          otherwise: this.compile(node.otherwise, next, onError),
        });
      case 'attempt':
        return this.compile(node.body, next, this.compile(node.undo, onError, onError));
      case 'while': {
        const head = this.draft({ opcode: OPCODE.branch, test: node.test, otherwise: next });
        (this.code[head] as Draft).next = this.compile(node.body, head, onError);
        return head;
      }
    }
  }

  private draft(part: Partial<Draft> & Pick<Draft, 'opcode'>): number {
    const instruction: Draft = {
      name: -1,
      run: nothing,
      test: always,
      flushes: never,
      lock: noLock,
      next: 0,
      otherwise: 0,
      onError: 0,
      ...part,
    };
    return this.code.push(instruction) - 1;
  }
}

/** Names of all steps of a tree, those of branches and of undoing included. */
export function stepNamesOf(nodes: readonly Node[], into = new Set<string>()): Set<string> {
  for (const node of nodes) {
    if (node.kind === 'step') into.add(node.name);
    else if (node.kind === 'when') {
      stepNamesOf(node.then, into);
      stepNamesOf(node.otherwise, into);
    } else if (node.kind === 'attempt') {
      stepNamesOf(node.body, into);
      stepNamesOf(node.undo, into);
    } else if (node.kind !== 'glue') stepNamesOf(node.body, into);
  }
  return into;
}
