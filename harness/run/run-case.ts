/**
 * One case on one target: opens the machine, carries out the steps, checks after each and at the end, and
 * comes to a verdict. A target that dies ends this case only; an exception of our own is a bug and is thrown on.
 */
import type { Observation } from '../../src/observation.ts';
import type { Outcome } from '../checks/outcome.ts';
import type { Captures } from '../checks/values.ts';
import type { Case, Place, Step } from '../spec/case.ts';
import type { Machine, Target } from '../targets/target.ts';
import { check } from './check.ts';
import {
  misdelivered,
  silenceWithoutControl,
  unexpectedError,
  unexpectedFaults,
  unexpectedLeaks,
} from './default-checks.ts';
import type { Failure, Status, StepResult, Verdict } from './events.ts';
import { withDetails } from './failure-details.ts';
import { CaseHeard } from './heard.ts';
import { repeatLine } from './repeat.ts';
import { VectorStates } from './vector-states.ts';

export interface CaseOptions {
  /** Put the trace of each step into its result. */
  readonly verbose: boolean;
  readonly now: () => number;
  onStep(result: StepResult): void;
}

/** An error of the target, which is not ours: the case is aborted with its message. */
export class TargetError extends Error {
  override name = 'TargetError';
}

export async function runCase(spec: Case, target: Target, options: CaseOptions): Promise<Verdict> {
  const start = options.now();
  const run = new CaseRun(spec, options);
  const verdict = (status: Status, reason?: string): Verdict => ({
    case: spec,
    target: target.name,
    status,
    ...(reason === undefined ? {} : { reason }),
    failures: run.failures,
    unobservable: run.unobservable,
    checks: run.checks,
    durationMs: options.now() - start,
    repeat: repeatLine(spec, target.name),
  });
  if (spec.skip) return verdict('SKIP', spec.skip.reason);
  let machine: Machine | undefined;
  try {
    const opening = target.open({
      topology: spec.topology,
      design: spec.design,
      userMappings: spec.steps.filter((step) => step.operation.op === 'map').length,
    });
    const opened = opening instanceof Promise ? await opening : opening;
    if ('unsupported' in opened) return verdict('SKIP', opened.unsupported);
    machine = opened;
    await run.steps(machine);
    run.end(machine.observe());
  } catch (error) {
    if (error instanceof TargetError) return verdict('ABORT', error.message);
    throw error;
  } finally {
    const closing = machine?.close();
    if (closing instanceof Promise) await closing;
  }
  const failed = run.failures.length > 0;
  if (spec.xfail) return verdict(failed ? 'XFAIL' : 'XPASS', spec.xfail.reason);
  if (!failed && run.explicit === 0) return verdict('SKIP', 'the target could observe none of the expectations');
  return verdict(failed ? 'FAIL' : 'PASS');
}

class CaseRun {
  readonly failures: Failure[] = [];
  readonly unobservable: { place: Place; reason: string }[] = [];
  checks = 0;
  /** Checks of the spec's own expectations that could be made. */
  explicit = 0;
  private readonly captures: Captures = new Map();
  private readonly states = new VectorStates();
  private readonly heard: CaseHeard;
  private readonly domains: readonly string[];
  private readonly spec: Case;
  private readonly options: CaseOptions;

  constructor(spec: Case, options: CaseOptions) {
    this.spec = spec;
    this.options = options;
    this.heard = new CaseHeard(spec);
    this.domains = Object.keys(spec.topology.domains);
  }

  async steps(machine: Machine): Promise<void> {
    for (const [index, step] of this.spec.steps.entries()) {
      const result = machine.perform(step.operation);
      this.step(step, index, result instanceof Promise ? await result : result);
    }
  }

  end(observation: Observation): void {
    const { spec, domains, captures, heard } = this;
    const detail = (failure: Failure): Failure => withDetails(failure, observation);
    for (const expectation of spec.expect) {
      this.add(check(expectation, observation, heard, domains, captures), detail, true);
    }
    this.add(unexpectedLeaks(spec, observation, domains), detail);
    this.add(silenceWithoutControl(spec, heard.sound), detail);
  }

  private step(step: Step, index: number, observation: Observation): void {
    const { spec, domains, captures, states } = this;
    const detail = (failure: Failure): Failure => ({ ...withDetails(failure, observation), step: index });
    const checksBefore = this.checks;
    const failedBefore = this.failures.length;
    for (const expectation of step.expect) {
      this.add(check(expectation, observation, observation, domains, captures), detail, true);
    }
    this.add(unexpectedError(step, observation), detail);
    this.add(unexpectedFaults(step, spec, observation, captures), detail);
    this.add(misdelivered(step, spec, observation, states), detail);
    states.follow(step.operation, observation.error !== undefined);
    this.heard.add(observation);
    this.options.onStep({
      step,
      index,
      error: observation.error,
      checks: this.checks - checksBefore,
      failed: this.failures.length - failedBefore,
      trace: this.options.verbose ? observation.trace() : [],
    });
  }

  private add(outcomes: readonly Outcome[], detail: (failure: Failure) => Failure, explicit = false): void {
    for (const outcome of outcomes) {
      if (outcome.kind === 'unobservable') {
        this.unobservable.push({ place: outcome.place, reason: outcome.reason });
        continue;
      }
      this.checks++;
      if (explicit) this.explicit++;
      if (outcome.kind === 'failed') this.failures.push(detail(outcome.failure));
    }
  }
}
