/**
 * Situations that must be met for a pass: a run in which no operation succeeds and no interrupt
 * arrives violates nothing.
 */
import { operationText } from '../../operation-text.ts';
import { labelOf } from './labels.ts';
import type { ExploreMachine } from './machine.ts';
import type { Renaming } from './renamings.ts';
import type { ExplorePlan } from './plan.ts';

/** Bits of a word, less the sign. */
const MAX_SITUATIONS = 31;

export class Situations {
  readonly names: readonly string[];
  private readonly byVector = new Map<number, number>();
  private readonly byOperation: readonly (readonly number[])[];
  private readonly machine: ExploreMachine;

  /** `reserved`: situations of others that must fit as well. */
  constructor(plan: ExplorePlan, machine: ExploreMachine, reserved = 0) {
    const names: string[] = [];
    const bit = (name: string): number => {
      const known = names.indexOf(name);
      if (known >= 0) return known;
      return names.length < MAX_SITUATIONS - reserved ? names.push(name) - 1 : -1;
    };
    plan.fires.forEach(({ device, index }, n) => {
      const at = bit(`an interrupt of ${device}/${index} was delivered`);
      if (at >= 0) this.byVector.set(machine.fires[n]?.vector ?? -1, at);
    });
    this.byOperation = plan.threads.map(({ operations, mayFail = [] }) =>
      operations.map((operation) => {
        const text = operationText(operation);
        return mayFail.includes(text) ? -1 : bit(`${text} succeeded`);
      }),
    );
    this.names = names;
    this.machine = machine;
  }

  /** The situation that this one is after a renaming. */
  renamed(bit: number, { vector, thread, operation }: Renaming): number {
    for (const [v, at] of this.byVector)
      if (at === bit) return this.byVector.get(vector[v] as number) ?? bit;
    for (const [t, bits] of this.byOperation.entries()) {
      const n = bits.indexOf(bit);
      if (n >= 0)
        return this.byOperation[thread[t] as number]?.[operation[t]?.[n] as number] ?? bit;
    }
    return bit;
  }

  /** Bits of what the step that was just taken has shown. `ended`: as ExploreMachine.ended. */
  after(label: number, delivered: ReadonlySet<number>, ended: number): number {
    const bits = delivered.size === 0 ? 0 : this.ofVectors(delivered);
    if (ended !== 0) return bits;
    const what = labelOf(label);
    if (what.kind !== 'begin' && what.kind !== 'step') return bits;
    const choice = what.kind === 'begin' ? what.choice : this.machine.lastEnded;
    const at = this.byOperation[what.thread]?.[choice] ?? -1;
    return at < 0 ? bits : bits | (1 << at);
  }

  private ofVectors(delivered: ReadonlySet<number>): number {
    let bits = 0;
    for (const vector of delivered) {
      const at = this.byVector.get(vector);
      if (at !== undefined) bits |= 1 << at;
    }
    return bits;
  }
}
