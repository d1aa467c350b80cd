/**
 * What a real kernel in QEMU can build and do, decided from the case alone, before anything boots.
 * The answer to a case that cannot run is a reason that its author can act on.
 */
import { operationText } from '../../../src/operation-text.ts';
import type { Topology } from '../../../src/topology/topology.ts';
import type { OpenRequest } from '../target.ts';
import { checkRoom } from './bridges.ts';
import { traitsOf } from './kernels.ts';
import { type CasePlan, Planner } from './plan.ts';
import type { Recipe } from './qemu-needs.ts';
import { qemuVectors } from './qemu/machine.ts';
import { checkMachine } from './support-machine.ts';

/** Either how to run the case, or why not. */
export type Support = { readonly plan: CasePlan } | { readonly unsupported: string };

/** Where a kernel runs: which topologies it can be, and what it has to carry a case out with. */
export interface Place {
  /** Why it cannot be this topology, or undefined. */
  readonly check: (topology: Topology) => string | undefined;
  /** What each device is, where that is not for the plan to choose. */
  readonly recipes?: (topology: Topology) => Readonly<Record<string, Recipe>>;
  /** Whether there are devices to spare, and boots, which only a guest has. */
  readonly isGuest: boolean;
}

/** `pageSize`: the kernel's. */
export const inQemu = (pageSize: number): Place => ({
  check: (topology) => checkMachine(topology, pageSize),
  isGuest: true,
});

/** `release`: uname -r. */
export function supportOf(request: OpenRequest, release: string, place = inQemu(4096)): Support {
  const traits = traitsOf(release);
  if (traits === undefined) return { unsupported: unknownVersion(release) };
  const { operations, design } = request;
  const topology = usedPart(request.topology);
  if (design.name !== traits.design)
    return {
      unsupported: `the case is for ${design.name}, and this kernel (${release}) maps doorbells as ${traits.design}`,
    };
  const named = request.kernel?.version;
  if (named !== undefined && !isRelease(named, release))
    return { unsupported: `the case is about Linux ${named}; this kernel is ${release}` };
  if (Object.keys(request.kernel?.switches ?? {}).length > 0)
    return { unsupported: 'changes of a booted kernel cannot be switched' };
  const machine = place.check(topology);
  if (machine !== undefined) return { unsupported: machine };
  const planner = new Planner(topology, traits);
  for (const [index, operation] of operations.entries()) {
    const why = planner.add(operation);
    if (why === undefined) continue;
    return { unsupported: `step ${index + 1}, ${operationText(operation)}: ${why}` };
  }
  const plan = planner.plan();
  const why = place.isGuest
    ? (checkRoom(topology, plan.recipes) ?? checkOverasked(plan, planner))
    : checkPlace(plan, planner, place);
  return why === undefined ? { plan } : { unsupported: why };
}

const unknownVersion = (release: string): string =>
  `which version of Linux ${release} is cannot be told, so nor what to expect of it; an uncompressed Image says it, else let the file's name end with it (vmlinuz-6.12.3)`;

/** What VFIO is to refuse it would grant to a device that has more vectors in QEMU. */
function checkOverasked({ topology, recipes }: CasePlan, { overasked }: Planner) {
  const real = qemuVectors(topology.devices, recipes);
  const [granted] = [...overasked].filter(([name, asked]) => asked <= (real[name] ?? 0));
  return granted === undefined
    ? undefined
    : `${granted[0]} is to be refused ${granted[1]} vectors, and QEMU's ${recipes[granted[0]]} has ${real[granted[0]]}`;
}

/** A board is as it is, and is not booted again. */
function checkPlace(plan: CasePlan, planner: Planner, { recipes }: Place): string | undefined {
  const [fresh] = plan.unprobed;
  if (fresh !== undefined)
    return `${fresh} must never have had a driver since the boot, which nobody knows of a board`;
  const [outlived] = planner.outlived;
  if (outlived !== undefined)
    return `${outlived} lives on without a device, and a board has none to spare for its container: say vfio: true of it`;
  const there = recipes?.(plan.topology) ?? {};
  const [wrong] = Object.entries(plan.recipes).filter(([name, kind]) => there[name] !== kind);
  return wrong === undefined
    ? undefined
    : `${wrong[0]} is to be ${wrong[1]} in this case, and on the board it is ${there[wrong[0]]}`;
}

/** Controllers that no device names need not be there. */
export function usedPart(topology: Topology): Topology {
  const used = new Set(
    Object.values(topology.devices).map(({ msiParent }) => msiParent.controller),
  );
  const controllers = Object.entries(topology.msiControllers).filter(([name]) => used.has(name));
  return { ...topology, msiControllers: Object.fromEntries(controllers) };
}

/** 6.12 is any 6.12.n; 6.12.78 is that one. */
const isRelease = (named: string, release: string): boolean =>
  release === named || release.startsWith(`${named}.`) || release.startsWith(`${named}-`);
