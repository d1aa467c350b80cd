/**
 * What the steps so far did to each vector, as far as the checks need it: masked, and fired while masked.
 */
import type { Operation, VectorName } from '../../src/operation.ts';

export const vectorKey = (vector: VectorName): string => `${vector.device}/${vector.index}`;

export class VectorStates {
  private readonly masked = new Set<string>();
  private readonly pending = new Set<string>();

  isMasked(vector: string): boolean {
    return this.masked.has(vector);
  }

  /** An interrupt of it may arrive without a fire in the same step: it waited. */
  mayDeliver(vector: string): boolean {
    return this.pending.has(vector);
  }

  /** After a step's checks. `failed`: the kernel refused it, nothing changed. */
  follow(operation: Operation, refused: boolean): void {
    if (refused) return;
    switch (operation.op) {
      case 'mask':
        this.masked.add(vectorKey(operation.vector));
        return;
      case 'unmask':
        this.masked.delete(vectorKey(operation.vector));
        this.pending.delete(vectorKey(operation.vector));
        return;
      case 'fire':
        if (this.masked.has(vectorKey(operation.vector))) this.pending.add(vectorKey(operation.vector));
        return;
      case 'teardown':
        this.forget(operation.index === undefined ? `${operation.device}/` : `${operation.device}/${operation.index}`);
        return;
      default:
        return;
    }
  }

  private forget(prefix: string): void {
    const whole = prefix.endsWith('/');
    for (const set of [this.masked, this.pending]) {
      for (const key of set) if (whole ? key.startsWith(prefix) : key === prefix) set.delete(key);
    }
  }
}
