/** What a search found. */
import type { System } from './system.ts';

/** A state on the way, and the step that led to it from the one before (none to the first). */
export interface TraceState {
  readonly step: { readonly label: number; readonly text: string } | undefined;
  /** The state's words. */
  readonly words: Int32Array;
  readonly state: Readonly<Record<string, string | number>>;
}

export type Bound = 'states' | 'depth' | 'memory' | 'time' | 'walks' | 'cancelled';

export type Verdict =
  /**
   * Every reachable state was met and nothing is wrong with any, and every situation was reached.
   */
  | { readonly kind: 'holds' }
  | { readonly kind: 'violated'; readonly property: string; readonly trace: readonly TraceState[] }
  /** The last state of the trace has no step, and is not one to end in. */
  | { readonly kind: 'deadlock'; readonly trace: readonly TraceState[] }
  /**
   * All states were met, but these situations in none: the properties may hold for want of what
   * they are about.
   */
  | { readonly kind: 'unreached'; readonly situations: readonly string[] }
  /** Not every state was met. Never a pass. */
  | { readonly kind: 'incomplete'; readonly bound: Bound; readonly message: string };

export interface Report {
  readonly verdict: Verdict;
  /** Different states met; with symmetry, of representatives. */
  readonly states: number;
  /** States that those stand for, where the system can say. */
  readonly represented: number | undefined;
  /** Steps that partial order put off; 0: all orders were searched. */
  readonly putOff: number;
  /** Steps taken from the states that were expanded, loops included. */
  readonly transitions: number;
  /**
   * Steps to the farthest state met, from the nearest initial state (breadth-first) or as it was
   * found.
   */
  readonly depth: number;
  /** States met and not expanded. */
  readonly queue: number;
  /** Bytes held for states at the end. */
  readonly bytes: number;
  readonly reached: readonly string[];
}

export interface Limits {
  readonly states?: number;
  readonly depth?: number;
  readonly bytes?: number;
}

export const incomplete = (bound: Bound, message: string): Verdict => ({
  kind: 'incomplete',
  bound,
  message,
});

/** Every state was met and nothing is wrong with any. */
export function complete(system: System, reached: number): Verdict {
  const situations = system.situations.filter((_, n) => !(reached & (1 << n)));
  return situations.length > 0 ? { kind: 'unreached', situations } : { kind: 'holds' };
}

export function propertyName({ properties }: System, property: number): string {
  const name = properties[property - 1];
  if (name === undefined) throw new Error(`IMPOSSIBLE: there is no property ${property}`);
  return name;
}

export function outOfMemory(states: number, limits: Limits): Verdict {
  const limit =
    limits.bytes === undefined
      ? 'the memory there is'
      : `${Math.round(limits.bytes / 2 ** 20)} MB (--memory)`;
  return incomplete('memory', `more than ${states} states do not fit into ${limit}`);
}
