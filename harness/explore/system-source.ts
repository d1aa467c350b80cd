/** What a system is made from: plain data, so that it can be sent to a worker and named in a checkpoint. */
import type { System } from '../../src/explore/engine/system.ts';
import { ModelSystem } from '../../src/explore/model/model-system.ts';
import type { ExplorePlan } from '../../src/explore/model/plan.ts';
import type { Parameters } from '../../src/explore/scenario/parameters.ts';
import { Scenario } from '../../src/explore/scenario/scenario.ts';

export type SystemSource =
  | { readonly kind: 'scenario'; readonly parameters: Parameters }
  /** `live`: words of the store that change, as far as is known; see LiveWordFound. */
  | { readonly kind: 'model'; readonly plan: ExplorePlan; readonly live: readonly number[] };

export function openSystem(source: SystemSource): System {
  return source.kind === 'scenario'
    ? new Scenario(source.parameters)
    : new ModelSystem(source.plan, source.live);
}
