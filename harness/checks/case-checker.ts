/**
 * All checks of one case: those that the spec makes and those that are made unless it says
 * otherwise.
 */
import type { Delivery, Observation, Observed } from '../../src/observation.ts';
import { defaultDomainName } from '../../src/topology/resolve.ts';
import type { Case, Expectation, Place, Step } from '../spec/case.ts';
import { Captures } from './captures.ts';
import { check } from './check.ts';
import { checkNoError } from './error.ts';
import type { Finding, Outcome, Scene } from './finding.ts';
import { checkNoLeaks } from './leaks.ts';
import { MsiAccounting } from './msi-accounting.ts';
import { checkNoRefusal } from './refused-commands.ts';
import { SilenceControl } from './silence.ts';
import { checkNoFaults } from './unexpected-faults.ts';
import { WholeCase } from './whole-case.ts';

export interface CheckResult {
  /** Checks that were made. */
  readonly checks: number;
  readonly findings: readonly Finding[];
}

export class CaseChecker {
  /** Expectations of the spec that could be checked. */
  expectationsChecked = 0;
  readonly unobservable: { readonly place: Place; readonly reason: string }[] = [];
  private readonly spec: Case;
  readonly captures = new Captures();
  private readonly accounting: MsiAccounting;
  private readonly silence = new SilenceControl();
  private readonly whole: WholeCase;
  readonly domains: readonly string[];
  /** What the default checks could not see is said once, not for every step. */
  private readonly blind = new Set<string>();

  constructor(spec: Case) {
    this.spec = spec;
    this.accounting = new MsiAccounting(spec);
    this.whole = new WholeCase(spec.expect.map(({ kind }) => kind));
    this.domains = domainsOf(spec);
  }

  afterStep(index: number, step: Step, observation: Observation): CheckResult {
    const interrupts = observation.interrupts();
    const scene = this.scene(index, observation, interrupts, observation);
    if (interrupts.seen && interrupts.value.length > 0) this.silence.interruptSeen();
    const tally = new Tally();
    this.expectations(step.expect, scene, tally);
    this.defaults(tally, step.place, [
      checkNoError(step, observation),
      checkNoFaults(step, scene),
      checkNoRefusal(step, scene),
      ...this.accounting.check(step, scene),
    ]);
    this.whole.add(observation, interrupts);
    return tally;
  }

  atEnd(observation: Observation): CheckResult {
    const scene = this.scene(undefined, observation, this.whole.interrupts(), this.whole);
    const tally = new Tally();
    this.expectations(this.spec.expect, scene, tally);
    this.defaults(tally, this.spec.place, [...checkNoLeaks(scene), this.silence.check(this.spec)]);
    return tally;
  }

  private scene(
    step: number | undefined,
    observation: Observation,
    interrupts: Observed<readonly Delivery[]>,
    heard: Pick<Observation, 'faults' | 'commands' | 'invalidations'>,
  ): Scene {
    const { spec, captures, domains } = this;
    return {
      case: spec,
      step,
      observation,
      captures,
      domains,
      interrupts,
      faults: () => heard.faults(),
      commands: () => heard.commands(),
      invalidations: () => heard.invalidations(),
    };
  }

  private expectations(list: readonly Expectation[], scene: Scene, tally: Tally): void {
    for (const expectation of list) {
      for (const outcome of check(expectation, scene)) {
        if (outcome.kind === 'unobservable') {
          this.unobservable.push({ place: expectation.place, reason: outcome.reason });
          continue;
        }
        this.expectationsChecked++;
        if (outcome.kind === 'held') this.silence.held(expectation);
        tally.add(outcome);
      }
    }
  }

  private defaults(tally: Tally, place: Place, outcomes: readonly (Outcome | undefined)[]): void {
    for (const outcome of outcomes) {
      if (outcome === undefined) continue;
      if (outcome.kind !== 'unobservable') tally.add(outcome);
      else if (!this.blind.has(outcome.reason)) {
        this.blind.add(outcome.reason);
        this.unobservable.push({ place, reason: outcome.reason });
      }
    }
  }
}

class Tally implements CheckResult {
  checks = 0;
  readonly findings: Finding[] = [];

  add(outcome: Outcome): void {
    this.checks++;
    if (outcome.kind === 'failed') this.findings.push(outcome.finding);
  }
}

/** Every domain there is, the default domains included. */
export function domainsOf({ topology: { domains, devices } }: Case): string[] {
  const defaults = Object.entries(devices).filter(([, { iommu }]) => iommu !== undefined);
  return [...Object.keys(domains), ...defaults.map(([name]) => defaultDomainName(name))];
}
