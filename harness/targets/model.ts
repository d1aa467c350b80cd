/** The model in this process. */
import { ModelMachine, whyUnsupported } from '../../src/machine.ts';
import type { Machine, OpenRequest, Target, Unsupported } from './target.ts';

/**
 * Machines that are kept for the next case on the same topology: building one costs as much as ten
 * steps.
 */
const KEPT = 4;

interface Kept {
  readonly request: OpenRequest;
  readonly machine: ModelMachine;
}

const kept: Kept[] = [];

const isBuiltFor = (a: OpenRequest, b: OpenRequest): boolean =>
  a.topology === b.topology && a.userMappings === b.userMappings;

const isSameKernel = (a: OpenRequest, b: OpenRequest): boolean =>
  a.design.name === b.design.name &&
  a.design.initialCount === b.design.initialCount &&
  (a.kernel === b.kernel || JSON.stringify(a.kernel) === JSON.stringify(b.kernel));

function open(request: OpenRequest): Machine | Unsupported {
  const unsupported = whyUnsupported(request);
  if (unsupported !== undefined) return { unsupported };
  for (const [at, { request: before, machine }] of kept.entries()) {
    if (!isBuiltFor(before, request)) continue;
    if (!isSameKernel(before, request) && !machine.become(request)) continue;
    kept.splice(at, 1);
    return lent({ request, machine });
  }
  return lent({ request, machine: new ModelMachine(request) });
}

/** Given back by close(), as it was after boot. */
function lent(one: Kept): Machine {
  const { machine } = one;
  return {
    perform: (operation) => machine.perform(operation),
    observe: () => machine.observe(),
    close: () => {
      machine.reset();
      kept.push(one);
      if (kept.length > KEPT) kept.shift();
    },
  };
}

export const modelTarget: Target = { name: 'model', open };
