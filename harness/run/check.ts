/** One expectation against an observation, or, at the end, against all that was heard in the case. */
import type { Command, Delivery, Fault, Observation, Observed } from '../../src/observation.ts';
import { checkCommands, checkFaults, checkInterrupts } from '../checks/event-checks.ts';
import { checkMappings } from '../checks/mappings.ts';
import { type Outcome, unobservable } from '../checks/outcome.ts';
import { checkError, checkLeaks, checkMessage, checkWindow } from '../checks/simple-checks.ts';
import type { Captures } from '../checks/values.ts';
import type { Expectation } from '../spec/case.ts';

/** Interrupts, faults and commands: of one step, or of the whole case. */
export interface Heard {
  interrupts(): Observed<readonly Delivery[]>;
  faults(): Observed<readonly Fault[]>;
  commands(): Observed<readonly Command[]>;
}

export function check(
  expectation: Expectation,
  observation: Observation,
  heard: Heard,
  domains: readonly string[],
  captures: Captures,
): Outcome[] {
  switch (expectation.kind) {
    case 'mappings':
      return checkMappings(expectation, observation, domains, captures);
    case 'message':
      return [checkMessage(expectation, observation, captures)];
    case 'error':
      return [checkError(expectation, observation)];
    case 'leaks':
      return checkLeaks(expectation, observation, domains, captures);
    case 'window':
      return [checkWindow(expectation, observation, captures)];
    case 'interrupts': {
      const seen = heard.interrupts();
      return [seen.seen ? checkInterrupts(expectation, seen.value, captures) : unobservable(expectation.place, seen.reason)];
    }
    case 'faults': {
      const seen = heard.faults();
      return [seen.seen ? checkFaults(expectation, seen.value, captures) : unobservable(expectation.place, seen.reason)];
    }
    case 'commands': {
      const seen = heard.commands();
      return [seen.seen ? checkCommands(expectation, seen.value, captures) : unobservable(expectation.place, seen.reason)];
    }
  }
}
