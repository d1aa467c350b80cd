/**
 * What a real kernel in QEMU can build and do, decided from the case alone, before anything boots. The
 * answer to a case that cannot run is a reason that its author can act on.
 */
import type { Topology } from '../../../src/topology/topology.ts';
import type { OpenRequest } from '../target.ts';
import { traitsOf } from './kernels.ts';
import { type CasePlan, Planner } from './plan.ts';
import { checkMachine } from './support-machine.ts';

/** Either how to run the case, or why not. */
export type Support = { readonly plan: CasePlan } | { readonly unsupported: string };

/** `release`: uname -r. */
export function supportOf(request: OpenRequest, release: string): Support {
  const traits = traitsOf(release);
  if (traits === undefined)
    return { unsupported: `${release} does not begin with the version of a kernel` };
  const { operations, design } = request;
  const topology = usedPart(request.topology);
  if (design.name !== traits.design)
    return { unsupported: `this kernel is ${traits.design}; it does not implement ${design.name}` };
  const named = request.kernel?.version;
  if (named !== undefined && !isRelease(named, release))
    return { unsupported: `the case is about Linux ${named}; this kernel is ${release}` };
  if (Object.keys(request.kernel?.switches ?? {}).length > 0)
    return { unsupported: 'changes of a booted kernel cannot be switched' };
  const machine = checkMachine(topology);
  if (machine !== undefined) return { unsupported: machine };
  const planner = new Planner(topology, traits);
  for (const operation of operations) {
    const why = planner.add(operation);
    if (why !== undefined) return { unsupported: why };
  }
  return { plan: planner.plan() };
}

/** Controllers that no device names need not be there. */
function usedPart(topology: Topology): Topology {
  const used = new Set(
    Object.values(topology.devices).map(({ msiParent }) => msiParent.controller),
  );
  const controllers = Object.entries(topology.msiControllers).filter(([name]) => used.has(name));
  return { ...topology, msiControllers: Object.fromEntries(controllers) };
}

/** 6.12 is any 6.12.n; 6.12.78 is that one. */
const isRelease = (named: string, release: string): boolean =>
  release === named || release.startsWith(`${named}.`) || release.startsWith(`${named}-`);
