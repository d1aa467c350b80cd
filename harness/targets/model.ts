/** The model in this process. */
import type { KernelChoice } from '../../src/kernel/changes/changes.ts';
import { type ModelMachine, openModel } from '../../src/machine.ts';
import type { Machine, OpenRequest, Target, Unsupported } from './target.ts';

/** Machines that are kept for the next case on the same topology: building one costs as much as ten steps. */
const KEPT = 4;

interface Kept {
  readonly request: OpenRequest;
  readonly machine: ModelMachine;
}

const kept: Kept[] = [];

const isSameKernel = (a: KernelChoice | undefined, b: KernelChoice | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b));

const isFor = (a: OpenRequest, b: OpenRequest): boolean =>
  a.topology === b.topology &&
  a.design.name === b.design.name &&
  a.design.initialCount === b.design.initialCount &&
  a.userMappings === b.userMappings &&
  isSameKernel(a.kernel, b.kernel);

function open(request: OpenRequest): Machine | Unsupported {
  const at = kept.findIndex((one) => isFor(one.request, request));
  if (at >= 0) return lent(...(kept.splice(at, 1) as [Kept]));
  const machine = openModel(request);
  return 'unsupported' in machine ? machine : lent({ request, machine });
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

export const TARGETS: Readonly<Record<string, Target>> = { model: modelTarget };
