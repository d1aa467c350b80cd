/**
 * What a system is made from: plain data, so that it can be sent to a worker and named in a
 * checkpoint.
 */
import { createHash } from 'node:crypto';
import type { System } from '../../src/explore/engine/system.ts';
import { ExploreMachine } from '../../src/explore/model/machine.ts';
import { ModelSystem } from '../../src/explore/model/model-system.ts';
import type { Watch } from '../../src/explore/model/watch.ts';
import { stepNames } from '../../src/kernel/procedure.ts';
import type { Case } from '../spec/case.ts';
import { ownWatch } from './own-watch.ts';
import type { ExplorePlan } from '../../src/explore/model/plan.ts';
import type { Parameters } from '../../src/explore/scenario/parameters.ts';
import { Scenario } from '../../src/explore/scenario/scenario.ts';

export type SystemSource =
  | { readonly kind: 'scenario'; readonly parameters: Parameters }
  /** `live`: words of the store that change, as far as is known; see LiveWordFound. */
  | { readonly kind: 'model'; readonly plan: CasePlan; readonly live: readonly number[] };

export interface CasePlan extends ExplorePlan {
  /** Whose own properties are watched as well. */
  readonly own?: Case;
}

export function openSystem(source: SystemSource): System {
  return source.kind === 'scenario'
    ? new Scenario(source.parameters)
    : modelSystem(source.plan, source.live);
}

export const modelSystem = (plan: CasePlan, live: readonly number[]): ModelSystem =>
  new ModelSystem(plan, live, watchOf(plan), machineOf(plan));

const machines = new WeakMap<CasePlan, ExploreMachine>();

/**
 * The machine that this thread has for a plan: scout, search, the search begun anew, and the story
 * take turns on it.
 */
export function machineOf(plan: CasePlan): ExploreMachine {
  const made = machines.get(plan) ?? new ExploreMachine(plan);
  machines.set(plan, made);
  return made;
}

/** Differs where the model's steps or words do, such as in another version: a state means nothing there. */
export function codeOf(source: SystemSource): string {
  if (source.kind === 'scenario') return '';
  const { kernel, store } = machineOf(source.plan);
  const steps = kernel.program.code.map(({ name }) => stepNames[name] ?? '');
  return createHash('sha256').update(`${store.words.length} ${steps.join()}`).digest('hex');
}

/** Of a plan that watches chosen properties, none: the choice is of the built-in ones. */
export const watchOf = ({ own, properties }: CasePlan): Watch | undefined =>
  own === undefined || properties !== undefined ? undefined : ownWatch(own);
