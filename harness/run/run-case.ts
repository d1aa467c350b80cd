/**
 * One case on one target: opens the machine, carries out the steps, checks after each and at the
 * end, and comes to a verdict. A target that dies ends this case only.
 */
import type { Observation } from '../../src/observation.ts';
import { CaseChecker, type CheckResult } from '../checks/case-checker.ts';
import type { Case, Place, Step } from '../spec/case.ts';
import type { Machine, OpenRequest, Target, Unsupported } from '../targets/target.ts';
import type { Failure, Status, StepResult, Verdict } from './events.ts';
import { failureOf, type SourceLine } from './failure.ts';
import { repeatLine } from './repeat.ts';

export interface CaseOptions {
  /** Put the trace of each step into its result. */
  readonly verbose: boolean;
  readonly now: () => number;
  readonly onStep: (result: StepResult) => void;
  /** Told of what the target has to say that is no part of the verdict. */
  readonly notice?: (text: string) => void;
  /** Called between steps: gives signals and timers their turn now and then. */
  readonly turn?: () => Promise<void> | undefined;
  /** True: the run is to end, and this case with it. */
  readonly stopped?: () => boolean;
  /** Lines of YAML for failures. */
  readonly sourceLine?: SourceLine;
  /** The file as it is named in the command that repeats the case. */
  readonly file?: string;
}

/** More would hide the first ones, which are the cause of the others as a rule. */
const MAX_FAILURES = 10;

export async function runCase(spec: Case, target: Target, options: CaseOptions): Promise<Verdict> {
  const run = new CaseRun(spec, options);
  let end: End;
  try {
    end = await outcomeOf(run, spec, target, options);
  } catch (error) {
    await run.machine?.close();
    throw error;
  }
  const { status, reason } = await closed(run.machine, end, options);
  return {
    case: spec,
    target: target.name,
    status,
    place: placeOf(spec, status, run.failures),
    ...(reason === undefined ? {} : { reason }),
    failures: run.failures,
    unobservable: run.checker.unobservable,
    checks: run.checks,
    durationMs: options.now() - run.since,
    repeat: repeatLine(spec, target.name, options.file),
  };
}

function placeOf(spec: Case, status: Status, failures: readonly Failure[]): Place {
  if (status === 'XPASS') return spec.xfail?.place ?? spec.place;
  return failures[0]?.diagnostic.place ?? spec.place;
}

interface End {
  readonly status: Status;
  readonly reason?: string;
}

async function outcomeOf(
  run: CaseRun,
  spec: Case,
  target: Target,
  options: CaseOptions,
): Promise<End> {
  if (spec.skip) return { status: 'SKIP', reason: spec.skip.reason };
  if (spec.xfail && isInterleaved(spec) && target.name !== 'model')
    return { status: 'SKIP', reason: `it is to fail in some order of its threads; ${ONLY_MODEL}` };
  let atTarget = true;
  try {
    const { notice } = options;
    const opening = target.open({
      ...requestOf(spec),
      ...(notice === undefined ? {} : { notice }),
    });
    const opened: Machine | Unsupported = opening instanceof Promise ? await opening : opening;
    // Waiting for a guest is not the time of a case.
    if (opening instanceof Promise) run.since = options.now();
    if ('unsupported' in opened) return { status: 'SKIP', reason: opened.unsupported };
    run.machine = opened;
    const last = spec.steps.length - 1;
    for (const [index, step] of spec.steps.entries()) {
      atTarget = true;
      const performing = opened.perform(step.operation);
      const observation = performing instanceof Promise ? await performing : performing;
      atTarget = false;
      if (!run.step(step, index, observation)) return run.verdict();
      const turn = options.turn?.();
      if (turn !== undefined) await turn;
      if (index < last && options.stopped?.() === true)
        return { status: 'ABORT', reason: `interrupted after step ${index + 1}` };
    }
    run.end(opened.observe());
    if (isInterleaved(spec)) await run.interleaving(target);
    return run.verdict();
  } catch (error) {
    if (atTarget && !isBug(error))
      return { status: 'ABORT', reason: error instanceof Error ? error.message : String(error) };
    throw error;
  }
}

/** A target that dies while all is closed aborts the case, unless a check had failed already. */
async function closed(machine: Machine | undefined, end: End, options: CaseOptions): Promise<End> {
  try {
    await machine?.close();
    return end;
  } catch (error) {
    if (isBug(error)) throw error;
    const why = `while all was closed: ${error instanceof Error ? error.message : String(error)}`;
    if (end.status !== 'FAIL') return { status: 'ABORT', reason: why };
    options.notice?.(why);
    return end;
  }
}

const ONLY_MODEL = 'interleavings are explored on the model only';

const isInterleaved = ({ explore }: Case): boolean => (explore?.threads.length ?? 0) > 0;

export const requestOf = ({ id, topology, design, kernel, steps }: Case): OpenRequest => ({
  id,
  operations: steps.map(({ operation }) => operation),
  topology,
  design,
  ...(kernel === undefined ? {} : { kernel }),
  userMappings: steps.filter(({ operation }) => operation.op === 'map').length,
});

/**
 * Exceptions that a program throws because it is wrong; everything else is the target's trouble.
 */
const BUGS: readonly string[] = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'];

export const isBug = (error: unknown): boolean =>
  error instanceof Error && (BUGS.includes(error.name) || error.message.startsWith('IMPOSSIBLE'));

class CaseRun {
  readonly failures: Failure[] = [];
  readonly checker: CaseChecker;
  checks = 0;
  since: number;
  machine: Machine | undefined;
  private readonly spec: Case;
  private readonly options: CaseOptions;

  constructor(spec: Case, options: CaseOptions) {
    this.spec = spec;
    this.options = options;
    this.since = options.now();
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

  /** Tries every order of the threads, where the target can. */
  async interleaving(target: Target): Promise<void> {
    const { spec, options } = this;
    const place = spec.explore?.threads[0]?.place ?? spec.place;
    if (target.name !== 'model') {
      const reason = ONLY_MODEL;
      this.checker.unobservable.push({ place, reason });
      return;
    }
    const { checkInterleaving } = await import('../explore/check-interleaving.ts');
    const failure = await checkInterleaving(spec, options.sourceLine ?? (() => undefined));
    this.checks++;
    this.checker.expectationsChecked++;
    if (failure !== undefined) this.failures.push(failure);
  }

  verdict(): End {
    const failed = this.failures.length > 0;
    const { xfail } = this.spec;
    if (xfail) return { status: failed ? 'XFAIL' : 'XPASS', reason: xfail.reason };
    if (failed) return { status: 'FAIL' };
    if (this.checker.expectationsChecked > 0) return { status: 'PASS' };
    const seen = this.checker.unobservable[0]?.reason;
    const why = seen === undefined ? '' : `: ${seen}`;
    return { status: 'SKIP', reason: `none of its expectations could be observed (DB418)${why}` };
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
