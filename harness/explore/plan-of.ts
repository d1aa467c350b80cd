/** From a case to what is explored of it. */
import type { Operation, VectorName } from '../../src/operation.ts';
import { isKernelOperation, OPERATION_KINDS } from '../../src/operation-kinds.ts';
import { DESIGNS } from '../../src/designs/designs.ts';
import { behaviourOf, leavesStale } from '../../src/kernel/changes/changes.ts';
import type { Freedom, FreedomName } from '../../src/explore/model/freedoms.ts';
import { MAX_CHOICES, MAX_FIRES } from '../../src/explore/model/plan.ts';
import { vectorCapacity } from '../../src/topology/resolve.ts';
import type { Topology } from '../../src/topology/topology.ts';
import { operationText } from '../../src/operation-text.ts';
import type { Case, Step } from '../spec/case.ts';
import type { CasePlan } from './system-source.ts';

export interface Unexplorable {
  readonly unexplorable: string;
}

/** What neither a procedure of one thread carries out nor a device does of itself at any moment. */
const isNotExplored = ({ op }: Operation): boolean => OPERATION_KINDS[op].by === 'others';

const expectsError = ({ expect }: Step): boolean =>
  expect.some((e) => e.kind === 'error' && e.error !== 'none');

/**
 * With `interleave:` its threads, after the steps; else the steps themselves as one thread, with
 * the devices that raise their vectors at any moment.
 */
export function planOf(
  spec: Case,
  /** What the command says of it; else the spec, else what is usual. */
  freedom: Partial<Freedom> = {},
): CasePlan | Unexplorable {
  const unsupported = DESIGNS[spec.design.name].unsupported?.(spec.topology);
  if (unsupported !== undefined) return { unexplorable: unsupported };
  const { threads = [], fires } = spec.explore ?? {};
  const steps = spec.steps.map(({ operation }) => operation);
  const interleaved = threads.length > 0;
  // Before an interleaving they are done in one go, as in a run.
  const strange = interleaved ? undefined : steps.find(isNotExplored);
  if (strange !== undefined) return { unexplorable: `${strange.op} is not explored` };
  const lists = interleaved
    ? threads.map(({ name, operations, free, atMost }) => ({
        name,
        free,
        ...(atMost === undefined ? {} : { atMost }),
        operations: operations.filter(isKernelOperation),
      }))
    : [
        {
          name: 'kernel',
          free: false,
          operations: steps.filter(isKernelOperation),
          mayFail: spec.steps.filter(expectsError).map(({ operation }) => operationText(operation)),
        },
      ];
  if (lists.some(({ operations }) => operations.length > MAX_CHOICES))
    return { unexplorable: `a thread of more than ${MAX_CHOICES} steps is not explored` };
  const all = [...steps, ...lists.flatMap(({ operations }) => operations)];
  const raised = fires ?? setUpVectors(all, spec.topology);
  if (raised.length > MAX_FIRES)
    return { unexplorable: `more than ${MAX_FIRES} vectors that are raised are not explored` };
  return {
    topology: spec.topology,
    design: spec.design,
    ...(spec.kernel === undefined ? {} : { kernel: spec.kernel }),
    userMappings: all.filter(({ op }) => op === 'map').length,
    before: interleaved
      ? spec.steps.map((step) => ({ operation: step.operation, mayFail: expectsError(step) }))
      : [],
    threads: lists,
    fires: raised,
    ...freedomOf(spec, freedom),
    ...(spec.explore?.properties === undefined ? {} : { own: spec }),
  };
}

export const usualFreedom = ({ kernel }: Case): Freedom => ({
  writes: 'posted',
  // Caches cannot be told from none where a kernel invalidates all that it changes; else they are
  // what it is about.
  caches: kernel !== undefined && leavesStale(behaviourOf(kernel)) ? 'kept' : 'none',
  commands: 'at-once',
});

function freedomOf(spec: Case, asked: Partial<Freedom>): Freedom {
  const usual = usualFreedom(spec);
  const of = <N extends FreedomName>(name: N): Freedom[N] =>
    asked[name] ?? spec.explore?.[name] ?? usual[name];
  return { writes: of('writes'), caches: of('caches'), commands: of('commands') };
}

/** Every vector that some operation sets up; of those that the device has. */
function setUpVectors(operations: readonly Operation[], topology: Topology): VectorName[] {
  const most = new Map<string, number>();
  for (const operation of operations)
    if (operation.op === 'setup')
      most.set(
        operation.device,
        Math.max(most.get(operation.device) ?? 0, (operation.start ?? 0) + operation.vectors),
      );
  return [...most].flatMap(([device, n]) => {
    const spec = topology.devices[device];
    const length = Math.min(n, spec === undefined ? 0 : vectorCapacity(spec));
    return Array.from({ length }, (_, index) => ({ device, index }));
  });
}
