/**
 * The invariants, as what each device asks of the bindings and what the bindings give, in bits: a
 * slot that is bound, and a page that is bound to a slot. An invariant is then one comparison a
 * state.
 */
import type { Parameters } from './parameters.ts';
import { of, type StateFields } from './state.ts';

export const PROPERTIES = [
  "an active vector's address is mapped",
  "an active vector's address is its own CPU's doorbell",
  'when all threads are idle, the references are the active vectors',
  'a binding with no reference has no slot',
] as const;

/** Bits of a demand that cannot be met: an active vector without an address. */
const NEVER = 1 << 30;

export class Claims {
  private readonly p: Parameters;
  private readonly f: StateFields;

  constructor(p: Parameters, f: StateFields) {
    this.p = p;
    this.f = f;
    if (p.slots * (1 + p.pages) > 30) throw new Error('the scenario is too large: pages x slots');
  }

  private bound(page: number, slot: number): number {
    return 1 << (this.p.slots + page * this.p.slots + slot - 1);
  }

  /** What the vectors of a device's block need. */
  needs(block: number): number {
    let needs = 0;
    const { f } = this;
    f.vectors.forEach((vector, n) => {
      if (of(block, vector.act) === 0) return;
      const slot = of(block, vector.slot);
      const cpu = of(block, vector.cpu);
      needs |= slot === 0 ? NEVER : 1 << (slot - 1);
      const between = of(block, f.pc) === 4 && of(block, f.v) === n;
      if (slot !== 0 && !between) needs |= this.bound(this.p.pages === 1 ? 0 : cpu, slot);
    });
    return needs;
  }

  /** What the bindings offer. */
  offers(bindings: number): number {
    let offers = 0;
    this.f.bindings.forEach(({ slot, ref }, page) => {
      const at = of(bindings, slot);
      if (of(bindings, ref) > 0 && at > 0) offers |= (1 << (at - 1)) | this.bound(page, at);
    });
    return offers;
  }

  active(block: number): number {
    return this.f.vectors.reduce((sum, { act }) => sum + of(block, act), 0);
  }

  references(bindings: number): number {
    return this.f.bindings.reduce((sum, { ref }) => sum + of(bindings, ref), 0);
  }

  isIdle(block: number): boolean {
    return of(block, this.f.pc) === 0;
  }

  /** Whether what is missing is a mapping at all, not only the right one. */
  isUnmapped(missing: number): boolean {
    return (missing & (NEVER | ((1 << this.p.slots) - 1))) !== 0;
  }

  /** A binding has a slot exactly if it has a reference. */
  isWellFormed(bindings: number): boolean {
    return this.f.bindings.every(
      ({ slot, ref }) => (of(bindings, slot) === 0) === (of(bindings, ref) === 0),
    );
  }
}
