/**
 * What there is to know of a kind of expectation beside its check (checks/check.ts). The compiler
 * wants a row for each.
 */
import type { Expectation } from './case.ts';

interface Kind {
  /**
   * `state`: how things are, whatever step led to it. `step`: what happened in one. `trace`: the
   * same, of which an exploration keeps no record.
   */
  readonly of: 'state' | 'step' | 'trace';
  /** Parts of the machine (RowOf) that it looks at; only of a state. */
  readonly parts?: readonly string[];
  /** It names domains, and neither devices nor CPUs. */
  readonly namesDomains?: true;
}

export const KINDS: Readonly<Record<Expectation['kind'], Kind>> = {
  mappings: {
    of: 'state',
    parts: ['tables', 'binding', 'window', 'attached', 'stream'],
    namesDomains: true,
  },
  message: { of: 'state', parts: ['function', 'irq', 'msi'] },
  affinity: { of: 'state', parts: ['irq'] },
  leaks: {
    of: 'state',
    parts: ['binding', 'irq', 'function', 'msi', 'window', 'tables', 'attached'],
    namesDomains: true,
  },
  window: { of: 'state', parts: ['window', 'binding', 'tables'], namesDomains: true },
  interrupts: { of: 'step' },
  faults: { of: 'step' },
  error: { of: 'step' },
  commands: { of: 'trace' },
  invalidations: { of: 'trace' },
};
