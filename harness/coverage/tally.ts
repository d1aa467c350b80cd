/** Which of the model's names a run has reached, from the traces of its steps. */
import type { TraceEvent } from '../../src/observation.ts';
import {
  type Aspect,
  ASPECTS,
  hookSteps,
  UNREACHABLE,
  universe,
  type Universe,
} from '../../src/observe/universe.ts';
import type { Operation } from '../../src/operation.ts';
import { OPERATION_KINDS } from '../../src/operation-kinds.ts';
import type { ReportedCase, StepResult } from '../run/events.ts';
import type { Case } from '../spec/case.ts';

export interface AspectCoverage {
  readonly total: number;
  /** Reached names with how often. */
  readonly reached: Readonly<Record<string, number>>;
  readonly never: readonly string[];
  /** Of those, by name, that nothing can reach: why. */
  readonly reasons: Readonly<Record<string, string>>;
}
export type Coverage = Readonly<Record<Aspect, AspectCoverage>>;

export class Tally {
  private readonly all: Universe = universe();
  private readonly counts = new Map<Aspect, Map<string, number>>(
    ASPECTS.map((aspect) => [aspect, new Map<string, number>()]),
  );

  step(spec: ReportedCase, { step, trace }: StepResult): void {
    // What runs in this process is a whole case.
    if (!isCase(spec)) return;
    const procedure = procedureOf(step.operation as Operation, spec);
    if (procedure !== undefined) this.count('procedures', procedure);
    const own = hookSteps(spec.design.name);
    for (const event of trace) this.event(event, spec, own);
  }

  private event({ kind, text }: TraceEvent, spec: Case, own: ReadonlySet<string>): void {
    const [first = ''] = text.split(' ');
    switch (kind) {
      case 'step':
        this.count('steps', text);
        if (own.has(text)) this.count('designs', `${spec.design.name}: ${text}`);
        return;
      case 'command':
        return this.count('commands', first);
      case 'fault':
        return this.count('faults', first);
      case 'lost':
        return this.count('losses', text);
      case 'write':
      case 'interrupt':
      case 'map':
      case 'unmap':
      case 'ref':
    }
  }

  private count(aspect: Aspect, name: string): void {
    const counts = this.counts.get(aspect);
    counts?.set(name, (counts.get(name) ?? 0) + 1);
  }

  coverage(): Coverage {
    const entries = ASPECTS.map((aspect) => [aspect, this.aspect(aspect)] as const);
    return Object.fromEntries(entries) as unknown as Coverage;
  }

  private aspect(aspect: Aspect): AspectCoverage {
    const names = this.all[aspect];
    const counts = this.counts.get(aspect) ?? new Map<string, number>();
    // A name that the universe does not have is a hole in the universe, not coverage.
    const strange = [...counts.keys()].filter((name) => !names.includes(name));
    if (strange.length > 0)
      throw new Error(`IMPOSSIBLE: ${aspect} outside the universe: ${strange.join(', ')}`);
    const never = names.filter((name) => !counts.has(name));
    return {
      total: names.length,
      reached: Object.fromEntries(
        names.flatMap((name) => (counts.has(name) ? [[name, counts.get(name) as number]] : [])),
      ),
      never,
      reasons: Object.fromEntries(
        never.flatMap((name) => (UNREACHABLE[name] === undefined ? [] : [[name, UNREACHABLE[name]]])),
      ),
    };
  }
}

const isCase = (spec: ReportedCase): spec is Case => 'design' in spec && 'expect' in spec;

/**
 * As the universe names it: `setup/gicv3-its`, `attach`. Devices' own doings are no procedure of
 * the kernel.
 */
function procedureOf(operation: Operation, { topology }: Case): string | undefined {
  const of = (name: string, device: string): string | undefined => {
    const parent = topology.devices[device]?.msiParent.controller;
    const kind = parent === undefined ? undefined : topology.msiControllers[parent]?.kind;
    return kind === undefined ? undefined : `${name}/${kind}`;
  };
  const { by } = OPERATION_KINDS[operation.op];
  if (by !== 'kernel') return undefined;
  if (operation.op === 'attach' || operation.op === 'detach') return operation.op;
  if (operation.op === 'teardown')
    return of(operation.index === undefined ? 'teardown' : 'free_irq', operation.device);
  if ('vector' in operation) return of(operation.op, operation.vector.device);
  return 'device' in operation ? of(operation.op, operation.device) : operation.op;
}
