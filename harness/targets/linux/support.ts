/**
 * What a real kernel in QEMU can build and do, decided from the case alone, before anything boots. The
 * answer to a case that cannot run is a reason that its author can act on.
 */
import type { OpenRequest } from '../target.ts';
import type { KernelTraits } from './kernels.ts';
import { type CasePlan, Planner } from './plan.ts';
import { checkMachine } from './support-machine.ts';

/** Either how to run the case, or why not. */
export type Support = { readonly plan: CasePlan } | { readonly unsupported: string };

export function supportOf(request: OpenRequest, traits: KernelTraits): Support {
  const { topology, operations, design } = request;
  if (design.name !== traits.design)
    return { unsupported: `this kernel is ${traits.design}; it does not implement ${design.name}` };
  const machine = checkMachine(topology);
  if (machine !== undefined) return { unsupported: machine };
  const planner = new Planner(topology, traits);
  for (const operation of operations) {
    const why = planner.add(operation);
    if (why !== undefined) return { unsupported: why };
  }
  return { plan: planner.plan() };
}
