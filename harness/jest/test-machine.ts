/**
 * A machine for hand-written tests. Steps are those of the spec language; what is checked after a
 * step of a spec is checked after perform(), by the same code.
 */
import { type ModelMachine, openModel } from '../../src/machine.ts';
import type { Observation } from '../../src/observation.ts';
import { CaseChecker } from '../checks/case-checker.ts';
import type { Scene } from '../checks/finding.ts';
import { WholeCase } from '../checks/whole-case.ts';
import { failureText } from '../report/failure-text.ts';
import { plain } from '../report/style.ts';
import { failureOf } from '../run/failure.ts';
import type { Finding } from '../checks/finding.ts';
import type { Case, Step } from '../spec/case.ts';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { loadSpecText } from '../spec/load.ts';
import { findRoot, nameIn } from '../spec/read-file.ts';
import type * as spec from '../spec/generated/spec.ts';
import { type Observations, observationsOf } from './observations.ts';
import { type Memory, readStep, textOf, UsageError, yamlOf } from './words.ts';
import type { StepWords, Words } from './word-types.ts';

export interface MachineOptions {
  /**
   * A topology's file, relative to the test file, or a topology in the words of the spec language.
   */
  readonly topology: string | Words<spec.Topology>;
  /** A design by its name, or with parameters; left out: the one of `kernel`. */
  readonly design?: Words<spec.Designs>[number];
  /** A release of Linux, such as '6.12'. */
  readonly kernel?: string;
  /** Changes of Linux that are switched on or off. */
  readonly changes?: Readonly<Record<string, 'on' | 'off'>>;
  /** What a `${name}` in the topology's file stands for. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
}

/** How many mappings of user space the machine can hold: what a spec counts, a test cannot. */
const USER_MAPPINGS = 256;

/** `from`: the test file, which paths are relative to. */
export function openMachineAt(from: string, options: MachineOptions): TestMachine {
  const { topology, design, kernel, changes, parameters, ...unknown } = options;
  const [other] = Object.keys(unknown);
  if (other !== undefined)
    throw new UsageError(
      `openMachine: unknown option "${other}"; there is topology, design, kernel, changes, parameters`,
    );
  if (design === undefined && kernel === undefined)
    throw new UsageError(`openMachine needs design, or kernel`);
  const matrix =
    parameters && Object.fromEntries(Object.entries(parameters).map(([k, v]) => [k, [v]]));
  const lines = {
    title: 'a hand-written test',
    topology,
    ...(design === undefined ? {} : { designs: [design] }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(changes === undefined ? {} : { changes }),
    ...(matrix === undefined ? {} : { matrix }),
    steps: [{ 'cpu-online': 0 }],
    expect: { leaks: 'none' },
  };
  const text = Object.entries(lines).map(([key, value]) => `${key}: ${yamlOf(value, key)}\n`);
  const root = findRoot(from);
  const { cases, diagnostics } = loadSpecText(text.join(''), { root, file: from });
  const own = nameIn(root, from);
  const [only] = cases;
  if (only === undefined || cases.length !== 1 || diagnostics.length > 0)
    throw new UsageError(`openMachine:\n${textOf(diagnostics, (file) => file === own)}`);
  return new TestMachine(only);
}

const HINT =
  'meant so? perform({ ..., expect: ... }) says it as a spec does; attempt({ ... }) leaves it to the matchers';

export class TestMachine {
  /** Names in the topology, and what the steps so far did to them. */
  readonly memory: Memory;
  /** Some interrupt was delivered or some fault recorded: without that a silence says nothing. */
  hasControl = false;
  private readonly steps: Step[] = [];
  private readonly spec: Case;
  private readonly model: ModelMachine;
  private readonly checker: CaseChecker;
  private readonly life = new WholeCase(['interrupts', 'faults', 'commands', 'invalidations']);
  private observation: Observation;
  private mapped = 0;

  constructor(opened: Case) {
    const { topology, design, kernel } = opened;
    // The steps grow as they are performed; a note in a failure looks their labels up.
    this.spec = { ...opened, steps: this.steps, expect: [] };
    this.memory = { topology, setUp: new Set(), freed: new Set() };
    const model = openModel({
      topology,
      design,
      userMappings: USER_MAPPINGS,
      ...(kernel === undefined ? {} : { kernel }),
    });
    if ('unsupported' in model) throw new UsageError(`openMachine: ${model.unsupported}`);
    this.model = model;
    this.checker = new CaseChecker(this.spec);
    this.observation = model.observe();
  }

  /**
   * Carries out steps, each as it stands in a spec, with `expect:` if need be. An error, a fault, a
   * refused command or a lost MSI that it does not expect fails the test.
   */
  perform(...steps: readonly StepWords[]): this {
    for (const words of steps) {
      const step = this.read(words);
      const blind = this.checker.unobservable.length;
      const { findings } = this.carryOut(step);
      const unseen = this.checker.unobservable[blind];
      if (findings.length > 0)
        this.fail(new Error(`${this.textOf(findings, this.scene(false))}\n\n${HINT}`));
      if (step.expect.length > 0 && unseen !== undefined)
        this.fail(new UsageError(`${step.label}: ${unseen.reason}`));
    }
    return this;
  }

  /** Carries out a step whatever comes of it: for the matchers to look at. */
  attempt(words: Omit<StepWords, 'expect'>): this {
    const step = this.read(words);
    if (step.expect.length > 0)
      throw new UsageError(
        'attempt: a step with expect is for perform; here a matcher says what is expected',
      );
    this.carryOut(step);
    return this;
  }

  /**
   * For matchers: interrupts, faults and commands of all steps so far, not only of the last one.
   */
  get whole(): WholeRun {
    return new WholeRun(this);
  }

  /** Everything that the steps so far let be seen, as text: for a snapshot. */
  observations(): Promise<Observations> {
    return observationsOf(this.spec);
  }

  /** What the matchers check against. */
  scene(whole: boolean): Scene {
    const { spec, observation, checker, life } = this;
    const heard = whole ? life : observation;
    const index = this.steps.length - 1;
    return {
      case: spec,
      step: whole || index < 0 ? undefined : index,
      ...(whole ? { when: 'so far' } : index < 0 ? { when: 'after boot' } : {}),
      observation,
      captures: checker.captures,
      domains: checker.domains,
      interrupts: heard.interrupts(),
      faults: () => heard.faults(),
      commands: () => heard.commands(),
      invalidations: () => heard.invalidations(),
    };
  }

  get performed(): number {
    return this.steps.length;
  }

  /** Findings as `doorbell run` tells them: both sides, the way of the MSI, the last events. */
  textOf(findings: readonly Finding[], scene: Scene): string {
    const { spec } = this;
    const told = { case: spec, ...(scene.when === undefined ? {} : { moment: scene.when }) };
    const texts = findings.map((finding, i) => {
      const failure = failureOf(finding, spec, scene.step, scene.observation, () => undefined);
      const form = i < findings.length - 1 ? 'short' : 'whole';
      return failureText(
        { ...failure, diagnostic: withoutPlace(failure.diagnostic) },
        told,
        plain,
        undefined,
        form,
      );
    });
    return texts.join('\n').trimEnd();
  }

  /** Jest shows the line of the topmost frame: the test's, not this file's. */
  private fail(error: Error): never {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is not called
    Error.captureStackTrace(error, this.perform);
    throw error;
  }

  private read(words: unknown): Step {
    const step = readStep(words, this.memory);
    if (step.operation.op === 'map' && ++this.mapped > USER_MAPPINGS)
      throw new UsageError(
        `a machine of a hand-written test has at most ${USER_MAPPINGS} map steps`,
      );
    return step;
  }

  private carryOut(step: Step): { readonly findings: readonly Finding[] } {
    this.steps.push(step);
    this.observation = this.model.perform(step.operation);
    const interrupts = this.observation.interrupts();
    const faults = this.observation.faults();
    this.hasControl ||=
      (interrupts.seen && interrupts.value.length > 0) || (faults.seen && faults.value.length > 0);
    this.life.add(this.observation, interrupts);
    return this.checker.afterStep(this.steps.length - 1, step, this.observation);
  }
}

/** `machine.whole`, for expect(). */
export class WholeRun {
  readonly machine: TestMachine;

  constructor(machine: TestMachine) {
    this.machine = machine;
  }
}

/** The step's place in a text that no reader has. */
function withoutPlace(diagnostic: Diagnostic): Diagnostic {
  const { place, ...rest } = diagnostic;
  return place === undefined ? diagnostic : rest;
}
