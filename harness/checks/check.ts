/** One expectation of the spec against what was observed. */
import type { Expectation } from '../spec/case.ts';
import { checkCommands } from './commands.ts';
import { checkError } from './error.ts';
import { checkFaults } from './faults.ts';
import type { Outcome, Scene } from './finding.ts';
import { checkInterrupts } from './interrupts.ts';
import { checkLeaks } from './leaks.ts';
import { checkMappings } from './mappings.ts';
import { checkMessage } from './messages.ts';
import { checkWindow } from './windows.ts';

/** Several outcomes where the expectation speaks of several domains. */
export function check(expectation: Expectation, scene: Scene): Outcome[] {
  switch (expectation.kind) {
    case 'mappings':
      return checkMappings(expectation, scene);
    case 'message':
      return [checkMessage(expectation, scene)];
    case 'interrupts':
      return [checkInterrupts(expectation, scene)];
    case 'faults':
      return [checkFaults(expectation, scene)];
    case 'commands':
    case 'invalidations':
      return checkCommands(expectation, scene);
    case 'error':
      return [checkError(expectation, scene)];
    case 'leaks':
      return checkLeaks(expectation, scene);
    case 'window':
      return [checkWindow(expectation, scene)];
  }
}
