/**
 * A spec's own properties in an exploration: the expectations of always:, eventually: and
 * sometimes:, checked by the code that checks them in a run. Captures hold within one look at one
 * state.
 *
 * Non-vacuity: what sometimes: names must have been seen, and each other property must once have
 * been met by something that can be observed; else the exploration is no pass.
 */
import type { ExploreMachine } from '../../src/explore/model/machine.ts';
import type { Sight, Watch } from '../../src/explore/model/watch.ts';
import { errnoName } from '../../src/kernel/call.ts';
import { ModelObservation } from '../../src/observe/model-observation.ts';
import { Captures } from '../checks/captures.ts';
import { domainsOf } from '../checks/case-checker.ts';
import { check } from '../checks/check.ts';
import type { Scene } from '../checks/finding.ts';
import type { Case, OwnProperty } from '../spec/case.ts';
import { KINDS } from '../spec/expectation-kinds.ts';

function sightOf(own: readonly OwnProperty[]): Sight {
  const all = own.flatMap(({ expectations }) => expectations);
  const parts = all.map(({ kind }) => KINDS[kind].parts);
  return {
    tellsDevices: all.some(({ kind }) => KINDS[kind].namesDomains !== true),
    tellsCpus: all.some((e) =>
      e.kind === 'mappings'
        ? e.entries.some(({ pa }) => pa !== undefined)
        : KINDS[e.kind].namesDomains !== true,
    ),
    parts: parts.includes(undefined) ? undefined : new Set(parts.flatMap((list) => list ?? [])),
  };
}

type Look = 'held' | 'failed' | 'unobservable';

export function ownWatch(spec: Case): Watch | undefined {
  const own = spec.explore?.properties ?? [];
  return own.length === 0 ? undefined : new OwnWatch(spec, own);
}

class OwnWatch implements Watch {
  readonly properties: readonly string[];
  readonly situations: readonly string[];
  readonly sight: Sight;
  private readonly spec: Case;
  private readonly domains: readonly string[];
  private readonly demands: readonly OwnProperty[];
  private readonly all: readonly OwnProperty[];
  /** Bit n: all[n] was seen to hold. */
  private held = 0;

  constructor(spec: Case, own: readonly OwnProperty[]) {
    this.spec = spec;
    this.domains = domainsOf(spec);
    this.all = own;
    this.sight = sightOf(own);
    this.demands = own.filter(({ kind }) => kind !== 'sometimes');
    this.properties = this.demands.map(({ name }) => name);
    this.situations = own.map(({ kind, name }) =>
      kind === 'sometimes' ? name : `a state in which it can be said: ${name}`,
    );
  }

  step(): number {
    return 0;
  }

  /** What was seen stays seen: nothing is looked at twice. */
  seen(machine: ExploreMachine, atRest: boolean): number {
    this.all.forEach((property, n) => {
      if (this.held & (1 << n) || (property.kind === 'eventually' && !atRest)) return;
      if (this.look(machine, property) === 'held') this.held |= 1 << n;
    });
    return this.held;
  }

  state(machine: ExploreMachine, atRest: boolean): number {
    return (
      this.demands.findIndex(
        (property) =>
          (property.kind === 'always' || atRest) && this.look(machine, property) === 'failed',
      ) + 1
    );
  }

  private look(machine: ExploreMachine, { kind, expectations }: OwnProperty): Look {
    const error = kind === 'sometimes' ? errnoName(Math.min(0, machine.ended)) : undefined;
    const observation = new ModelObservation(machine.kernel, error);
    const scene: Scene = {
      case: this.spec,
      step: 0,
      observation,
      captures: new Captures(),
      domains: this.domains,
      interrupts: observation.interrupts(),
      faults: () => observation.faults(),
      commands: () => observation.commands(),
      invalidations: () => observation.invalidations(),
    };
    let all: Look = 'held';
    for (const expectation of expectations)
      for (const { kind: outcome } of check(expectation, scene)) {
        if (outcome === 'failed') return 'failed';
        if (outcome === 'unobservable') all = 'unobservable';
      }
    return all;
  }
}
