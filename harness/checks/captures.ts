/** Values of expectations, and the captures (`$page`) that they share within a case. */
import type { ValueExpr } from '../spec/case.ts';
import { hex } from './text.ts';

type Capture = Extract<ValueExpr, { kind: 'capture' }>;

export class Captures {
  private values = new Map<string, bigint>();

  /**
   * Whether the observed value is the expected one; a capture that nothing bound yet takes it. The
   * caller restores a snapshot when the rest of the row does not match.
   */
  meets(expr: ValueExpr | undefined, observed: bigint): boolean {
    if (expr === undefined) return true;
    switch (expr.kind) {
      case 'any':
        return true;
      case 'value':
        return expr.value === observed;
      case 'range':
        return observed >= expr.min && observed <= expr.max;
      case 'capture':
        return this.meetsCapture(expr, observed);
    }
  }

  /** As meets(), without binding anything. */
  wouldMeet(expr: ValueExpr | undefined, observed: bigint): boolean {
    if (expr?.kind !== 'capture') return this.meets(expr, observed);
    const known = this.values.get(expr.name);
    return known === undefined || known === observed - expr.offset;
  }

  /** Whether the expectation still waits for a value. */
  isFree(expr: ValueExpr | boolean | undefined): boolean {
    return typeof expr === 'object' && expr.kind === 'capture' && !this.values.has(expr.name);
  }

  /** As the spec wrote it, with the value that a capture stands for by now. */
  text(expr: ValueExpr): string {
    if (expr.kind !== 'capture') return expr.text;
    const value = this.values.get(expr.name);
    return value === undefined ? expr.text : `${expr.text} (${hex(value + expr.offset)})`;
  }

  snapshot(): ReadonlyMap<string, bigint> {
    return new Map(this.values);
  }

  restore(snapshot: ReadonlyMap<string, bigint>): void {
    this.values = new Map(snapshot);
  }

  private meetsCapture(expr: Capture, observed: bigint): boolean {
    const known = this.values.get(expr.name);
    const base = observed - expr.offset;
    if (known !== undefined) return known === base;
    // An address below zero is no address: `$page + 0x40` does not take a message of zeroes.
    if (base < 0n) return false;
    this.values.set(expr.name, base);
    return true;
  }
}
