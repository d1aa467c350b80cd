/** What a system is made from: plain data, so that it can be sent to a worker and named in a checkpoint. */
import type { System } from '../../src/explore/engine/system.ts';
import type { Parameters } from '../../src/explore/scenario/parameters.ts';
import { Scenario } from '../../src/explore/scenario/scenario.ts';

export interface SystemSource {
  readonly kind: 'scenario';
  readonly parameters: Parameters;
}

export function openSystem(source: SystemSource): System {
  return new Scenario(source.parameters);
}
