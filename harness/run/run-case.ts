/**
 * One case on one target: opens the machine, carries out the steps, checks after each and at the end, and
 * comes to a verdict. A target that dies ends this case only.
 */
import type { Observation } from '../../src/observation.ts';
import { CaseChecker, type CheckResult } from '../checks/case-checker.ts';
import type { Case, Step } from '../spec/case.ts';
import type { Machine, OpenRequest, Target, Unsupported } from '../targets/target.ts';
import type { Failure, Status, StepResult, Verdict } from './events.ts';
import { failureOf, type SourceLine } from './failure.ts';
import { repeatLine } from './repeat.ts';

export interface CaseOptions {
  /** Put the trace of each step into its result. */
  readonly verbose: boolean;
  readonly now: () => number;
  readonly onStep: (result: StepResult) => void;
  /** Lines of YAML for failures. */
  readonly sourceLine?: SourceLine;
  /** The file as it is named in the command that repeats the case. */
  readonly file?: string;
}

/** More would hide the first ones, which are the cause of the others as a rule. */
const MAX_FAILURES = 10;

export async function runCase(spec: Case, target: Target, options: CaseOptions): Promise<Verdict> {
  const start = options.now();
  const run = new CaseRun(spec, options);
  const { status, reason } = await outcomeOf(run, spec, target);
  return {
    case: spec,
    target: target.name,
    status,
    ...(reason === undefined ? {} : { reason }),
    failures: run.failures,
    unobservable: run.checker.unobservable,
    checks: run.checks,
    durationMs: options.now() - start,
    repeat: repeatLine(spec, target.name, options.file),
  };
}

interface End {
  readonly status: Status;
  readonly reason?: string;
}

async function outcomeOf(run: CaseRun, spec: Case, target: Target): Promise<End> {
  if (spec.skip) return { status: 'SKIP', reason: spec.skip.reason };
  let machine: Machine | undefined;
  try {
    const opening = guarded(() => target.open(requestOf(spec)));
    const opened: Machine | Unsupported = opening instanceof Promise ? await opening : opening;
    if ('unsupported' in opened) return { status: 'SKIP', reason: opened.unsupported };
    machine = opened;
    for (const [index, step] of spec.steps.entries()) {
      const performing = guarded(() => opened.perform(step.operation));
      const observation = performing instanceof Promise ? await performing : performing;
      if (!run.step(step, index, observation)) return run.verdict();
    }
    run.end(machine.observe());
    return run.verdict();
  } catch (error) {
    if (error instanceof TargetFailure) return { status: 'ABORT', reason: error.message };
    throw error;
  } finally {
    await machine?.close();
  }
}

export const requestOf = ({ id, topology, design, steps }: Case): OpenRequest => ({
  id,
  operations: steps.map(({ operation }) => operation),
  topology,
  design,
  userMappings: steps.filter(({ operation }) => operation.op === 'map').length,
});

/** The target's own trouble, as opposed to a bug in our code. */
class TargetFailure extends Error {}

/** Exceptions that a program throws because it is wrong; everything else is the target's trouble. */
const BUGS: readonly string[] = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'];

export const isBug = (error: unknown): boolean =>
  error instanceof Error && (BUGS.includes(error.name) || error.message.startsWith('IMPOSSIBLE'));

function failure(error: unknown): Error {
  if (isBug(error)) return error as Error;
  return new TargetFailure(error instanceof Error ? error.message : String(error));
}

function guarded<T>(action: () => T | Promise<T>): T | Promise<T> {
  try {
    const result = action();
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw failure(error);
    });
  } catch (error) {
    throw failure(error);
  }
}

class CaseRun {
  readonly failures: Failure[] = [];
  readonly checker: CaseChecker;
  checks = 0;
  private readonly spec: Case;
  private readonly options: CaseOptions;

  constructor(spec: Case, options: CaseOptions) {
    this.spec = spec;
    this.options = options;
    this.checker = new CaseChecker(spec);
  }

  /** False: the kernel refused a step that was to succeed, and what follows would be about that. */
  step(step: Step, index: number, observation: Observation): boolean {
    const result = this.checker.afterStep(index, step, observation);
    this.add(result, index, observation);
    this.options.onStep({
      step,
      index,
      error: observation.error,
      checks: result.checks,
      failed: result.findings.length,
      trace: this.options.verbose ? observation.trace() : [],
    });
    return !result.findings.some(({ code }) => code === 'DB401');
  }

  end(observation: Observation): void {
    this.add(this.checker.atEnd(observation), undefined, observation);
  }

  verdict(): End {
    const failed = this.failures.length > 0;
    const { xfail } = this.spec;
    if (xfail) return { status: failed ? 'XFAIL' : 'XPASS', reason: xfail.reason };
    if (failed) return { status: 'FAIL' };
    if (this.checker.expectationsChecked > 0) return { status: 'PASS' };
    const seen = this.checker.unobservable[0]?.reason;
    const why = seen === undefined ? '' : `: ${seen}`;
    return { status: 'SKIP', reason: `none of its expectations could be observed${why}` };
  }

  private add(result: CheckResult, step: number | undefined, observation: Observation): void {
    this.checks += result.checks;
    const { spec, options } = this;
    for (const finding of result.findings) {
      if (this.failures.length >= MAX_FAILURES) return;
      const line = options.sourceLine ?? (() => undefined);
      this.failures.push(failureOf(finding, spec, step, observation, line));
    }
  }
}
