/** Numbers of expectations against observed ones: literals, ranges, captures. */
import type { ValueExpr } from '../spec/case.ts';

/** Captured values of one case, by name. */
export type Captures = Map<string, bigint>;

/**
 * Whether an observed number is what was expected. A capture without a value takes the observed one (less its
 * offset) into `captures`; work on a copy where the rest of the row may still refuse.
 */
export function holds(expr: ValueExpr | undefined, observed: bigint, captures: Captures): boolean {
  if (expr === undefined) return true;
  switch (expr.kind) {
    case 'any':
      return true;
    case 'value':
      return observed === expr.value;
    case 'range':
      return observed >= expr.min && observed <= expr.max;
    case 'capture': {
      const known = captures.get(expr.name);
      if (known !== undefined) return observed === known + expr.offset;
      captures.set(expr.name, observed - expr.offset);
      return true;
    }
  }
}

/** An expectation in words, with what a capture stands for by now. */
export function valueText(expr: ValueExpr | undefined, captures: Captures): string {
  if (expr === undefined) return 'any';
  if (expr.kind !== 'capture') return expr.text;
  const known = captures.get(expr.name);
  return known === undefined ? expr.text : `${expr.text} (0x${(known + expr.offset).toString(16)})`;
}

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
