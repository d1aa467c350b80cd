import type { Operation } from '../../../src/operation.ts';

/** Operations after which interrupts may go elsewhere. */
export const MOVES: ReadonlySet<Operation['op']> = new Set([
  'attach',
  'detach',
  'setup',
  'teardown',
  'affinity',
  'cpu-offline',
  'cpu-online',
  'unplug',
  'plug',
] as const);
