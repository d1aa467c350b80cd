/** One expectation of the spec against what was observed. */
import type { Expectation } from '../spec/case.ts';
import { checkAffinity } from './affinity.ts';
import { checkCommands } from './commands.ts';
import { checkError } from './error.ts';
import { checkFaults } from './faults.ts';
import type { Outcome, Scene } from './finding.ts';
import { checkInterrupts } from './interrupts.ts';
import { checkLeaks } from './leaks.ts';
import { checkMappings } from './mappings.ts';
import { checkMessage } from './messages.ts';
import { checkWindow } from './windows.ts';

type Kind = Expectation['kind'];
type Check<K extends Kind> = (
  expectation: Extract<Expectation, { kind: K }>,
  scene: Scene,
) => Outcome | Outcome[];

const CHECKS: { readonly [K in Kind]: Check<K> } = {
  mappings: checkMappings,
  message: checkMessage,
  affinity: checkAffinity,
  interrupts: checkInterrupts,
  faults: checkFaults,
  commands: checkCommands,
  invalidations: checkCommands,
  error: checkError,
  leaks: checkLeaks,
  window: checkWindow,
};

/** Several outcomes where the expectation speaks of several domains. */
export function check(expectation: Expectation, scene: Scene): Outcome[] {
  const made = (CHECKS[expectation.kind] as Check<Kind>)(expectation, scene);
  return Array.isArray(made) ? made : [made];
}
