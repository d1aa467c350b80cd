/** One transition in words: who, by the kernel's name for the step, and what came of it. */
import { EVENT } from '../../events/event-log.ts';
import type { KernelOperation } from '../../kernel/call.ts';
import { vectorName } from '../../observe/decode.ts';
import { traceOf } from '../../observe/decode.ts';
import type { Label } from './labels.ts';
import type { ExploreMachine } from './machine.ts';
import { operationText } from './operation-text.ts';

/** After the step was taken, with its events in the log. */
export function stepText(
  machine: ExploreMachine,
  label: Label,
  operation: KernelOperation | undefined,
): string {
  const events: string[] = [];
  const { topology } = machine.kernel;
  machine.log.forEach((w, at) => {
    if (w[at] !== EVENT.write || label.kind === 'arrive' || label.kind === 'fire')
      events.push(traceOf(topology, w, at).text);
  });
  return `${actorOf(machine, label, operation)}: ${events.join('; ') || 'nothing happens'}`;
}

function actorOf(
  machine: ExploreMachine,
  label: Label,
  operation: KernelOperation | undefined,
): string {
  const { plan, kernel } = machine;
  switch (label.kind) {
    case 'begin':
    case 'step': {
      const thread = plan.threads[label.thread];
      const what = label.kind === 'begin' ? thread?.operations[label.choice] : operation;
      return `${thread?.name ?? '?'}${what === undefined ? '' : ` (${operationText(what)})`}`;
    }
    case 'fire':
      return `${vectorName(kernel.topology, machine.fires[label.fire]?.vector ?? 0)} raised`;
    case 'arrive':
      return `write of ${kernel.device(label.device).name} arrives`;
  }
}
