/**
 * One transition as a story tells it: who, in which operation, by the kernel's names, and what came
 * of it.
 */
import type { KernelOperation } from '../../operation-kinds.ts';
import { traceOf, vectorName } from '../../observe/decode.ts';
import { operationText } from '../../operation-text.ts';
import type { Stale } from './hardware-steps.ts';
import type { Label } from './labels.ts';
import type { ExploreMachine } from './machine.ts';

export interface StoryStep {
  readonly kind: Label['kind'];
  /** A thread of the plan, a device, an ITS or an SMMU. */
  readonly actor: string;
  /** Of a device that raises one. */
  readonly vector?: string;
  /** Of a thread: what it is carrying out. */
  readonly operation?: string;
  /** The step begins it; ends it. */
  readonly begins: boolean;
  readonly ends: boolean;
  /** What is done, then what came of it. */
  readonly lines: readonly { readonly kind: string; readonly text: string }[];
}

/**
 * What the state before the step has to say: the thread's operation; what is about to be dropped.
 */
export interface Before {
  readonly operation: KernelOperation | undefined;
  readonly stale: Stale | undefined;
}

/** After the step was taken, with its events in the log. */
export function storyStep(
  machine: ExploreMachine,
  label: Label,
  { operation, stale }: Before,
): StoryStep {
  const { topology } = machine.kernel;
  const lines: StoryStep['lines'][number][] = [];
  machine.log.forEach((w, at) => {
    const { kind, text } = traceOf(topology, w, at);
    if (kind !== 'write' || label.kind !== 'arrive') lines.push({ kind, text });
  });
  switch (label.kind) {
    case 'begin':
    case 'step': {
      const plan = machine.plan.threads[label.thread];
      const what = label.kind === 'begin' ? plan?.operations[label.choice] : operation;
      return {
        kind: label.kind,
        actor: plan?.name ?? '?',
        ...(what === undefined ? {} : { operation: operationText(what) }),
        begins: label.kind === 'begin',
        ends: machine.ended !== 1,
        lines,
      };
    }
    case 'fire': {
      const { device = 0, vector = 0 } = machine.fires[label.fire] ?? {};
      const name = vectorName(topology, vector);
      const raised = [{ kind: 'write', text: `${name} is raised` }, ...lines];
      return { ...deviceStep(machine, label.kind, device, raised), vector: name };
    }
    case 'arrive':
      return deviceStep(machine, label.kind, label.device, [
        { kind: 'write', text: 'its write arrives' },
        ...lines,
      ]);
    case 'read': {
      const actor = machine.hardware.queues[label.queue]?.owner ?? '?';
      return hardwareStep(label.kind, actor, 'reads a command', lines);
    }
    case 'forget':
      return hardwareStep(label.kind, stale?.owner ?? '?', `drops ${stale?.what ?? '?'}`, lines);
  }
}

const hardwareStep = (
  kind: Label['kind'],
  actor: string,
  text: string,
  lines: StoryStep['lines'],
): StoryStep => ({
  kind,
  actor,
  begins: false,
  ends: false,
  lines: [{ kind: 'command', text }, ...lines],
});

const deviceStep = (
  machine: ExploreMachine,
  kind: Label['kind'],
  device: number,
  lines: StoryStep['lines'],
): StoryStep => ({
  kind,
  actor: machine.kernel.device(device).name,
  begins: false,
  ends: false,
  lines: lines.filter(({ kind }) => kind !== EVENT_STEP),
});

/** A device takes no steps of the kernel's. */
const EVENT_STEP = 'step';

/** The kernel's name of a thread's step; undefined: it took a lock and waits, or ended at once. */
export const stepName = ({ lines }: StoryStep): string | undefined =>
  lines.find(({ kind }) => kind === EVENT_STEP)?.text;

export const storyText = ({ actor, operation, lines }: StoryStep): string =>
  `${actor}${operation === undefined ? '' : ` (${operation})`}: ${lines.map(({ text }) => text).join('; ') || 'nothing happens'}`;
